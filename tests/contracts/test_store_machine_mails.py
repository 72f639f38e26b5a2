"""Automatic mails in every store: counted by address, once for each message, gone with their conversation."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from switchboard.ports.machine_mails import MachineMail
from switchboard.ports.store import Store
from tests.stores.opening import START
from tests.stores.samples import newcomer

MAIL = MachineMail(key="msg_1", conversation_id=None, at=START)
HOUR = timedelta(hours=1)


class TestMachineMails:
    async def test_are_found_by_their_address_in_any_case(self, store: Store) -> None:
        later = replace(MAIL, key="msg_2", at=START + HOUR)
        await store.write(lambda work: work.machine_mails.add("Ann@x.y", later))
        await store.write(lambda work: work.machine_mails.add("ann@x.y", MAIL))

        assert await store.read(lambda work: work.machine_mails.to("ANN@x.y", START - HOUR)) == (MAIL, later)
        assert await store.read(lambda work: work.machine_mails.to("ann@x.y", START)) == (later,)
        assert await store.read(lambda work: work.machine_mails.to("bob@x.y", START - HOUR)) == ()

    async def test_count_once_for_each_message(self, store: Store) -> None:
        for at in (START, START + HOUR):
            await store.write(lambda work, at=at: work.machine_mails.add("a@x.y", replace(MAIL, at=at)))  # type: ignore[misc]  # bound now

        assert await store.read(lambda work: work.machine_mails.to("a@x.y", START - HOUR)) == (MAIL,)

    async def test_are_forgotten_after_their_time(self, store: Store) -> None:
        await store.write(lambda work: work.machine_mails.add("a@x.y", MAIL))

        assert await store.write(lambda work: work.machine_mails.purge(START + HOUR)) == 1
        assert await store.read(lambda work: work.machine_mails.to("a@x.y", START - HOUR)) == ()

    async def test_go_with_the_customer(self, store: Store) -> None:
        talk = await store.write(newcomer)
        mail = replace(MAIL, conversation_id=talk.conversation_id)
        await store.write(lambda work: work.machine_mails.add("a@x.y", mail))

        await store.write(lambda work: work.customers.erase(talk.customer_id, START))

        assert await store.read(lambda work: work.machine_mails.to("a@x.y", START - HOUR)) == ()

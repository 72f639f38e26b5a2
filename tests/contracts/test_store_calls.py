"""Calls in every store: found by id and conversation, safe against rivals, gone with their caller."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from switchboard.domain.call import Call, CallStage, CallStatus
from switchboard.domain.ids import MessageId
from switchboard.errors import Conflict
from switchboard.ports.store import Store
from tests.stores.opening import START
from tests.stores.samples import newcomer

CALL = Call(call_id="CA1", account="+49301", started_at=START, updated_at=START, last_words="It is on its way.")


class TestACall:
    async def test_comes_back_as_it_was(self, store: Store) -> None:
        kept = replace(CALL, stage=CallStage.WAITING, to_say=(MessageId("msg_1"),), replies={"3": "<Response/>"})
        saved = await store.write(lambda work: work.calls.save(kept))

        found = await store.read(lambda work: work.calls.get("CA1"))

        assert found == saved == replace(kept, version=1)
        assert await store.read(lambda work: work.calls.get("CA2")) is None

    async def test_is_not_overwritten_by_a_rival(self, store: Store) -> None:
        first = await store.write(lambda work: work.calls.save(CALL))
        await store.write(lambda work: work.calls.save(replace(first, misses=1)))

        for stale in (first, CALL):
            with pytest.raises(Conflict):
                await store.write(lambda work, stale=stale: work.calls.save(stale))  # type: ignore[misc]  # bound now

    async def test_that_goes_on_is_found_by_its_conversation(self, store: Store) -> None:
        talk = await store.write(newcomer)
        linked = replace(CALL, conversation_id=talk.conversation_id, customer_id=talk.customer_id)
        saved = await store.write(lambda work: work.calls.save(linked))
        live = await store.read(lambda work: work.calls.live_of(talk.conversation_id))
        assert live == saved

        await store.write(lambda work: work.calls.save(replace(saved, status=CallStatus.COMPLETED)))

        assert await store.read(lambda work: work.calls.live_of(talk.conversation_id)) is None
        assert len(await store.read(lambda work: work.calls.of_conversation(talk.conversation_id))) == 1

    async def test_that_fell_silent_is_found_until_it_is_over(self, store: Store) -> None:
        saved = await store.write(lambda work: work.calls.save(CALL))
        later = START + timedelta(minutes=5)
        assert await store.read(lambda work: work.calls.silent(later)) == (saved,)
        assert await store.read(lambda work: work.calls.silent(START)) == ()

        await store.write(lambda work: work.calls.save(replace(saved, status=CallStatus.FAILED)))

        assert await store.read(lambda work: work.calls.silent(later)) == ()

    async def test_in_which_nobody_spoke_is_cleared_away(self, store: Store) -> None:
        await store.write(lambda work: work.calls.save(CALL))

        assert await store.write(lambda work: work.calls.purge(START + timedelta(days=7))) == 1

    async def test_goes_with_its_caller(self, store: Store) -> None:
        talk = await store.write(newcomer)
        linked = replace(CALL, conversation_id=talk.conversation_id, customer_id=talk.customer_id)
        await store.write(lambda work: work.calls.save(linked))

        await store.write(lambda work: work.customers.erase(talk.customer_id, START))

        assert await store.read(lambda work: work.calls.get("CA1")) is None

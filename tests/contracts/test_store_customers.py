"""Customers in every store: found by address, merged and parted, erased."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from switchboard.domain.customer import CustomerValue, Evidence, Issue, Purchase
from switchboard.domain.ids import ConversationId, CustomerId, MessageId
from switchboard.domain.inbound import SenderAddress
from switchboard.domain.message import ChannelType
from switchboard.errors import Conflict
from switchboard.ports.records import MergeRecord, Page
from switchboard.ports.store import Store
from tests.stores.opening import START, SetClock
from tests.stores.samples import all_of, bound, conversation, customer, identity, message, newcomer, said, state


def sender(address: str, channel: ChannelType = ChannelType.WHATSAPP, account: str = "acme") -> SenderAddress:
    return SenderAddress(channel=channel, address=address, account=account)


def bought(number: str = "1001") -> Purchase:
    return Purchase(
        purchase_id=f"p-{number}",
        product="Kettle",
        amount=Decimal("49.90"),
        currency="EUR",
        purchased_at=START,
        order_number=number,
        details={"colour": "red"},
    )


class TestAProfile:
    async def test_comes_back_as_it_was_given(self, store: Store) -> None:
        profile = customer(
            "Ana Lima",
            identity(),
            email="ana@example.com",
            phone="+4917012345",
            customer_value=CustomerValue.VIP,
            language="pt",
            location="Lisbon",
            name_set_by_staff=True,
            preferences={"news": "no"},
            purchase_history=(bought(),),
            preferred_channel=ChannelType.EMAIL,
            last_agent_id="agt_1",
        )
        await store.write(lambda work: work.customers.add(profile))
        assert await store.read(lambda work: work.customers.get(profile.customer_id)) == profile

    async def test_saving_a_brief_one_loses_nothing(self, store: Store) -> None:
        issue = Issue(
            issue_id="i1", conversation_id=ConversationId("c"), intent="request", topic="general", created_at=START
        )
        profile = customer("Ana", identity(), purchase_history=(bought(),), previous_issues=(issue,))
        await store.write(lambda work: work.customers.add(profile))
        brief = await store.read(lambda work: work.customers.brief(profile.customer_id))
        assert brief is not None
        assert brief.purchase_history == ()
        await store.write(lambda work: work.customers.save(replace(brief, language="de")))
        whole = await store.read(lambda work: work.customers.get(profile.customer_id))
        assert whole == replace(profile, language="de")

    async def test_unknown_is_none(self, store: Store) -> None:
        assert await store.read(lambda work: work.customers.get(CustomerId("nobody"))) is None


class TestAnAddress:
    async def test_leads_to_its_owner_and_a_phone_number_on_both_phone_channels(self, store: Store) -> None:
        profile = customer("Ana", identity("+49 170 12345"))
        await store.write(lambda work: work.customers.add(profile))
        voice, stranger = sender("+4917012345", ChannelType.VOICE, "hotline"), sender("+4999999999")
        found = await store.read(lambda work: work.customers.owners([voice, stranger]))
        assert found == {(ChannelType.VOICE, "hotline", "+4917012345"): profile.customer_id}

    async def test_e_mail_does_not_depend_on_case_or_mailbox(self, store: Store) -> None:
        profile = customer("Ana", identity("Ana@Example.com", ChannelType.EMAIL))
        await store.write(lambda work: work.customers.add(profile))
        asked = sender("ana@example.COM", ChannelType.EMAIL, "other@acme")
        assert list((await store.read(lambda work: work.customers.owners([asked]))).values()) == [profile.customer_id]

    async def test_of_somebody_else_is_refused(self, store: Store) -> None:
        ana, ben = customer("Ana", identity()), customer("Ben")
        await store.write(lambda work: all_of(work.customers.add, (ana, ben)))
        with pytest.raises(Conflict):
            await store.write(lambda work: work.customers.add_identity(ben.customer_id, identity()))
        with pytest.raises(Conflict):
            await store.write(
                lambda work: work.customers.add_identity(ben.customer_id, identity(channel=ChannelType.VOICE))
            )

    async def test_given_again_with_better_evidence_is_upgraded_never_downgraded(self, store: Store) -> None:
        weak = identity(verified=False, evidence=Evidence.CLAIMED)
        profile = customer("Ana", weak)
        await store.write(lambda work: work.customers.add(profile))
        better = identity(evidence=Evidence.LINKED_BY_AGENT)
        await store.write(lambda work: work.customers.add_identity(profile.customer_id, better))
        await store.write(lambda work: work.customers.add_identity(profile.customer_id, weak))
        known = await store.read(lambda work: work.customers.get(profile.customer_id))
        assert known is not None
        assert [(each.verified, each.evidence) for each in known.identities] == [(True, Evidence.LINKED_BY_AGENT)]

    async def test_once_removed_is_free_for_another(self, store: Store) -> None:
        ana, ben = customer("Ana", identity()), customer("Ben")
        await store.write(lambda work: all_of(work.customers.add, (ana, ben)))
        await store.write(
            lambda work: work.customers.remove_identity(ana.customer_id, ChannelType.WHATSAPP, "acme", "+4917012345")
        )
        await store.write(lambda work: work.customers.add_identity(ben.customer_id, identity()))
        assert await store.read(lambda work: work.customers.knows_address("+4917012345")) == ben.customer_id


class TestTheListOfCustomers:
    async def test_turns_pages_newest_first_without_gap_or_repeat(self, store: Store) -> None:
        people = [customer(f"Person {n}", created_at=START + timedelta(days=n)) for n in range(7)]
        await store.write(lambda work: all_of(work.customers.add, people))
        seen, cursor = [], None
        for _ in range(4):
            page = Page(limit=2, cursor=cursor)
            rows = await store.read(bound(lambda work, page: work.customers.page(page), page))
            seen += [row.name for row in rows.items]
            cursor = rows.next_cursor
        assert seen == [f"Person {n}" for n in reversed(range(7))]
        assert cursor is None

    @pytest.mark.parametrize("query", ["lima ANA", "ana@example.com", "+49 170 12345", "1001", "#1001"])
    async def test_finds_by_name_address_phone_and_order_number(self, store: Store, query: str) -> None:
        ana = customer("Ana Lima", identity(), email="ana@example.com", purchase_history=(bought(),))
        ben = customer("Ben Lima")
        await store.write(lambda work: all_of(work.customers.add, (ana, ben)))
        rows = await store.read(lambda work: work.customers.page(Page(), query))
        assert [row.customer_id for row in rows.items] == [ana.customer_id]


class TestAMerge:
    async def test_moves_everything_and_can_be_undone(self, store: Store) -> None:
        ana = customer("Ana", identity(), purchase_history=(bought("1"),))
        same = customer("A. Lima", identity("ana@example.com", ChannelType.EMAIL), purchase_history=(bought("2"),))
        first, second = conversation(ana.customer_id), conversation(same.customer_id, state=state("resolved"))
        await store.write(lambda work: all_of(work.customers.add, (ana, same)))
        await store.write(lambda work: all_of(work.conversations.add, (first, second)))
        await store.write(lambda work: work.messages.add(message(second, "from the mail")))
        record = MergeRecord(
            merge_id="m1",
            kept=ana.customer_id,
            merged=same.customer_id,
            at=START,
            actor="agt_1",
            evidence="same person",
        )
        done = await store.write(lambda work: work.customers.merge(record))
        assert done.moved_conversations == (second.conversation_id,)
        assert len(done.moved_identities) == 1
        kept = await store.read(lambda work: work.customers.get(ana.customer_id))
        assert kept is not None
        assert len(kept.identities) == 2
        assert {each.order_number for each in kept.purchase_history} == {"1", "2"}
        timeline = await store.read(lambda work: work.messages.of_customer(ana.customer_id))
        assert [each.content.text for each in timeline] == ["from the mail"]
        assert await store.read(lambda work: work.customers.current(same.customer_id)) == ana.customer_id
        assert await store.read(lambda work: work.customers.knows_address("ana@example.com")) == ana.customer_id

        undone = await store.write(lambda work: work.customers.unmerge("m1", START + timedelta(days=1)))
        assert undone.undone_at == START + timedelta(days=1)
        assert await store.read(lambda work: work.customers.get(ana.customer_id)) == ana
        assert await store.read(lambda work: work.customers.get(same.customer_id)) == same
        assert await store.read(lambda work: work.customers.knows_address("ana@example.com")) == same.customer_id
        assert await store.read(lambda work: work.customers.merges(same.customer_id)) == (undone,)
        with pytest.raises(Conflict):
            await store.write(lambda work: work.customers.unmerge("m1", START))

    async def test_of_two_open_conversations_is_refused(self, store: Store) -> None:
        one = await store.write(lambda work: newcomer(work, "Ana"))
        two = await store.write(lambda work: newcomer(work, "Ben"))
        record = MergeRecord(
            merge_id="m1", kept=one.customer_id, merged=two.customer_id, at=START, actor="a", evidence=""
        )
        with pytest.raises(Conflict):
            await store.write(lambda work: work.customers.merge(record))


class TestErasure:
    async def test_leaves_counts_and_anonymised_texts_only(self, store: Store, clock: SetClock) -> None:
        started = await store.write(lambda work: newcomer(work, "Ana Lima", identity()))
        first, second = await store.write(lambda work: said(work, started, "I am Ana Lima", "call me"))
        external = replace(message(started, "again", 3), external_id="wamid.1")
        await store.write(lambda work: work.messages.add(external))
        await store.write(lambda work: work.messages.anonymise(first.message_id, "I am <person>"))
        removed = await store.write(lambda work: work.customers.erase(started.customer_id, clock.now()))
        assert removed["messages"] == 3
        assert removed["data_keys"] == 1
        profile = await store.read(lambda work: work.customers.get(started.customer_id))
        assert profile is not None
        assert (profile.name, profile.identities, profile.erased_at) == (None, (), START)
        texts = [
            each.content.text for each in await store.read(lambda work: work.messages.of_customer(started.customer_id))
        ]
        assert texts == ["I am <person>", "[erased]", "[erased]"]
        assert await store.read(lambda work: work.customers.owners([sender("+4917012345")])) == {}
        assert (await store.read(lambda work: work.messages.search(["lima"], Page()))).items == ()
        late = await store.read(lambda work: work.messages.find_external(ChannelType.WHATSAPP, "acme", "wamid.1"))
        assert late is not None, "a late retry of the provider must be recognised"
        assert await store.read(lambda work: work.messages.get(MessageId(second.message_id))) is not None

    async def test_takes_those_merged_into_the_customer_too(self, store: Store, clock: SetClock) -> None:
        ana, same = customer("Ana", identity()), customer("Anna", identity("a@b.example", ChannelType.EMAIL))
        await store.write(lambda work: all_of(work.customers.add, (ana, same)))
        record = MergeRecord(
            merge_id="m", kept=ana.customer_id, merged=same.customer_id, at=START, actor="a", evidence=""
        )
        await store.write(lambda work: work.customers.merge(record))
        removed = await store.write(lambda work: work.customers.erase(ana.customer_id, clock.now()))
        assert removed["data_keys"] == 2
        gone = await store.read(lambda work: work.customers.get(same.customer_id))
        assert gone is not None
        assert gone.name is None

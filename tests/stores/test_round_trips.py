"""Whatever is stored comes back the same, in the order it was accepted (Properties 12, 13)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from switchboard.domain.customer import CustomerProfile, CustomerValue, Evidence, Identity, Purchase
from switchboard.domain.ids import new_customer_id, new_id
from switchboard.domain.message import ChannelType
from switchboard.domain.reading import Reading
from switchboard.ports.records import DecisionRecord
from switchboard.stores import open_sqlite
from switchboard.stores.codec import decode, dumps, loads
from switchboard.stores.sqlite import SqliteStore
from tests.properties import design_property
from tests.stores.opening import MASTER, SetClock
from tests.stores.samples import bound, message, newcomer, reading

WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
TIMES = st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds are naive


def purchases() -> st.SearchStrategy[Purchase]:
    return st.builds(
        Purchase,
        purchase_id=st.uuids().map(str),
        product=WORDS,
        amount=st.decimals(0, 10**6, places=2),
        currency=st.sampled_from(["EUR", "USD"]),
        purchased_at=TIMES,
        order_number=st.none() | WORDS,
        details=st.dictionaries(WORDS, WORDS, max_size=3),
    )


def identities() -> st.SearchStrategy[Identity]:
    return st.builds(
        Identity,
        channel=st.sampled_from([ChannelType.EMAIL, ChannelType.FACEBOOK, ChannelType.WEB_CHAT]),
        address=st.uuids().map(lambda each: f"{each}@example.com"),
        account=st.sampled_from(["", "page"]),
        display_name=st.none() | WORDS,
        verified=st.booleans(),
        evidence=st.sampled_from(Evidence),
        since=TIMES,
    )


def profiles() -> st.SearchStrategy[CustomerProfile]:
    return st.builds(
        CustomerProfile,
        customer_id=st.builds(new_customer_id),
        name=st.none() | WORDS,
        created_at=TIMES,
        email=st.none() | st.emails(),
        phone=st.none() | WORDS,
        preferred_channel=st.none() | st.sampled_from(ChannelType),
        customer_value=st.sampled_from(CustomerValue),
        language=st.none() | st.sampled_from(["en", "de"]),
        location=st.none() | WORDS,
        name_set_by_staff=st.booleans(),
        preferences=st.dictionaries(WORDS, WORDS, max_size=3),
        identities=st.lists(identities(), max_size=3, unique_by=lambda each: each.address).map(tuple),
        purchase_history=st.lists(purchases(), max_size=3, unique_by=lambda each: each.purchase_id).map(tuple),
    )


@pytest.fixture
async def store() -> AsyncIterator[SqliteStore]:
    opened = open_sqlite(None, MASTER, SetClock())
    yield opened
    await opened.close()


class TestAProfile:
    @design_property(13)
    @settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(profile=profiles())
    async def test_survives_being_stored(self, store: SqliteStore, profile: CustomerProfile) -> None:
        """Feature: omnichannel-cx-platform, Property 13: Customer Profile Persistence."""
        own = tuple(replace(each, address=f"{new_id('a')}.{each.address}") for each in profile.identities)
        profile = replace(profile, customer_id=new_customer_id(), identities=own)
        await store.write(lambda work: work.customers.add(profile))
        found = await store.read(lambda work: work.customers.get(profile.customer_id))
        assert found is not None
        assert set(found.identities) == set(profile.identities)
        assert {each.purchase_id: each for each in found.purchase_history} == {
            each.purchase_id: each for each in profile.purchase_history
        }
        assert _without_lists(found) == _without_lists(profile)


def _without_lists(profile: CustomerProfile) -> dict[str, object]:
    names = set(CustomerProfile.__dataclass_fields__) - {"identities", "purchase_history"}
    return {name: getattr(profile, name) for name in names}


class TestAConversation:
    @design_property(12)
    @settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(texts=st.lists(WORDS, min_size=1, max_size=12), sent=st.lists(TIMES, min_size=12, max_size=12))
    async def test_is_read_in_order_of_acceptance(
        self, store: SqliteStore, texts: list[str], sent: list[datetime]
    ) -> None:
        """Feature: omnichannel-cx-platform, Property 12: Chronological Message Ordering.

        The order of acceptance holds, whatever the providers' clocks say, also read in pages."""
        started = await store.write(newcomer)
        for number, (text, at) in enumerate(zip(texts, sent, strict=False), 1):
            spoken = message(started, text, number, sent_at=at)
            await store.write(bound(lambda work, spoken: work.messages.add(spoken), spoken))
        cid = started.conversation_id
        whole = await store.read(lambda work: work.messages.of_conversation(cid))
        assert [each.content.text for each in whole] == texts
        paged, after = [], 0
        while rows := await store.read(
            bound(lambda work, after: work.messages.of_conversation(cid, after=after, limit=3), after)
        ):
            paged += [each.content.text for each in rows]
            after = rows[-1].sequence
        assert paged == texts


class TestADocument:
    def test_from_a_later_version_is_still_read(self) -> None:
        document = loads(dumps(reading())) | {"invented_later": {"x": 1}}
        del document["wants_human"]
        assert decode(Reading, document).primary == reading().primary

    def test_that_lacks_what_is_needed_is_told_by_name(self) -> None:
        with pytest.raises(KeyError, match=r"DecisionRecord lacks .*urgency"):
            decode(DecisionRecord, {"decision_id": new_id("dec")})

    def test_keeps_money_exact_and_half_characters_harmless(self) -> None:
        purchase = Purchase(
            purchase_id="p",
            product="half \ud83d character",
            amount=Decimal("0.10"),
            currency="EUR",
            purchased_at=datetime(2026, 1, 1, tzinfo=UTC),
        )
        read = decode(Purchase, loads(dumps(purchase)))
        assert read.amount == Decimal("0.10")
        assert read.product == "half � character"

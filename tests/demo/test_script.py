"""The live stream never ends, never surprises and always has a believable sender."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from itertools import islice

import pytest

from switchboard.demo.catalogue import load_demo
from switchboard.demo.script import ANY_CUSTOMER, STRANGER, candidates, stream
from switchboard.demo.shapes import DemoBusiness
from switchboard.domain.message import ChannelType
from switchboard.domain.reading import IntentCategory

NOW = datetime(2026, 5, 18, 10, 47, tzinfo=UTC)


@pytest.fixture(scope="module")
def larkfield() -> DemoBusiness:
    return load_demo(now=NOW)


class TestTheMaterial:
    def test_there_are_150_messages_of_every_kind_on_every_channel(self, larkfield: DemoBusiness) -> None:
        channels = Counter(m.channel for m in larkfield.live)

        assert len(larkfield.live) >= 150
        assert all(channels[channel] >= 15 for channel in ChannelType)
        assert {m.labels.intent for m in larkfield.live} == set(IntentCategory)
        assert {m.language for m in larkfield.live} == {"en", "de", "fr", "es", "it", "pt", "nl"}
        assert sum(bool(m.follow_ups) for m in larkfield.live) >= 75

    def test_texts_and_keys_are_all_different(self, larkfield: DemoBusiness) -> None:
        assert len({m.text for m in larkfield.live}) == len(larkfield.live)
        assert len({m.key for m in larkfield.live}) == len(larkfield.live)

    def test_every_role_can_be_played(self, larkfield: DemoBusiness) -> None:
        for message in larkfield.live:
            if message.who == ANY_CUSTOMER:
                assert candidates(message, larkfield.customers), message.key
            elif message.who == STRANGER:
                assert "{order}" not in message.text
            else:
                assert message.who in larkfield.customer_keys

    def test_mail_has_a_subject_and_nothing_else_has(self, larkfield: DemoBusiness) -> None:
        for message in larkfield.live:
            assert (message.subject is not None) == (message.channel is ChannelType.EMAIL)
            assert "{" not in (message.subject or "")


class TestTheStream:
    def test_the_same_seed_gives_the_same_messages(self, larkfield: DemoBusiness) -> None:
        first = list(islice(stream(larkfield, seed=7), 400))

        assert first == list(islice(stream(larkfield, seed=7), 400))
        assert first != list(islice(stream(larkfield, seed=8), 400))

    def test_it_goes_on_after_every_message_has_been_played(self, larkfield: DemoBusiness) -> None:
        count = len(larkfield.live)
        played = [m.key for m in islice(stream(larkfield, seed=1), 2 * count)]

        assert set(played[:count]) == set(played[count:])
        assert played[:count] != played[count:]

    def test_known_customers_write_from_their_own_address(self, larkfield: DemoBusiness) -> None:
        addresses = {
            (c.customer_id, i.channel, i.address, i.verified) for c in larkfield.customers for i in c.identities
        }

        for message in islice(stream(larkfield, seed=2), 500):
            sender = message.sender
            if sender.customer_id:
                assert (sender.customer_id, message.channel, sender.address, sender.verified) in addresses

    def test_orders_named_belong_to_the_writer(self, larkfield: DemoBusiness) -> None:
        orders = {c.customer_id: {p.order_number for p in c.purchase_history} for c in larkfield.customers}

        for message in islice(stream(larkfield, seed=3), 500):
            assert "{order}" not in message.text
            named = {word.strip(".,?!()") for word in message.text.split() if word.startswith("LC-")}
            assert not named or named <= orders[message.sender.customer_id or larkfield.customers[0].customer_id]

    def test_strangers_on_chat_and_mail_are_new_and_unproven(self, larkfield: DemoBusiness) -> None:
        new = [m for m in islice(stream(larkfield, seed=4), 1000) if m.sender.customer_id is None]
        unproven = [m for m in new if m.channel in (ChannelType.EMAIL, ChannelType.WEB_CHAT)]

        assert len({m.sender.address for m in unproven}) == len(unproven)
        assert not any(m.sender.verified for m in unproven)
        assert all(m.sender.verified for m in new if m not in unproven)

    def test_strangers_never_have_the_address_of_a_customer(self, larkfield: DemoBusiness) -> None:
        taken = {(i.channel, i.address) for c in larkfield.customers for i in c.identities}
        new = [m for m in islice(stream(larkfield, seed=6), 1500) if m.sender.customer_id is None]

        assert not {(m.channel, m.sender.address) for m in new} & taken

    def test_the_pace_is_what_was_asked_for(self, larkfield: DemoBusiness) -> None:
        pauses = [m.pause_s for m in islice(stream(larkfield, seed=5, per_minute=30), 2000)]

        assert sum(pauses) / len(pauses) == pytest.approx(2.0, rel=0.05)

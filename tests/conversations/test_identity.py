"""Addresses in one form, the proof that two of them are one person, and how far a message came."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from switchboard.conversations.delivery import LADDER, advance_delivery
from switchboard.conversations.identity import (
    identity_key,
    merge_verdict,
    normalise_address,
    normalise_email,
    vouched_together,
)
from switchboard.domain.customer import Evidence, Identity
from switchboard.domain.inbound import SenderAddress
from switchboard.domain.message import ChannelType, DeliveryState
from switchboard.errors import InvalidInput

EMAIL, WHATSAPP, VOICE, CHAT = ChannelType.EMAIL, ChannelType.WHATSAPP, ChannelType.VOICE, ChannelType.WEB_CHAT


def proven(channel: ChannelType, address: str, evidence: Evidence = Evidence.PROVIDER) -> Identity:
    return Identity(channel=channel, address=address, verified=True, evidence=evidence)


def claimed(channel: ChannelType, address: str) -> Identity:
    return Identity(channel=channel, address=address)


class TestAddresses:
    @pytest.mark.parametrize(
        ("channel", "written", "stored"),
        [
            (EMAIL, " Priya.Raman@Example.COM ", "priya.raman@example.com"),
            (EMAIL, "jo@BÜCHER.example", "jo@xn--bcher-kva.example"),
            (EMAIL, "jose\u0301@example.com", "jos\u00e9@example.com"),
            (WHATSAPP, "4915112345678", "+4915112345678"),
            (VOICE, "+49 151 123-456 78", "+4915112345678"),
            (VOICE, "whatsapp:+4915112345678", "+4915112345678"),
            (VOICE, "anonymous", "anonymous"),
            (VOICE, "113", "113"),
            (ChannelType.FACEBOOK, "7001", "7001"),
        ],
    )
    def test_have_one_form(self, channel: ChannelType, written: str, stored: str) -> None:
        assert normalise_address(channel, written) == stored

    def test_national_numbers_are_read_with_a_region(self) -> None:
        assert normalise_address(VOICE, "0151 12345678", region="DE") == "+4915112345678"

    def test_empty_or_endless_ones_are_refused_by_name(self) -> None:
        for address in ("", " \u200b ", "a" * 400):
            with pytest.raises(InvalidInput) as refused:
                normalise_address(EMAIL, address)
            assert refused.value.field == "address"

    @settings(max_examples=100, deadline=None)
    @given(st.sampled_from(ChannelType), st.text(min_size=1, max_size=80))
    def test_any_text_has_a_form_and_only_one(self, channel: ChannelType, text: str) -> None:
        try:
            once = normalise_address(channel, text)
        except InvalidInput:
            return
        if once and channel is not EMAIL:
            assert normalise_address(channel, once) == once
        elif once:
            assert normalise_email(normalise_email(once)) == normalise_email(once)


class TestOnePerson:
    def test_the_same_verified_number_on_whatsapp_and_voice_merges(self) -> None:
        verdict = merge_verdict(proven(WHATSAPP, "4915112345678"), proven(VOICE, "+49 151 12345678"))
        assert (verdict.allowed, verdict.evidence) == (True, Evidence.SAME_PHONE)

    def test_a_claimed_address_never_merges(self) -> None:
        known = proven(EMAIL, "p@example.com", Evidence.SENDER_CHECKED)
        verdict = merge_verdict(known, claimed(EMAIL, "P@example.com"))
        assert not verdict.allowed
        assert "claimed on email" in verdict.reason

    def test_two_addresses_merge_only_by_hand(self) -> None:
        one, two = proven(EMAIL, "p@example.com", Evidence.SENDER_CHECKED), proven(WHATSAPP, "4915112345678")
        assert not merge_verdict(one, two).allowed
        assert merge_verdict(one, two, link=Evidence.LINKED_BY_AGENT).evidence is Evidence.LINKED_BY_AGENT

    def test_verified_without_proof_is_still_a_claim(self) -> None:
        boast = Identity(channel=VOICE, address="+4915112345678", verified=True)
        assert not merge_verdict(proven(WHATSAPP, "4915112345678"), boast).allowed

    def test_social_ids_mean_nothing_outside_their_page(self) -> None:
        assert identity_key(ChannelType.FACEBOOK, "1", "page-a") != identity_key(ChannelType.FACEBOOK, "1", "page-b")

    @settings(max_examples=100, deadline=None)
    @given(st.sampled_from(Evidence), st.sampled_from(Evidence), st.booleans(), st.booleans(), st.booleans())
    def test_nobody_merges_without_proof_on_both_sides(
        self, first: Evidence, second: Evidence, one_ok: bool, two_ok: bool, same: bool
    ) -> None:
        one = Identity(channel=EMAIL, address="a@example.com", verified=one_ok, evidence=first)
        two = Identity(
            channel=EMAIL, address="A@example.com" if same else "b@example.com", verified=two_ok, evidence=second
        )
        sure = same and one_ok and two_ok and Evidence.CLAIMED not in (first, second)
        assert merge_verdict(one, two).allowed == sure

    def test_a_signed_visitor_brings_their_mail_address_along(self) -> None:
        visit = SenderAddress(channel=CHAT, address="v1", verified=True, evidence=Evidence.SIGNED_VISITOR)
        mail = SenderAddress(channel=EMAIL, address="p@example.com", verified=True, evidence=Evidence.SIGNED_VISITOR)
        typed = SenderAddress(channel=EMAIL, address="boss@example.com")
        assert vouched_together([visit, mail, typed]) == (visit, mail)
        assert vouched_together([SenderAddress(channel=CHAT, address="v1"), mail])[1:] == ()
        assert vouched_together([]) == ()


class TestDelivery:
    @settings(max_examples=100, deadline=None)
    @given(st.lists(st.sampled_from(DeliveryState), min_size=1, max_size=12))
    def test_never_steps_back_whatever_the_order_of_reports(self, reports: list[DeliveryState]) -> None:
        states: list[DeliveryState] = [DeliveryState.PENDING]
        for report in reports:
            states.append(advance_delivery(states[-1], report).state)
        heights = [LADDER[state] for state in states]
        assert heights == sorted(heights)
        assert heights[-1] == max(LADDER[state] for state in [DeliveryState.PENDING, *reports])

    def test_a_late_failure_does_not_undo_a_receipt(self) -> None:
        verdict = advance_delivery(DeliveryState.DELIVERED, DeliveryState.FAILED)
        assert (verdict.state, verdict.changed) == (DeliveryState.DELIVERED, False)

    def test_reports_in_any_order_end_in_the_same_state(self) -> None:
        ends = set()
        for order in itertools.permutations([DeliveryState.SENT, DeliveryState.DELIVERED, DeliveryState.READ]):
            state: DeliveryState | None = None
            for report in order:
                state = advance_delivery(state, report).state
            ends.add(state)
        assert ends == {DeliveryState.READ}

"""Roles, masking of personal data, disguised identifiers, and how long things are kept."""

from __future__ import annotations

import base64
import codecs
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from switchboard.domain.conversation import Conversation, ConversationState, ConversationStatus
from switchboard.domain.ids import ConversationId, CustomerId
from switchboard.errors import InvalidInput
from switchboard.trust.comparison import mentions
from switchboard.trust.redaction import PersonalKind, find_personal_data, luhn, redact
from switchboard.trust.retention import Retention, RetentionPolicy, due_for_retention, payloads_before, shortest_period
from switchboard.trust.roles import PERMISSIONS, SEES_TEXT, Permission, Role, allowed, allowed_any, who_may
from tests.properties import design_property

NOW = datetime(2026, 11, 22, tzinfo=UTC)
DAYS = timedelta(days=1)


class TestRoles:
    @design_property(55)
    @settings(max_examples=200, deadline=None)
    @given(
        st.sampled_from([*Role, "guest", "", "ADMIN"]),
        st.sampled_from(Permission),
        st.none() | st.sets(st.sampled_from([p.value for p in Permission] + ["everything", "*"])),
    )
    def test_deny_everything_that_the_table_does_not_allow(
        self, role: str, permission: Permission, scopes: set[str] | None
    ) -> None:
        """Feature: omnichannel-cx-platform, Property 55: Role-Based Access Control"""
        expected = any(role == known.value and permission in PERMISSIONS[known] for known in Role)
        in_scope = not scopes or permission.value in scopes
        assert allowed(role, permission, scopes) == (expected and in_scope)

    def test_an_analyst_sees_numbers_but_no_words(self) -> None:
        assert allowed(Role.ANALYST, Permission.READ_ANALYTICS)
        for hidden in (Permission.READ_CONVERSATIONS, Permission.READ_CUSTOMERS, Permission.EXPORT_CUSTOMERS):
            assert not allowed(Role.ANALYST, hidden)
        assert Role.ANALYST not in SEES_TEXT

    def test_only_the_privacy_officer_erases(self) -> None:
        assert who_may(Permission.ERASE_CUSTOMERS) == (Role.PRIVACY_OFFICER,)

    def test_only_admins_change_access(self) -> None:
        for permission in (Permission.MANAGE_ACCESS, Permission.WRITE_CONFIG, Permission.MANAGE_CHANNELS):
            assert who_may(permission) == (Role.ADMIN,)

    def test_several_roles_add_up(self) -> None:
        both = {"analyst", "agent"}
        assert allowed_any(both, Permission.REPLY)
        assert allowed_any(both, Permission.READ_ANALYTICS)
        assert not allowed_any(both, Permission.MANAGE_ACCESS)

    def test_every_permission_belongs_to_somebody(self) -> None:
        assert all(who_may(permission) for permission in Permission)


class TestMasking:
    @pytest.mark.parametrize(
        ("text", "masked"),
        [
            ("Write to Jo.Doe+x@exämple.co.uk.", "Write to [email]."),
            ("Call 030 1234567 or +49 151 123 45 678!", "Call [phone] or [phone]!"),
            ("(212) 555-0123", "[phone]"),
            ("my number is 5551234567", "my number is [phone]"),
            ("Card 4111 1111 1111 1111 was charged", "Card [card] was charged"),
            ("IBAN DE89 3704 0044 0532 0130 00 please", "IBAN [iban] please"),
            ("I live at 12 Baker Street, London", "I live at [address], London"),
            ("Hauptstraße 5a oder 10 rue de la Paix", "[address] oder [address]"),
        ],
    )
    def test_hides_what_is_personal(self, text: str, masked: str) -> None:
        assert redact(text) == masked

    @pytest.mark.parametrize(
        "text",
        [
            "order 12345678 from 2026-11-22 12:30",
            "booking number 2125550123",
            "It costs 1,299.00 EUR, 20 % less than 1,624.50",
            "Bestellnummer: 4711081599",
            "version 10.15.7.20211108",
            "see you @ 5",
            "4111 1111 1111 1112 pieces",
            "I have been on this road for 3 days",
        ],
    )
    def test_leaves_the_rest_alone(self, text: str) -> None:
        assert redact(text) == text

    @settings(max_examples=150, deadline=None)
    @given(
        st.text(alphabet=st.characters(exclude_characters="@+"), max_size=30),
        st.sampled_from(
            [
                ("jo.doe@example.com", PersonalKind.EMAIL),
                ("+49 151 12345678", PersonalKind.PHONE),
                ("4111-1111-1111-1111", PersonalKind.CARD),
                ("GB82 WEST 1234 5698 7654 32", PersonalKind.IBAN),
            ]
        ),
        st.text(alphabet=st.characters(exclude_characters="@+"), max_size=30),
    )
    def test_finds_it_in_any_surroundings(self, before: str, planted: tuple[str, PersonalKind], after: str) -> None:
        value, kind = planted
        text = f"{before} | {value} | {after}"
        found = find_personal_data(text)
        assert any(span.kind is kind and text[span.start : span.end] == value for span in found)
        assert value not in redact(text)
        assert all(one.end <= two.start for one, two in zip(found, found[1:], strict=False))  # noqa: RUF007

    @settings(max_examples=100, deadline=None)
    @given(st.integers(0, 10**15 - 1))
    def test_knows_the_check_digit_of_cards(self, number: int) -> None:
        digits = f"{number:015}"
        assert sum(luhn(f"{digits}{check}") for check in range(10)) == 1

    @pytest.mark.timeout(40)  # a pattern that goes back takes minutes
    @pytest.mark.parametrize("hostile", ["a", "@", "1 ", "a@", "1-", "a.b-", "DE12 ", "a b street ", "(", "via a "])
    def test_takes_time_in_proportion_to_the_text(self, hostile: str) -> None:
        find_personal_data(hostile * (200_000 // len(hostile)))
        # it ends: that is all there is to see


class TestDisguises:
    MAIL = "priya@example.com"

    @pytest.mark.parametrize(
        "text",
        [
            "write to priya@example.com",
            "PRIYA＠EXAMPLE．COM",
            "p r i y a @ e x a m p l e . c o m",
            "priya (at) example [dot] com",
            "ргіуа@example.com",
            "pri\u200bya@exam\u00adple.com",
            "priya%40example.com",
            "priya&#64;example.com",
            base64.b64encode(b"priya@example.com").decode(),
            b"priya@example.com".hex(),
            codecs.encode("priya@example.com", "rot13"),
            "moc.elpmaxe@ayirp",
        ],
    )
    def test_do_not_hide_an_address(self, text: str) -> None:
        assert mentions(text, self.MAIL)

    def test_do_not_hide_a_number(self) -> None:
        for text in (
            "0151 / 12 34 56 78",
            "one five one one two three four five six seven eight",
            "１５１１２３４５６７８",
        ):
            assert mentions(f"call {text}", "+4915112345678")

    def test_others_are_not_mistaken_for_it(self) -> None:
        for text in ("nobody@example.com", "priya", "", "call 0151 999"):
            assert not mentions(text, self.MAIL)
            assert not mentions(text, "+4915112345678")

    def test_what_is_too_short_to_tell_never_matches(self) -> None:
        assert not mentions("Jo was here", "Jo")


def conversation(age: timedelta, status: ConversationStatus) -> Conversation:
    return Conversation(
        conversation_id=ConversationId("c"),
        customer_id=CustomerId("cus"),
        state=ConversationState(status=status),
        channels=(),
        created_at=NOW - age - 100 * DAYS,
        last_activity_at=NOW - age,
    )


periods = st.none() | st.integers(1, 1000).map(lambda days: days * DAYS)


class TestRetention:
    @design_property(56)
    @settings(max_examples=200, deadline=None)
    @given(
        st.integers(-10, 1100),
        st.sampled_from(ConversationStatus),
        periods,
        periods,
        periods,
        st.booleans(),
        st.booleans(),
    )
    def test_does_what_the_policy_says_and_never_early(
        self,
        age: int,
        status: ConversationStatus,
        archive: timedelta | None,
        anonymise: timedelta | None,
        delete: timedelta | None,
        hold: bool,
        anonymised: bool,
    ) -> None:
        """Feature: omnichannel-cx-platform, Property 56: Retention Policy Application"""
        policy = RetentionPolicy(archive_after=archive, anonymise_after=anonymise, delete_after=delete)
        old = conversation(age * DAYS, status)
        verdict = due_for_retention(old, policy, NOW, legal_hold=hold, anonymised=anonymised)

        def over(period: timedelta | None) -> bool:
            return period is not None and age * DAYS > period

        if hold:
            expected = Retention.KEEP
        elif over(delete):
            expected = Retention.DELETE
        elif over(anonymise) and not anonymised:
            expected = Retention.ANONYMISE
        elif over(archive) and status is not ConversationStatus.ARCHIVED:
            expected = Retention.ARCHIVE
        else:
            expected = Retention.KEEP
        assert verdict.action is expected
        shortest = shortest_period(policy)
        if expected is not Retention.KEEP:
            assert shortest is not None
            assert age * DAYS > shortest

    def test_a_period_that_would_delete_at_once_is_refused(self) -> None:
        with pytest.raises(InvalidInput) as refused:
            RetentionPolicy(delete_after=timedelta(0))
        assert refused.value.field == "delete_after"

    def test_raw_bodies_go_after_their_own_period(self) -> None:
        assert payloads_before(RetentionPolicy(), NOW) == NOW - 30 * DAYS

"""Order numbers, dates and amounts written in ways that are easily taken for something else."""

from __future__ import annotations

import pytest

from switchboard.understanding.entities import extract_entities
from tests.understanding.samples import AT

VALUES = {"order_number", "date", "amount"}


def named(text: str, language: str = "en") -> list[tuple[str, str, str | None]]:
    """AT is Monday, 23 November 2026."""
    found = extract_entities(text, at=AT, language=language)
    return [(str(one.type), one.value, one.normalised) for one in found if str(one.type) in VALUES]


class TestOrderNumbers:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("order #A-123/4 is missing", ["A-123/4"]),
            ("invoice INV-2026/0045", ["INV-2026/0045"]),
            ("Rechnung Nr. 2026/11/0045", ["2026/11/0045"]),
            ("my order number is 030 1234567", ["030 1234567"]),
            ("my order no 48 213 771", ["48 213 771"]),
            ("order no. 555-0123-9", ["555-0123-9"]),
            ("order 48213, 48214 and 48215", ["48213", "48214", "48215"]),
            ("orders #48213 & #48214", ["48213", "48214"]),
            ("order=48213", ["48213"]),
            ("Bestellnr. 445566", ["445566"]),
            ("Best.-Nr. 445566", ["445566"]),
            ("Order ID: 112-7744521-9982345", ["112-7744521-9982345"]),
            ("n° de commande 778899", ["778899"]),
        ],
    )
    def test_are_found_whole(self, text: str, expected: list[str]) -> None:
        assert [(kind, value) for kind, _, value in named(text)] == [("order_number", one) for one in expected]

    @pytest.mark.parametrize(
        "text",
        [
            "app version 4.12.3 crashes",
            "error code E-1042",
            "I ordered 12345 pieces",
            "order number of bags: 500 bags",
            "serial number SN-993-1123",
            "flight BA2490",
            "card ending 4242",
            "zip 90210",
            "rated 4/5",
            "at 10:30 or 17:45",
        ],
    )
    def test_are_not_seen_in_other_numbers(self, text: str) -> None:
        assert named(text) == []


class TestAmounts:
    @pytest.mark.parametrize(
        ("text", "written", "value"),
        [
            ("das kostet EUR 1.234,50", "EUR 1.234,50", "1234.50 EUR"),
            ("it was £5k", "£5k", "5000.00 GBP"),
            ("Umsatz von 1,5 Mio €", "1,5 Mio €", "1500000.00 EUR"),
            ("it costs ₹1,50,000", "₹1,50,000", "150000.00 INR"),
            ("500 rs only", "500 rs", "500.00 INR"),
            ("a fee of .99 USD", ".99 USD", "0.99 USD"),
            ("CHF 1'250.00", "CHF 1'250.00", "1250.00 CHF"),
            ("5 TRY", "5 TRY", "5.00 TRY"),
        ],
    )
    def test_are_valued(self, text: str, written: str, value: str) -> None:
        assert named(text) == [("amount", written, value)]

    @pytest.mark.parametrize(
        "text",
        [
            "I weigh 80 pounds",
            "a 5 pound bag",
            "2 try again",
            "try 5 times",
            "all 4 php files",
            "3 won't fit",
            "pound sign",
        ],
    )
    def test_are_not_seen_in_other_words(self, text: str) -> None:
        assert named(text) == []


class TestDates:
    @pytest.mark.parametrize(
        ("text", "language", "written", "value"),
        [
            ("deliver it on 03/04", "en", "03/04", "2027-03-04"),
            ("Lieferung am 03/04", "de", "03/04", "2027-04-03"),
            ("I'll be back in a fortnight", "en", "in a fortnight", "2026-12-07"),
            ("3 business days ago", "en", "3 business days ago", "2026-11-18"),
            ("in 7 working days", "en", "in 7 working days", "2026-12-02"),
            ("a week on Tuesday", "en", "a week on Tuesday", "2026-12-01"),
            ("see you Tuesday week", "en", "Tuesday week", "2026-12-01"),
            ("the figures of Q3 2026", "en", "Q3 2026", "2026-07-01/2026-09-30"),
            ("dans quinze jours", "fr", "dans quinze jours", "2026-12-08"),
            ("2026-11-23T10:00:00Z", "en", "2026-11-23", "2026-11-23"),
        ],
    )
    def test_are_resolved(self, text: str, language: str, written: str, value: str) -> None:
        assert named(text, language) == [("date", written, value)]

    @pytest.mark.parametrize(
        "text", ["24/7 support", "3/4 of the bottle", "5/10 service", "50/50", "31/02/2026", "march on", "I sat down"]
    )
    def test_are_not_seen_in_other_numbers_and_words(self, text: str) -> None:
        assert named(text) == []

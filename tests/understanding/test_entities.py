"""The things that a message names: found, typed, valued."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from switchboard.domain.reading import EntityType
from switchboard.understanding.entities import extract_entities
from switchboard.understanding.products import Catalogue
from tests.properties import design_property
from tests.understanding.samples import AT, AWKWARD, any_text

CATALOGUE = ("Aurora Desk Lamp", "Trail Jacket", "Larkfield Espresso Blend")
LAMP = Catalogue.of(CATALOGUE)


def found(text: str) -> set[tuple[str, str, str | None]]:
    return {(str(one.type), one.value, one.normalised) for one in extract_entities(text, at=AT, catalogue=LAMP)}


class TestWhatAMessageNames:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("my order LC-48213 is late", ("order_number", "LC-48213", "LC-48213")),
            ("about #12345 please", ("order_number", "#12345", "12345")),
            ("order 12345 cost 9.99 USD", ("order_number", "12345", "12345")),
            ("booking reference abc123 please", ("order_number", "abc123", "ABC123")),
            ("Bestellung 445566 fehlt", ("order_number", "445566", "445566")),
            ("order 12345 cost 9.99 USD", ("amount", "9.99 USD", "9.99 USD")),
            ("I paid $1,249.50 for it", ("amount", "$1,249.50", "1249.50 USD")),
            ("Es kostet 1.234,50 €", ("amount", "1.234,50 €", "1234.50 EUR")),
            ("20 quid for that", ("amount", "20 quid", "20.00 GBP")),
            ("since 2026-11-02", ("date", "2026-11-02", "2026-11-02")),
            ("it came on March 3rd, 2026", ("date", "March 3rd, 2026", "2026-03-03")),
            ("am 24. Dezember", ("date", "24. Dezember", "2026-12-24")),
            ("I ordered yesterday", ("date", "yesterday", "2026-11-22")),
            ("until next Friday", ("date", "next Friday", "2026-11-27")),
            ("last Friday it broke", ("date", "last Friday", "2026-11-20")),
            ("two weeks ago", ("date", "two weeks ago", "2026-11-09")),
            ("since March 2025", ("date", "March 2025", "2025-03")),
            ("delivered on 25/12/2026", ("date", "25/12/2026", "2026-12-25")),
            ("my name is Sarah Lee", ("person", "Sarah Lee", None)),
            ("Thanks,\nPeter Novak", ("person", "Peter Novak", None)),
            ("I live in Munich", ("location", "Munich", None)),
            ("flying from New York", ("location", "New York", None)),
            ("Is your store in downtown Dallas open?", ("location", "downtown Dallas", None)),
            ("stuck at Manchester airport", ("location", "Manchester airport", None)),
            ("I live in Paris, Texas", ("location", "Paris, Texas", None)),
            ("send it to 14 Larch Row, please", ("location", "14 Larch Row", None)),
            ("I live at seventy-eight Rutherford Avenue", ("location", "seventy-eight Rutherford Avenue", None)),
            ("an accident on Route 66", ("location", "Route 66", None)),
            ("I moved to Spain, or will soon", ("location", "Spain", None)),
            ("the aurora desk lamp flickers", ("product", "aurora desk lamp", "Aurora Desk Lamp")),
            ("my iPhone 12 Pro is dead", ("product", "iPhone 12 Pro", None)),
        ],
    )
    def test_is_found_with_its_value(self, text: str, expected: tuple[str, str, str | None]) -> None:
        assert expected in found(text)

    @pytest.mark.parametrize(
        "text",
        [
            "I may come in 2024",
            "in order to get help",
            "error CE-43477 again",
            "I'm really happy today's over",
            "call me at 9",
        ],
    )
    def test_is_not_invented(self, text: str) -> None:
        assert not {one for one in found(text) if one[0] in {"order_number", "amount", "person", "location"}}


class TestAnyText:
    @design_property(5)
    @settings(max_examples=100, deadline=None)
    @given(
        product=st.sampled_from(CATALOGUE),
        order=st.integers(10_000, 99_999_999),
        cents=st.integers(1, 9_999_999),
        day=st.dates(min_value=AT.date().replace(year=1990), max_value=AT.date().replace(year=2040)),
        prefix=st.sampled_from(["", "AB-", "LC-", "INV"]),
        sign=st.sampled_from(["$", "€", "£"]),
    )
    def test_products_orders_dates_and_amounts_are_returned(
        self, product: str, order: int, cents: int, day: object, prefix: str, sign: str
    ) -> None:
        """Feature: omnichannel-cx-platform, Property 5: Entity Extraction Presence"""
        amount = f"{sign}{cents // 100}.{cents % 100:02d}"
        text = f"The {product} of order {prefix}{order} arrived on {day} and I paid {amount}."
        entities = extract_entities(text, at=AT, catalogue=LAMP)
        assert {(one.type, one.value) for one in entities} >= {
            (EntityType.PRODUCT, product),
            (EntityType.ORDER_NUMBER, f"{prefix}{order}"),
            (EntityType.DATE, str(day)),
            (EntityType.AMOUNT, amount),
        }
        assert all(0 < one.confidence <= 1 for one in entities)

    @settings(max_examples=150, deadline=None)
    @given(any_text)
    def test_spans_point_into_the_text_and_never_overlap(self, text: str) -> None:
        entities = extract_entities(text, at=AT, catalogue=LAMP)
        assert all(text[one.start : one.end] == one.value for one in entities)
        assert all(one.end <= two.start for one, two in pairwise(entities))

    @pytest.mark.timeout(40)  # a pattern that goes back takes minutes
    @pytest.mark.parametrize("name", sorted(AWKWARD))
    def test_awkward_texts_are_searched_like_any_other(self, name: str) -> None:
        found = extract_entities(AWKWARD[name], at=AT, catalogue=LAMP)
        assert all(AWKWARD[name][one.start : one.end] == one.value for one in found)

    def test_an_empty_catalogue_finds_no_products_of_its_own(self) -> None:
        assert Catalogue.of(()) is None
        assert Catalogue.of(["  ", "a"]) is None

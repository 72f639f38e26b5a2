"""Products of the catalogue as customers write them, amounts in digits and words, and numbers of orders."""

from __future__ import annotations

import pytest

from switchboard.understanding.amounts import amounts
from switchboard.understanding.order_numbers import order_numbers
from switchboard.understanding.products import Catalogue, distance

NAMES = (
    "Otto 1", "Otto 2", "Otto Pro", "Brio grinder", "Lumi kettle", "LT-2 tank kit for the Otto 2", "Hill Street coffee, 500 g",
    "Water filters, pack of three", "Knock box", "Milk tube", "Bottomless portafilter, 58 mm", "Valve ring SP-14",
)  # fmt: skip


def named(text: str) -> list[tuple[str, str | None]]:
    catalogue = Catalogue.of(NAMES)
    assert catalogue
    return [(one.value, one.normalised) for one in catalogue.find(text)]


class TestCatalogue:
    @pytest.mark.parametrize(
        ("text", "value", "name"),
        [
            ("my otto 2 leaks", "otto 2", "Otto 2"),
            ("the OTTO-2!", "OTTO-2", "Otto 2"),
            ("otto2 is dead", "otto2", "Otto 2"),
            ("my otto two", "otto two", "Otto 2"),
            ("two knock boxes", "knock boxes", "Knock box"),
            ("a knockbox", "knockbox", "Knock box"),
            ("the wter filters", "wter filters", "Water filters, pack of three"),
            ("brio grindr", "brio grindr", "Brio grinder"),
            ("my Brio is loud", "Brio", "Brio grinder"),
            ("the LT2 kit", "LT2", "LT-2 tank kit for the Otto 2"),
            ("sp-14 please", "sp-14", "Valve ring SP-14"),
            ("Hill Street is out of stock", "Hill Street", "Hill Street coffee, 500 g"),
            ("a porta filter", "porta filter", "Bottomless portafilter, 58 mm"),
            ("my Otto is loud", "Otto", None),
        ],
    )
    def test_names_are_found_with_short_forms_and_slips(self, text: str, value: str, name: str | None) -> None:
        assert named(text) == [(value, name)]

    @pytest.mark.parametrize("text", ["a basket of fruit", "water for my box", "my grinder broke", "lemon", "pro", ""])
    def test_other_words_are_no_products(self, text: str) -> None:
        assert not named(text)

    @pytest.mark.timeout(40)  # comparing every word with every product takes minutes
    def test_three_thousand_products_are_searched(self) -> None:
        catalogue = Catalogue.of([f"Quorvex{number:04} lamp model" for number in range(3_000)])
        assert catalogue
        first = next(catalogue.find("the Quorvex1234 lamp model " * 100))
        assert first.normalised == "Quorvex1234 lamp model"

    def test_slips_are_counted_with_swapped_neighbours_as_one(self) -> None:
        assert [distance(one, "kettle") for one in ("kettle", "ketle", "kettel", "kttel", "lamp")] == [0, 1, 1, 2, 3]


class TestAmounts:
    @pytest.mark.parametrize(
        ("text", "value", "normalised"),
        [
            ("fifty dollars", "fifty dollars", "50.00 USD"),
            ("four thousand five hundred dollars", "four thousand five hundred dollars", "4500.00 USD"),
            ("two dollars and thirty-one cents", "two dollars and thirty-one cents", "2.31 USD"),
            ("charged a pound", "a pound", "1.00 GBP"),
            ("about $1.14 million", "$1.14 million", "1140000.00 USD"),
            ("CHF 1'234.50", "CHF 1'234.50", "1234.50 CHF"),
            ("EUR20.00", "EUR20.00", "20.00 EUR"),
            ("zwanzig Euro", "zwanzig Euro", "20.00 EUR"),
            ("99p", "99p", "0.99 GBP"),
            ("R$ 20", "R$ 20", "20.00 BRL"),
            ("12,- €", "12,- €", "12.00 EUR"),
        ],
    )
    def test_are_valued_in_their_currency(self, text: str, value: str, normalised: str) -> None:
        assert [(one.value, one.normalised) for one in amounts(text)] == [(value, normalised)]

    @pytest.mark.parametrize(
        "text", ["a pound of coffee", "50 cent's songs", "a euro account", "I like dollars", "12 bags"]
    )
    def test_are_not_invented(self, text: str) -> None:
        assert not list(amounts(text))


class TestOrderNumbers:
    @pytest.mark.parametrize(
        ("text", "values"),
        [
            ("my policy number that is linked to my account is 468646993", ["468646993"]),
            ("orders 48213 and 48214", ["48213", "48214"]),
            ("Order No. 44-1234", ["44-1234"]),
            ("invoice #85632?", ["#85632"]),
            ("where is purchase113542617735902", ["113542617735902"]),
            ("PNR ABCDEF", ["ABCDEF"]),
            ("Parcel tracking number is RML0514765190A", ["RML0514765190A"]),
        ],
    )
    def test_are_told_by_the_words_before_them(self, text: str, values: list[str]) -> None:
        assert [one.value for one in order_numbers(text)] == values

    @pytest.mark.parametrize(
        "text",
        [
            "my account number is 494939392", "the pin is 670344", "call me on 02079460100", "flight UA761", "order 500 bags",
            "zip code 44273", "ordered 2 weeks ago", "error ws-37338-4", "",
        ],
    )  # fmt: skip
    def test_other_numbers_are_left_alone(self, text: str) -> None:
        assert not list(order_numbers(text))

"""Long answers are cut where a reader would pause, and lose nothing but white space."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from switchboard.channels.splitting import size, split_text


@settings(max_examples=300, deadline=None)
@given(
    text=st.text(alphabet=st.sampled_from("ab é👩🏽\u200d💻.!?\n\u0301。 "), max_size=400),
    limit=st.integers(8, 80),
    unit=st.sampled_from(["characters", "bytes"]),
)
def test_nothing_is_lost_and_every_part_fits(text: str, limit: int, unit: str) -> None:
    parts = split_text(text, limit, unit)

    assert "".join("".join(parts).split()) == "".join(text.split())
    assert all(0 < size(part, unit) <= limit for part in parts)


def test_it_cuts_at_the_end_of_a_sentence() -> None:
    parts = split_text("Your parcel has left. It arrives on Monday morning. Thank you for waiting.", 40)

    assert parts == ("Your parcel has left.", "It arrives on Monday morning.", "Thank you for waiting.")


def test_it_prefers_the_end_of_a_paragraph() -> None:
    assert split_text("One. Two is here.\n\nThree. Four.", 26)[0] == "One. Two is here."


def test_a_word_is_cut_only_if_it_is_longer_than_a_message() -> None:
    assert split_text("x" * 25, 10) == ("x" * 10, "x" * 10, "x" * 5)
    assert split_text("aaaa bbbbbbbb", 10) == ("aaaa bbbbb", "bbb") or split_text("aaaa bbbbbbbb", 10)[0] == "aaaa"


def test_an_emoji_made_of_several_characters_stays_whole() -> None:
    programmer = "👩🏽\u200d💻"

    assert split_text("x" * 8 + programmer, 10) == ("x" * 8, programmer)


def test_bytes_are_counted_where_the_channel_counts_bytes() -> None:
    assert split_text("ééééé", 8, "bytes") == ("éééé", "é")


def test_a_short_text_and_no_limit_stay_whole() -> None:
    assert split_text("hello", 4096) == ("hello",)
    assert split_text("hello " * 9999, None) == (("hello " * 9999).strip(),)
    assert split_text(" \n ", 10) == ()


def test_a_huge_text_is_cut_quickly() -> None:
    assert len(split_text("word " * 200_000, 1000)) > 900


def test_a_limit_that_makes_no_sense_is_refused() -> None:
    with pytest.raises(ValueError, match="must be at least 8"):
        split_text("hello", 3)


class TestAPostOnX:
    @pytest.mark.parametrize(
        ("text", "weight"),
        [
            ("hello", 5),
            ("é\u2019\u2014", 3),
            ("日本語", 6),
            ("\N{SMILING FACE WITH OPEN MOUTH}", 2),
            ("see https://shop.example/a/very/long/address?with=many&parts=of it", 4 + 23 + 3),
            ("http://a.co", 23),
            ("see a.co", 4 + 23),
        ],
    )
    def test_is_counted_as_x_counts_it(self, text: str, weight: int) -> None:
        assert size(text, "weighted") == weight

    def test_of_other_writing_holds_half_as_much(self) -> None:
        parts = split_text("日" * 300, 280, "weighted")

        assert [len(part) for part in parts] == [140, 140, 20]

    def test_is_not_cut_inside_a_link(self) -> None:
        link = "https://shop.example/" + "x" * 400

        assert split_text(f"{'word ' * 55}{link}", 280, "weighted")[-1].endswith(link)

    @settings(max_examples=100, deadline=None)
    @given(text=st.text(alphabet=st.sampled_from("ab é日👩🏽\u200d💻!?\n "), max_size=900))
    def test_fits_whatever_it_says(self, text: str) -> None:
        parts = split_text(text, 280, "weighted")

        assert "".join("".join(parts).split()) == "".join(text.split())
        assert all(0 < size(part, "weighted") <= 280 for part in parts)

"""Days and periods in the words of customers, resolved against the moment of writing (Monday, 23 November 2026)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from switchboard.understanding.date_values import easter, thanksgiving
from switchboard.understanding.dates import DOUBTFUL_ORDER, dates

AT = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


def found(text: str, language: str = "en") -> list[tuple[str, str | None]]:
    ordered = sorted(dates(text, at=AT, language=language), key=lambda one: one.start)
    return [(one.value, one.normalised) for one in ordered]


class TestEnglish:
    @pytest.mark.parametrize(
        ("text", "value", "resolved"),
        [
            ("see you next Friday", "next Friday", "2026-11-27"),
            ("it came last Tuesday", "last Tuesday", "2026-11-17"),
            ("I ordered on Thursday and waited", "Thursday", "2026-11-19"),
            ("deliver it by Thursday please", "Thursday", "2026-11-26"),
            ("come on Monday morning", "Monday morning", "2026-11-30"),
            ("Saturday next week works", "Saturday next week", "2026-12-05"),
            ("Wednesday in a week", "Wednesday in a week", "2026-12-02"),
            ("two weeks ago", "two weeks ago", "2026-11-09"),
            ("arriving in 10 days", "in 10 days", "2026-12-03"),
            ("a couple of days ago", "a couple of days ago", "2026-11-21"),
            ("over the last 4 weeks", "last 4 weeks", "2026-10-26/2026-11-23"),
            ("by the end of the month", "end of the month", "2026-11-21/2026-11-30"),
            ("what did I pay last month", "last month", "2026-10"),
            ("sometime next week", "next week", "2026-11-30/2026-12-06"),
            ("this weekend", "this weekend", "2026-11-28/2026-11-29"),
            ("since last year", "last year", "2025"),
            ("arrive the 5th", "5th", "2026-12-05"),
            ("on the 4th of each month", "4th of each month", "2026-11-04"),
            ("Friday the 4th", "Friday the 4th", "2026-12-04"),
            ("12.03.2026", "12.03.2026", "2026-03-12"),
            ("on 27/12 it stopped", "27/12", "2026-12-27"),
            ("born 07/18/1992", "07/18/1992", "1992-07-18"),
            (
                "September thirteenth two thousand twenty-one",
                "September thirteenth two thousand twenty-one",
                "2021-09-13",
            ),
            ("October this year", "October this year", "2026-10"),
            ("in 2019", "2019", "2019"),
            ("your Black Friday sale", "Black Friday", "2026-11-27"),
            ("before Christmas Eve", "Christmas Eve", "2026-12-24"),
            ("the day after tomorrow", "day after tomorrow", "2026-11-25"),
        ],
    )
    def test_words_become_a_day_or_a_period(self, text: str, value: str, resolved: str) -> None:
        assert found(text) == [(value, resolved)]

    def test_both_ends_of_a_range_are_dates(self) -> None:
        assert found("from the 17 - 19 July") == [("17", "2026-07-17"), ("19 July", "2026-07-19")]

    @pytest.mark.parametrize(
        "text",
        [
            "open 24/7",
            "2/2 still waiting",
            "you may march on",
            "8/10 for the film",
            "iOS 10.15.3",
            "the sun sat low",
            "call at 9:30",
            "3 nights please",
        ],
    )
    def test_what_only_looks_like_a_date_is_left_alone(self, text: str) -> None:
        assert not found(text)

    def test_dates_within_links_are_left_alone(self) -> None:
        assert not found("see https://shop.example/2026/07/08/post")


class TestThreeSlashFour:
    def test_is_month_first_in_english_and_says_that_it_is_unsure(self) -> None:
        (one,) = dates("it came on 3/4", at=AT, language="en")
        assert (one.normalised, one.confidence) == ("2026-03-04", DOUBTFUL_ORDER)

    @pytest.mark.parametrize(
        ("text", "language"), [("am 3/4", "de"), ("on 3/4 I paid £5", "en"), ("from 27/12 to 3/4", "en")]
    )
    def test_is_day_first_in_other_languages_and_beside_pounds_or_a_clear_date(self, text: str, language: str) -> None:
        assert str(found(text, language)[-1][1]).endswith("-04-03")


class TestOtherLanguages:
    @pytest.mark.parametrize(
        ("language", "text", "value", "resolved"),
        [
            ("de", "bis nächsten Freitag", "nächsten Freitag", "2026-11-27"),
            ("de", "vor drei Tagen bestellt", "vor drei Tagen", "2026-11-20"),
            ("de", "am 5. März 2026", "5. März 2026", "2026-03-05"),
            ("de", "letzte Woche", "letzte Woche", "2026-11-16/2026-11-22"),
            ("de", "heute Abend", "heute Abend", "2026-11-23"),
            ("fr", "il y a deux semaines", "il y a deux semaines", "2026-11-09"),
            ("fr", "hier", "hier", "2026-11-22"),
            ("fr", "lundi prochain", "lundi prochain", "2026-11-30"),
            ("fr", "le 14 février 2027", "14 février 2027", "2027-02-14"),
            ("es", "hace tres días", "hace tres días", "2026-11-20"),
            ("es", "el 3 de mayo de 2026", "3 de mayo de 2026", "2026-05-03"),
            ("es", "la semana pasada", "semana pasada", "2026-11-16/2026-11-22"),
            ("it", "due giorni fa", "due giorni fa", "2026-11-21"),
            ("it", "venerdì prossimo", "venerdì prossimo", "2026-11-27"),
            ("pt", "amanhã", "amanhã", "2026-11-24"),
            ("pt", "há duas semanas", "há duas semanas", "2026-11-09"),
            ("nl", "twee dagen geleden", "twee dagen geleden", "2026-11-21"),
            ("nl", "volgende week", "volgende week", "2026-11-30/2026-12-06"),
        ],
    )
    def test_are_read_in_their_own_words(self, language: str, text: str, value: str, resolved: str) -> None:
        assert found(text, language) == [(value, resolved)]

    def test_a_greeting_is_no_date(self) -> None:
        assert not found("Guten Morgen, ich bin hier", "de")

    def test_words_of_other_languages_do_not_disturb_english(self) -> None:
        assert not found("mars is a planet and hier is not a word")


class TestCalendar:
    def test_easter_and_thanksgiving_move(self) -> None:
        assert [str(easter(year)) for year in (2024, 2025, 2026)] == ["2024-03-31", "2025-04-20", "2026-04-05"]
        assert str(thanksgiving(2026)) == "2026-11-26"

    @pytest.mark.parametrize("year", [1, 9999])
    def test_the_ends_of_the_calendar_are_no_error(self, year: int) -> None:
        text = (
            "yesterday, next week, last year, in 9999 years, easter, 31 december, last summer, Friday the 31st, on 3/4"
        )
        assert list(dates(text, at=AT.replace(year=year, day=1), language="en"))

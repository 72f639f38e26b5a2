"""Days and periods that a message names, in seven languages, resolved against the moment it was written."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from switchboard.domain.reading import Entity, EntityType
from switchboard.understanding.date_grammar import DIGITS, DOUBTFUL, ORDINALS, YEARS_SPOKEN, Grammar, Shape, grammar_of
from switchboard.understanding.date_values import (
    Period,
    around,
    day_of,
    edge,
    holiday,
    month_of,
    near,
    season,
    shifted,
    stretch,
    working,
    written,
    year_of,
)
from switchboard.understanding.date_words import DateWords

MOST_DATES = 40
"""Dates looked at in one message, so that time stays bounded."""
DOUBTFUL_ORDER = 0.6
"""Confidence of 3/4 and 03/04/2026 where both readings are days: the rule decides, and may be wrong."""

_ACCENTS = str.maketrans("àáâãäåçèéêëìíîïñòóôõöùúûüýÿ’`´\u00a0\u202f\n\t\r", "aaaaaaceeeeiiiinooooouuuuyy'''     ")
_URL = re.compile(r"(?:https?:/|www\.)\S{1,300}")
_WORD = re.compile(r"[^\W\d_]+")
_PAST = re.compile(
    r"\b(?:was|were|did|didn't|had|got|came|sent|paid|bought|made|went|been|since|told|said|lost|gestern|habe|wurde|"
    r"bestellt|[a-z]{2,}ed)\b"
)
_SENTENCE = re.compile(r"[.!?;\n]")
_DAY_FIRST = re.compile(r"£|\bquid\b|(?<![\d/])(?:1[3-9]|2\d|3[01])/(?:0?[1-9]|1[0-2])(?![\d])")
_FRACTIONS = frozenset({"1/2", "1/3", "1/4", "2/3", "2/2", "1/1", "24/7", "3/3"})
_NAMES = frozenset({"april", "june", "august", "may", "march"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """What resolving one match needs: the day of writing, the words, how 3/4 is read, and whether the past is meant."""

    match: re.Match[str]
    today: date
    words: DateWords
    day_first: bool
    text: str

    def __getitem__(self, name: str) -> str:
        """A part of the match, empty when it is not there."""
        return (self.match[name] or "") if name in self.match.re.groupindex else ""

    @property
    def lean(self) -> int:
        """-1 when the words before tell of the past, +1 when they set a term, else 0."""
        before = _SENTENCE.split(self.match.string[max(0, self.match.start() - 60) : self.match.start()])[-1]
        if re.search(r"\b(?:by|until|till|til)\W*$", before):
            return 1
        return -1 if _PAST.search(before) else 0

    def side(self, word: str) -> int:
        return -1 if word in self.words.last else 1 if word in self.words.next else 0

    def count(self, word: str) -> int:
        return int(word) if word.isdigit() else int(self.words.counts.get(word, 1))


def dates(text: str, *, at: datetime, language: str = "") -> Iterator[Entity]:
    """Dates in order of certainty, never overlapping; ``normalised`` is the ISO day or period ("2026-01", "first/last").

    A weekday or a day without its year is the next one, unless the words before it tell of the past. 3/4 is read month first in
    English and when the language is unknown, day first in other languages, in messages that name pounds, and where another date
    of the message shows it; its confidence is ``DOUBTFUL_ORDER`` then.
    """
    low = _plain(text)
    words = frozenset(_WORD.findall(low)) | ({DIGITS} if any(map(str.isdigit, low)) else set())
    grammar = grammar_of(language)
    if words.isdisjoint(grammar.vocabulary):
        return
    day_first = language not in {"en", "und", ""} or bool(_DAY_FIRST.search(low))
    taken: list[tuple[int, int]] = []
    found = _found(low, words, grammar)
    for shape, match in sorted(found, key=lambda one: (-_length(one[1]), -one[0].confidence)):
        start, end = match.span("value" if "value" in match.re.groupindex else 0)
        if any(start < other and one < end for one, other in taken):
            continue
        place = _Place(match=match, today=at.date(), words=grammar.words, day_first=day_first, text=text)
        resolved = _RESOLVED[shape.kind](place)
        if resolved is None:
            continue
        period, confidence = resolved
        taken.append((start, end))
        yield _entity(text, start, end, min(confidence, shape.confidence), period)


def _plain(text: str) -> str:
    """Lower case without accents, of the same length: spans stay true."""
    low = text.lower()
    if len(low) != len(text):  # a few letters grow when made small
        low = "".join(small if len(small := letter.lower()) == 1 else letter for letter in text)
    return _URL.sub(lambda link: " " * len(link[0]), low.translate(_ACCENTS))


def _found(low: str, words: frozenset[str], grammar: Grammar) -> list[tuple[Shape, re.Match[str]]]:
    found: list[tuple[Shape, re.Match[str]]] = []
    for shape in grammar.shapes:
        if words.isdisjoint(shape.starts):
            continue
        for match in shape.pattern.finditer(low):
            found.append((shape, match))
            if len(found) >= MOST_DATES:
                return found
    return found


def _length(match: re.Match[str]) -> int:
    start, end = match.span("value" if "value" in match.re.groupindex else 0)
    return end - start


def _entity(text: str, start: int, end: int, confidence: float, period: Period | None) -> Entity:
    value = text[start:end].rstrip("., ")
    return Entity(
        type=EntityType.DATE,
        value=value,
        confidence=confidence,
        start=start,
        end=start + len(value),
        normalised=written(period) if period else None,
    )


Resolved = tuple[Period | None, float] | None
"""The period (None when only the words are known) and a limit of the confidence; None when it is no date after all."""


def _sure(period: Period | None) -> Resolved:
    return (period, 1.0) if period else None


def _iso(place: _Place) -> Resolved:
    return _sure(day_of(int(place["year"]), int(place["month"]), int(place["day"])))


def _numeric(place: _Place) -> Resolved:
    year = int(place["year"]) + (0 if len(place["year"]) == 4 else _century(int(place["year"]), place.today))
    if place["mark"] == ".":  # points are written by those who put the day first
        return _sure(day_of(year, int(place["two"]), int(place["one"])))
    return _ordered(place, lambda month, day: day_of(year, month, day))


def _century(year: int, today: date) -> int:
    """Two digits mean the past hundred years or the coming ten."""
    century = today.year // 100 * 100
    return century if century + year <= today.year + 10 else century - 100


def _slash(place: _Place) -> Resolved:
    """3/4 needs a word before it or a number that can only be a day; fractions and marks out of ten are no dates."""
    one, two = int(place["one"]), int(place["two"])
    if not place["cue"] and (place["value"] in _FRACTIONS or (one <= 12 and two in {5, 10})):
        return None
    lean = place.lean
    return _ordered(place, lambda month, day: near(place.today, month, day, lean))


def _ordered(place: _Place, made: Callable[[int, int], Period | None]) -> Resolved:
    """Month and day in the order of the rule; in the other order where only that is a day."""
    one, two = int(place["one"]), int(place["two"])
    month, day = (two, one) if place.day_first else (one, two)
    first, second = made(month, day), made(day, month)
    if first and second and month != day:
        return first, DOUBTFUL_ORDER
    found = first or second
    return (found, 0.9) if found else None


def _dotted(place: _Place) -> Resolved:
    return _sure(near(place.today, int(place["two"]), int(place["one"]), place.lean))


def _day_number(place: _Place) -> int:
    return int(place["day"]) if place["day"] else ORDINALS[place["spoken"]]


def _year(place: _Place) -> int | None:
    if place["year"]:
        return int(place["year"])
    return 2000 + YEARS_SPOKEN[place["years"]] if place["years"] else None


def _day_month(place: _Place) -> Resolved:
    month, day, year = place.words.months[place["month"]], _day_number(place), _year(place)
    if year is None:
        return _sure(near(place.today, month, day, place.lean))
    return _sure(day_of(year, month, day))


def _month_year(place: _Place) -> Resolved:
    month = place.words.months[place["month"]]
    year = int(place["year"] or 0) or (2000 + int(place["short"]) if place["short"] else 0)
    return month_of(year or place.today.year + place.side(place["which"]), month), 1.0


def _month(place: _Place) -> Resolved:
    """A month without its year: the coming or the last one by the word before it, else by the tense, else the nearest."""
    start, end = place.match.span("month")
    name = place["month"]
    if name in _NAMES and place.text[start].isupper() and re.match(r" [A-Z][a-z]", place.text[end : end + 3]):
        return None  # "April Mitchell here"
    if name in {"may", "mar"} and place.text[start].islower() and place.text != place.text.lower():
        return None
    lean = place.side(place["which"]) or place.lean
    first = near(place.today, place.words.months[name], 15, lean)
    return (month_of(first[0].year, first[0].month), 1.0) if first else None


def _day_word(place: _Place) -> Resolved:
    return around_or_none(place.today, "day", place.words.days[place["word"]])


def around_or_none(today: date, unit: str, offset: int) -> Resolved:
    return _sure(around(today, unit, offset))


def _weekday(place: _Place) -> Resolved:
    """ "last Friday" lies behind, "by Friday" ahead; "Friday" by the tense of the words before; "next" is the coming one."""
    name = place["weekday"]
    if name in DOUBTFUL and not place["cue"] and not place.text[place.match.start("weekday")].isupper():
        return None  # "sun" and "sat" are everyday words
    if name in {"sat", "sun"} and place["cue"] in {"from", "and", "to", "by"} and not place.text.islower():
        return None
    number = place.words.weekdays[name]
    if place["day"]:
        return _named_day(place, number)
    if week := place["week"] or place["later"]:
        return _of_week(place, number, week)
    side = place.side(place["which"] or place["after"]) or place.lean
    ahead = (number - place.today.weekday()) % 7
    return _sure(around(place.today, "day", ((ahead - 7) or -7) if side < 0 else (ahead or 7)))


def _named_day(place: _Place, weekday: int) -> Resolved:
    """ "Friday the 17th": the nearest such day within a year."""
    for distance in range(13):
        for months in (distance, -distance):
            moved = shifted(place.today.replace(day=1), "month", months)
            found = day_of(moved.year, moved.month, int(place["day"])) if moved else None
            if found and found[0].weekday() == weekday:
                return found, 1.0
    return None


def _of_week(place: _Place, weekday: int, week: str) -> Resolved:
    offsets = {"this week": 0, "next week": 1, "last week": -1, "in a week": 1, "in two weeks": 2, "in 2 weeks": 2}
    offset = offsets.get(week, 3 if week.startswith("in ") else place.side(week))
    if week.startswith("in "):
        ahead = (weekday - place.today.weekday()) % 7 or 7
        return _sure(around(place.today, "day", ahead + 7 * offset))
    monday = around(place.today, "week", offset)
    return _sure(around(monday[0], "day", weekday)) if monday else None


def _ago(place: _Place) -> Resolved:
    if not place["count"] and (
        place["side"] not in {"ago", "geleden", "atras", "fa"} or not place["unit"].endswith(("s", "n", "i"))
    ):
        return None
    count = place.count(place["count"]) if place["count"] else 3
    unit = place.words.units[place["unit"]]
    signed = count if place["side"].startswith("from") else -count
    found = working(place.today, signed) if place["working"] else shifted(place.today, unit, signed)
    limit = 1.0 if place["count"] and not place["half"] else 0.8
    return ((found, found), limit) if found else (None, 0.8)


def _in(place: _Place) -> Resolved:
    if place["count"] in {"a", "one"} and place.lean < 0:
        return None  # "four flights in a month"
    count = place.count(place["count"])
    found = (
        working(place.today, count)
        if place["working"]
        else shifted(place.today, place.words.units[place["unit"]], count)
    )
    return ((found, found), 1.0) if found else (None, 0.8)


def _week_on(place: _Place) -> Resolved:
    """ "a week on Tuesday", "Tuesday week": that many weeks after the coming one."""
    ahead = (place.words.weekdays[place["weekday"] or place["plain"]] - place.today.weekday()) % 7 or 7
    weeks = place.count(place["count"]) if place["count"] else 1
    return _sure(around(place.today, "day", ahead + 7 * weeks))


def _quarter(place: _Place) -> Resolved:
    first = 3 * int(place["quarter"]) - 2
    start, end = month_of(int(place["year"]), first), month_of(int(place["year"]), first + 2)
    return (start[0], end[1]), 1.0


def _today_in(place: _Place) -> Resolved:
    days = (14 if place["unit"] == "fortnight" else 7) + place.match[0].endswith("tomorrow")
    return _sure(around(place.today, "day", days))


def _which(place: _Place) -> Resolved:
    period = around(place.today, place.words.units[place["unit"]], place.side(place["which"]))
    if period and place["edge"]:
        period = edge(period, int(place.words.edges[place["edge"]]))
    return _sure(period)


def _stretch(place: _Place) -> Resolved:
    count = place.count(place["count"]) or 1
    return stretch(place.today, place.words.units[place["unit"]], count * (place.side(place["which"]) or 1)), 1.0


def _edge(place: _Place) -> Resolved:
    period: Period | None
    if place["unit"]:
        period = around(place.today, place.words.units[place["unit"]], 0)
    elif place["only"]:
        period = year_of(int(place["only"]))
    else:
        month = place.words.months[place["month"]]
        first = near(place.today, month, 15, place.lean)
        year = int(place["year"]) if place["year"] else first[0].year if first else place.today.year
        period = month_of(year, month)
    return _sure(edge(period, int(place.words.edges[place["edge"]]))) if period else None


def _of_month(place: _Place) -> Resolved:
    """ "21st of the month"; of "each month" the coming one stands for all."""
    moved = shifted(place.today.replace(day=1), "month", place.side(place["which"]))
    return _sure(day_of(moved.year, moved.month, int(place["day"]))) if moved else None


def _ordinal(place: _Place) -> Resolved:
    """ "the 5th": of this month; of the next one when it is past and no word tells of the past."""
    this = day_of(place.today.year, place.today.month, int(place["day"]))
    lean = place.lean
    if this and ((lean < 0 and this[0] > place.today) or (lean >= 0 and this[0] < place.today)):
        moved = shifted(place.today.replace(day=1), "month", -1 if lean < 0 else 1)
        this = day_of(moved.year, moved.month, int(place["day"])) if moved else None
    return this, 0.7


def _only_year(place: _Place) -> Resolved:
    return year_of(int(place["year"])), 0.75 if place["cue"] in {
        "in",
        "since",
        "year",
        "during",
        "seit",
        "depuis",
    } else 0.6


def _holiday(place: _Place) -> Resolved:
    rule = str(place.words.holidays[place["holiday"]])
    if place["year"]:
        return _sure(holiday(rule, date(int(place["year"]), 7, 1)))
    return _sure(holiday(rule, place.today, place.side(place["which"]) or place.lean))


def _season(place: _Place) -> Resolved:
    if place["named"]:
        month = int(place.words.seasons[place["named"]])
        return _sure(season(date(int(place["year"]), 1, 1), month, 0))
    month = int(place.words.seasons[place["season"]])
    return _sure(season(place.today, month, place.side(place["which"])))


_RESOLVED: Mapping[str, Callable[[_Place], Resolved]] = {
    "iso": _iso, "numeric": _numeric, "slash": _slash, "dotted": _dotted, "day_month": _day_month,
    "range_start": _day_month, "range_end": _day_month, "month_year": _month_year, "month": _month,
    "day_word": _day_word, "weekday": _weekday, "ago": _ago, "in": _in, "week_on": _week_on,
    "quarter": _quarter, "today_in": _today_in, "which": _which,
    "stretch": _stretch, "edge": _edge, "of_month": _of_month, "ordinal": _ordinal, "year": _only_year,
    "holiday": _holiday, "season": _season,
}  # fmt: skip

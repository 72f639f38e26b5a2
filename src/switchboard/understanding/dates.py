"""Days and periods that a message names, resolved against the moment it was written."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta

from switchboard.domain.reading import Entity, EntityType
from switchboard.understanding.text import listed

MOST_DATES = 12
"""Dates resolved in one message: the rest keep their text only, so that time stays bounded."""

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan januar janvier enero gennaio janeiro januari",
            "february feb februar février febrero febbraio fevereiro februari",
            "march mar märz mars marzo março maart",
            "april apr avril abril aprile",
            "may mai mayo maggio maio mei",
            "june jun juni juin junio giugno junho",
            "july jul juli juillet julio luglio julho",
            "august aug août agosto augustus",
            "september sep sept septembre septiembre settembre setembro",
            "october oct oktober octobre octubre ottobre outubro",
            "november nov novembre noviembre novembro",
            "december dec dezember décembre diciembre dicembre dezembro",
        ),
        start=1,
    )
    for name in names.split()
}
_WEEKDAYS = {
    name: number
    for number, names in enumerate(
        (
            "monday mon montag lundi lunes lunedì maandag",
            "tuesday tue tues dienstag mardi martes martedì dinsdag",
            "wednesday wed mittwoch mercredi miércoles mercoledì woensdag",
            "thursday thu thur thurs donnerstag jeudi jueves giovedì donderdag",
            "friday fri freitag vendredi viernes venerdì vrijdag",
            "saturday sat samstag samedi sábado sabato zaterdag",
            "sunday sun sonntag dimanche domingo domenica zondag",
        )
    )
    for name in names.split()
}
_DAYS = {
    "the day before yesterday": -2, "day before yesterday": -2, "the day after tomorrow": 2, "day after tomorrow": 2,
    "yesterday": -1, "today": 0, "tonight": 0, "last night": -1, "tomorrow": 1, "this morning": 0, "this afternoon": 0,
    "this evening": 0, "gestern": -1, "vorgestern": -2, "heute": 0, "übermorgen": 2, "hier": -1, "aujourd'hui": 0,
    "demain": 1, "ayer": -1, "hoy": 0, "mañana": 1, "ieri": -1, "oggi": 0, "domani": 1, "ontem": -1, "hoje": 0,
    "amanhã": 1, "gisteren": -1, "vandaag": 0, "morgen": 1,
}  # fmt: skip
_NUMBERS = {
    word: number
    for number, words in enumerate(
        ["a,an,one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"],
        start=1,
    )
    for word in words.split(",")
} | {"a couple of": 2, "a few": 3, "several": 4}
_UNITS = {"day": 1, "week": 7, "fortnight": 14, "month": 30, "year": 365}

_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_WEEKDAY = "|".join(sorted(_WEEKDAYS, key=len, reverse=True))
_COUNT = r"(?:\d{1,3}|" + "|".join(sorted(_NUMBERS, key=len, reverse=True)) + ")"
_YEAR = r"(?:,? (?:19|20)\d\d)?"
_Parse = Callable[[re.Match[str], date, bool], date | None]


def _iso(match: re.Match[str], today: date, day_first: bool) -> date | None:
    return _day(int(match[1]), int(match[2]), int(match[3]))


def _numeric(match: re.Match[str], today: date, day_first: bool) -> date | None:
    first, second = int(match[1]), int(match[2])
    year = int(match[3]) + (2000 if int(match[3]) < 100 else 0) if match[3] else today.year
    day, month = (first, second) if (day_first or first > 12) and second <= 12 else (second, first)
    return _day(year, month, day)


def _day_month(match: re.Match[str], today: date, day_first: bool) -> date | None:
    """ "3 March 2025", "March 3rd"; without a year the one nearest to the message."""
    low = match[0].lower()
    name = re.search(rf"\b(?:{_MONTH})\b", low)
    year = re.search(r"\b(?:19|20)\d\d\b", low)
    day = re.search(r"\b(\d{1,2})(?!\d)", low)
    if not name or not day:
        return None
    month = _MONTHS[name[0]]
    if year:
        return _day(int(year[0]), month, int(day[1]))
    near = [found for offset in (-1, 0, 1) if (found := _day(today.year + offset, month, int(day[1])))]
    return min(near, key=lambda found: abs((found - today).days), default=None)


def _weekday(match: re.Match[str], today: date, day_first: bool) -> date | None:
    """ "last Friday" lies behind, any other weekday ahead; "next" skips at least to the coming one."""
    ahead = (_WEEKDAYS[match["weekday"].lower()] - today.weekday()) % 7
    if (match["which"] or "").lower().strip() in {"last", "past", "letzten", "letzte"}:
        return today - timedelta(days=(7 - ahead) % 7 or 7)
    return today + timedelta(days=ahead or 7)


def _word_day(match: re.Match[str], today: date, day_first: bool) -> date | None:
    return today + timedelta(days=_DAYS[match[0].lower()])


def _distance(match: re.Match[str], today: date, day_first: bool) -> date | None:
    count = match["count"].lower()
    days = (int(count) if count.isdigit() else _NUMBERS[count]) * _UNITS[match["unit"].lower().rstrip("s")]
    back = (match["ago"] or "").lower() in {"ago", "earlier", "back", "before"}
    return _shift(today, -days if back else days)


def _period(match: re.Match[str], today: date, day_first: bool) -> date | None:
    days = _UNITS[match["unit"].lower()]
    return _shift(today, {"last": -days, "past": -days, "next": days}.get(match["which"].lower(), 0))


def _month(match: re.Match[str], today: date, day_first: bool) -> date | None:
    """ "since March 2024": the first day of that month."""
    *_, name, year = match[0].lower().split()
    return _day(int(year), _MONTHS[name], 1)


def _ordinal(match: re.Match[str], today: date, day_first: bool) -> date | None:
    """ "the 5th": of the month in which the message was written."""
    return _day(today.year, today.month, int(re.sub(r"\D", "", match[0])))


_SHAPES: tuple[tuple[re.Pattern[str], _Parse, float], ...] = (
    (re.compile(r"(?<![\w-])((?:19|20)\d\d)-(\d\d)-(\d\d)(?!\d)"), _iso, 0.98),
    (re.compile(r"(?<![\w/.,-])(\d{1,2})[/.-](\d{1,2})[/.-]((?:19|20)?\d\d)(?![\w/])"), _numeric, 0.9),
    (re.compile(r"(?<![\w/.,$€£-])(0?[1-9]|[12]\d|3[01])/(0?[1-9]|[12]\d|3[01])()(?![\w/])"), _numeric, 0.6),
    (re.compile(rf"\b(?:(?:{_WEEKDAY}),? )?(?:the )?\d{{1,2}}(?:st|nd|rd|th|\.|er|º)?(?: of| de)? "
    rf"(?:{_MONTH})\b\.?(?: de)?{_YEAR}", re.I), _day_month, 0.95),
    (re.compile(rf"\b(?:(?:{_WEEKDAY}),? )?(?:{_MONTH})\.? (?:the )?\d{{1,2}}(?:st|nd|rd|"
    rf"th)?(?![\d:]){_YEAR}", re.I), _day_month, 0.95),
    (re.compile(r"\b(?:" + "|".join(sorted(_DAYS, key=len, reverse=True)) + r")\b", re.I), _word_day, 0.85),
    (re.compile(rf"\b(?P<which>(?:next|last|this|past|coming|on|by|until|since|nächsten|letzten|am) "
    rf")?(?P<weekday>{_WEEKDAY})\b", re.I), _weekday, 0.8),
    (re.compile(rf"\b(?:in |within )?(?P<count>{_COUNT}) (?P<unit>days?|weeks?|fortnights?|months?|years?) "
    rf"(?P<ago>ago|earlier|back|before)\b", re.I), _distance, 0.9),
    (re.compile(rf"\b(?:in|within) (?P<count>{_COUNT}) (?P<unit>days?|weeks?|fortnights?|months?|"
    rf"years?)(?P<ago>)\b", re.I), _distance, 0.75),
    (re.compile(r"\b(?P<which>next|last|this|past) (?P<unit>week|month|year)\b", re.I), _period, 0.8),
    (re.compile(rf"\b(?:in |since |last |next |early |late |mid )?(?:{_MONTH}) (?:19|20)\d\d\b", re.I), _month, 0.85),
    (re.compile(r"\b(?:on )?the \d{1,2}(?:st|nd|rd|th)\b(?! (?:time|floor|row|street|ave))", re.I), _ordinal, 0.6),
)  # fmt: skip
_ABBREVIATED = listed(
    "mon tue wed sat sun mar may",
)
"""Also everyday words or parts of names: taken for a date only with company."""
_AMERICAN = frozenset({"en", "und", ""})


def dates(text: str, *, at: datetime, language: str = "") -> Iterator[Entity]:
    """Dates with their span; ``normalised`` is the ISO day where one is meant. 3/4 is read by the writer's language."""
    resolved = 0
    for pattern, parse, confidence in _SHAPES:
        for match in pattern.finditer(text):
            if match[0].lower() in _ABBREVIATED:
                continue
            resolved += 1
            day = parse(match, at.date(), language not in _AMERICAN) if resolved <= MOST_DATES else None
            if day is None and parse in (_iso, _numeric, _day_month):
                continue
            yield _entity(match, confidence, day)


def _entity(match: re.Match[str], confidence: float, day: date | None) -> Entity:
    start = (
        match.start()
        + len(match[0])
        - len(re.sub(r"^(?:on|by|until|since|am|in|the) (?=\S)", "", match[0], flags=re.I))
    )
    value = match.string[start : match.end()].rstrip(".,")
    return Entity(
        type=EntityType.DATE,
        value=value,
        confidence=confidence,
        start=start,
        end=start + len(value),
        normalised=day.isoformat() if day else None,
    )


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _shift(today: date, days: int) -> date | None:
    try:
        return today + timedelta(days=days)
    except OverflowError:
        return None

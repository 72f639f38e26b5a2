"""When a mail was written, by its Date header, however the sender's program wrote it."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

EARLIEST = datetime(1982, 8, 13, tzinfo=UTC)
"""The day of RFC 822: a mail that claims to be older has a clock that stands still."""

_ISO = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2})?(?:\.\d{1,6})?(?:Z|[+-]\d{2}:?\d{2})?")
_COMPACT = re.compile(r"(\d{8})T?(\d{6})(Z|[+-]\d{4})?")
_DAY_FIRST = re.compile(
    r"(?:\w{2,9}\.?,?\s)?(\d{1,2})\.(\d{1,2})\.(\d{4}),?\s{1,3}(\d{1,2}):(\d{2})(?::(\d{2}))?(.{0,20})"
)
_YEAR_FIRST = re.compile(r"(\d{4})[/.](\d{1,2})[/.](\d{1,2}),?\s{1,3}(\d{1,2}):(\d{2})(?::(\d{2}))?(.{0,20})")
_OFFSET = re.compile(r"\s*([+-]\d{2}):?(\d{2})")
_WITHOUT_ZONE = re.compile(r"\s[+-]\d{4,5}\b.*", re.DOTALL)
_NAMED_OFFSET = re.compile(r"\b(?:UTC|GMT|Z)\s?(?=[+-]\d{1,2}:?\d{2}\b)")
_COLON_IN_OFFSET = re.compile(r"(?<=\s)([+-]\d{2}):(\d{2})\b")
_FRACTION = re.compile(r"(:\d{2}:\d{2})[.,]\d{1,9}")
_LEAP = re.compile(r"(\d{2}:\d{2}):60\b")
_CROWDED = re.compile(r"(\d{1,2})([A-Za-z]{3,4})(\d{4})")
_SHORT_YEAR = re.compile(r"(\b[A-Za-z]{3}\s)(1\d\d)(?=\s\d{1,2}:)")
_MONTH = re.compile(r"[^\W\d_]{3,10}\.?")
_MONTHS = {
    "jan": ("janu", "janv", "ene", "gen", "stycz", "led"),
    "feb": ("febr", "fév", "fev", "lut", "únor"),
    "mar": ("märz", "mars", "marz", "maart", "mär", "mrz", "mrt", "març"),
    "apr": ("avr", "abr"),
    "may": ("mai", "mag", "maj", "mei"),
    "jun": ("juni", "juin", "giu", "jún"),
    "jul": ("juli", "juil", "lug"),
    "aug": ("augu", "aoû", "aou", "ago", "augo"),
    "sep": ("sept", "set"),
    "oct": ("okt", "octo", "ott", "out"),
    "nov": ("nove",),
    "dec": ("dez", "déc", "dic", "dece"),
}
"""Months as programs of other languages begin them, by the English ones."""


def read_date(value: str) -> datetime | None:
    """The moment in UTC (without a zone: as if it were), or None where nothing sensible stands there."""
    try:
        found = _read(value[:200].strip())
        found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return found if found >= EARLIEST else None


def _read(value: str) -> datetime:
    iso = _ISO.match(value)
    if iso is not None:
        return datetime.fromisoformat(iso[0])
    if (compact := _COMPACT.match(value)) is not None:
        date, time, zone = compact[1], compact[2], compact[3]
        return datetime.fromisoformat(f"{date}T{time}{zone or ''}")
    if (day_first := _DAY_FIRST.match(value)) is not None:
        day, month, year, *rest = day_first.groups()
        return _numbers(year, month, day, rest)
    if (year_first := _YEAR_FIRST.match(value)) is not None:
        year, month, day, *rest = year_first.groups()
        return _numbers(year, month, day, rest)
    value = _usual(value)
    try:
        return parsedate_to_datetime(value)
    except ValueError:  # a zone that does not exist: the time is right but for hours
        return parsedate_to_datetime(_WITHOUT_ZONE.sub("", value))


def _numbers(year: str, month: str, day: str, rest: list[str | None]) -> datetime:
    hour, minute, second, behind = (part or "0" for part in rest)
    offset = _OFFSET.match(behind)
    text = f"{year}-{int(month):02}-{int(day):02}T{int(hour):02}:{minute}:{int(second):02}"
    return datetime.fromisoformat(text + (f"{offset[1]}:{offset[2]}" if offset is not None else ""))


def _usual(value: str) -> str:
    """As RFC 5322 wants it, where the difference is one of spelling."""
    value = _NAMED_OFFSET.sub("", value)
    value = _COLON_IN_OFFSET.sub(r"\1\2", value)
    value = _LEAP.sub(r"\1:59", _FRACTION.sub(r"\1", value))
    value = _CROWDED.sub(r"\1 \2 \3", value).replace(",", ", ")
    value = _MONTH.sub(_english, value)
    return _SHORT_YEAR.sub(lambda match: f"{match[1]}{1900 + int(match[2])}", value)


def _english(match: re.Match[str]) -> str:
    word = match[0].lower()
    found = (english for english, others in _MONTHS.items() if word.startswith((english, *others)))
    return next(found, None) or match[0]

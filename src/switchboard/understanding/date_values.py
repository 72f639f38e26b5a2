"""Calendar arithmetic for dates that a message names: days and periods, always absolute, and how they are written."""

from __future__ import annotations

import calendar
from datetime import date, timedelta

Period = tuple[date, date]
"""First and last day, both included; a single day is twice the same."""


def written(period: Period) -> str:
    """ISO 8601: "2026-01-15" for a day, "2026-01" and "2026" for a whole month or year, else "first/last"."""
    first, last = period
    if first == last:
        return first.isoformat()
    if period == year_of(first.year):
        return f"{first.year:04}"
    if period == month_of(first.year, first.month):
        return first.isoformat()[:7]
    return f"{first.isoformat()}/{last.isoformat()}"


def day_of(year: int, month: int, day: int) -> Period | None:
    """A day, or None where the calendar has no such day."""
    try:
        return (one := date(year, month, day)), one
    except ValueError:
        return None


def year_of(year: int) -> Period:
    return date(year, 1, 1), date(year, 12, 31)


def month_of(year: int, month: int) -> Period:
    return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])


def shifted(today: date, unit: str, count: int) -> date | None:
    """``count`` units away; a month later is the same day of it or its last one. None outside the calendar."""
    try:
        if unit in {"month", "quarter", "year"}:
            months = today.month - 1 + count * {"month": 1, "quarter": 3, "year": 12}[unit]
            year, month = today.year + months // 12, months % 12 + 1
            return date(year, month, min(today.day, calendar.monthrange(year, month)[1]))
        return today + timedelta(days=count * {"day": 1, "week": 7, "weekend": 7, "fortnight": 14}[unit])
    except (OverflowError, ValueError):
        return None


def working(today: date, count: int) -> date | None:
    """``count`` days from Monday to Friday away, whatever the holidays; None outside the calendar."""
    weeks, rest = divmod(abs(count), 5)
    sign = -1 if count < 0 else 1
    try:
        day = today + timedelta(days=7 * weeks * sign)
        while rest:
            day += timedelta(days=sign)
            rest -= day.weekday() < 5
    except OverflowError:
        return None
    return day


def around(today: date, unit: str, offset: int) -> Period | None:
    """The calendar unit of ``today`` moved by ``offset`` ("last week", "next month"): weeks run from Monday."""
    moved = shifted(today, unit, offset)
    if moved is None:
        return None
    if unit == "year":
        return year_of(moved.year)
    if unit == "month":
        return month_of(moved.year, moved.month)
    if unit == "quarter":
        start = (moved.month - 1) // 3 * 3 + 1
        return date(moved.year, start, 1), month_of(moved.year, start + 2)[1]
    if unit == "day":
        return moved, moved
    try:
        monday = moved - timedelta(days=moved.weekday())
        if unit == "weekend":
            return monday + timedelta(days=5), monday + timedelta(days=6)
        return monday, monday + timedelta(days=13 if unit == "fortnight" else 6)
    except OverflowError:
        return None


def stretch(today: date, unit: str, count: int) -> Period | None:
    """The last (``count`` below 0) or the next units, counted from ``today``: "last 4 weeks"."""
    end = shifted(today, unit, count)
    if end is None:
        return None
    return (end, today) if count < 0 else (today, end)


def edge(period: Period, place: int) -> Period:
    """The first (-1), middle (0) or last (1) third of a period."""
    first, last = period
    third = ((last - first).days + 1) // 3
    if place < 0:
        return first, first + timedelta(days=max(0, third - 1))
    if place > 0:
        return last - timedelta(days=max(0, third - 1)), last
    return first + timedelta(days=third), last - timedelta(days=third)


def season(today: date, first_month: int, lean: int) -> Period | None:
    """Three months from ``first_month`` (northern half of the world): of this year, or the last or next one."""
    year = today.year
    if lean < 0 and today.month < first_month + 3:
        year -= 1
    if lean > 0 and today.month >= first_month:
        year += 1
    end_year, end_month = (year, first_month + 2) if first_month < 11 else (year + 1, (first_month + 2) % 12)
    if not 1 <= year <= 9998:
        return None
    return date(year, first_month, 1), month_of(end_year, end_month)[1]


def near(today: date, month: int, day: int, lean: int = 0) -> Period | None:
    """A day of the year without its year: the nearest one, or with ``lean`` the one before or after ``today``."""
    found = [one[0] for offset in (-1, 0, 1) if (one := _safe(today.year + offset, month, day))]
    if lean:
        found = [one for one in found if (one - today).days * lean >= 0] or found
    best = min(found, key=lambda one: abs((one - today).days), default=None)
    return (best, best) if best else None


def _safe(year: int, month: int, day: int) -> Period | None:
    return day_of(year, month, day) if 1 <= year <= 9999 else None


def holiday(rule: str, today: date, lean: int = 0) -> Period | None:
    """A feast by its rule: "12-25", "easter+1" or "thanksgiving+1" (days after)."""
    if rule[0].isdigit():
        return near(today, int(rule[:2]), int(rule[3:]), lean)
    name, days = (rule, 0) if rule.isalpha() else _with_days(rule)
    try:
        years = (today.year - 1, today.year, today.year + 1)
        found = [(easter(year) if name == "easter" else thanksgiving(year)) + timedelta(days=days) for year in years]
    except (OverflowError, ValueError):
        return None
    if lean:
        found = [one for one in found if (one - today).days * lean >= 0] or found
    best = min(found, key=lambda one: abs((one - today).days))
    return best, best


def _with_days(rule: str) -> tuple[str, int]:
    place = max(rule.find("+"), rule.find("-"))
    return rule[:place], int(rule[place:])


def thanksgiving(year: int) -> date:
    """The fourth Thursday of November."""
    first = date(year, 11, 1)
    return first + timedelta(days=(3 - first.weekday()) % 7 + 21)


def easter(year: int) -> date:
    """Easter Sunday of the western churches (the anonymous Gregorian algorithm)."""
    golden, century, rest = year % 19, year // 100, year % 100
    epact = (19 * golden + century - century // 4 - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    weekday = (32 + 2 * (century % 4) + 2 * (rest // 4) - epact - rest % 4) % 7
    late = (golden + 11 * epact + 22 * weekday) // 451
    place = epact + weekday - 7 * late + 114
    return date(year, place // 31, place % 31 + 1)

"""When the business, or one person, is on duty: weekly times in one time zone, with days off."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from switchboard.domain.agent import Shift
from switchboard.errors import InvalidInput

LOOK_AHEAD_DAYS = 21
"""How far a next opening is searched: further away, nobody would call it an answer."""


def working_week(
    start: time = time(9), end: time = time(17), *, weekdays: Sequence[int] = range(5)
) -> tuple[Shift, ...]:
    """The same hours on each of ``weekdays`` (0 = Monday)."""
    return tuple(Shift(weekday=day, start=start, end=end) for day in weekdays)


def zone_named(name: str) -> ZoneInfo:
    """The time zone of that IANA name. Raises ``InvalidInput`` for an unknown one."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as unknown:
        raise InvalidInput(
            "This time zone is not known.", field="zone", limit="an IANA name", fix="Use a name such as Europe/Berlin."
        ) from unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class BusinessHours:
    """``weekly`` empty means always open. A shift that ends at or before its start runs past midnight; one from
    midnight to midnight lasts all day. A shift belongs to the day on which it starts, so a holiday takes the night
    shift that starts on it."""

    zone: str = "UTC"
    weekly: tuple[Shift, ...] = ()
    holidays: frozenset[date] = frozenset()

    def is_open(self, at: datetime) -> bool:
        """``at`` is an aware time."""
        if not self.weekly and not self.holidays:
            return True
        local = at.astimezone(zone_named(self.zone))
        days = (local.date() - timedelta(days=1), local.date())
        return any(start <= at < end for day in days for start, end in self._openings(day))

    def next_opening(self, at: datetime) -> datetime | None:
        """The first moment from ``at`` on (UTC) when we are open, or None within the next three weeks."""
        if self.is_open(at):
            return at.astimezone(UTC)
        first = at.astimezone(zone_named(self.zone)).date()
        for offset in range(LOOK_AHEAD_DAYS + 1):
            starts = [start for start, _ in self._openings(first + timedelta(days=offset)) if start > at]
            if starts:
                return min(starts)
        return None

    def _openings(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        """Start and end (UTC) of every shift that begins on this local day; UTC so that clock changes count right."""
        if day in self.holidays:
            return
        for shift in self.weekly or working_week(time(0), time(0), weekdays=range(7)):
            if shift.weekday == day.weekday():
                last = day if shift.end > shift.start else day + timedelta(days=1)
                yield self._utc(day, shift.start), self._utc(last, shift.end)

    def _utc(self, day: date, clock: time) -> datetime:
        return datetime.combine(day, clock, tzinfo=zone_named(self.zone)).astimezone(UTC)

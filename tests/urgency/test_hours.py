"""Business hours in their own time zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest

from switchboard.domain.agent import Shift
from switchboard.errors import InvalidInput
from switchboard.urgency.hours import BusinessHours, is_after_hours, working_week

BERLIN = BusinessHours(zone="Europe/Berlin", weekly=working_week(), holidays=frozenset({date(2026, 12, 25)}))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


class TestBusinessHours:
    def test_without_hours_a_business_is_always_open(self) -> None:
        assert not is_after_hours(BusinessHours(), at("2026-11-22T03:00"))

    def test_hours_are_those_of_the_business_zone(self) -> None:
        assert BERLIN.is_open(at("2026-11-23T08:00"))
        assert not BERLIN.is_open(at("2026-11-23T07:59"))
        assert not BERLIN.is_open(at("2026-11-23T16:00"))

    def test_summer_time_moves_them(self) -> None:
        assert BERLIN.is_open(at("2026-07-01T07:00"))

    def test_weekends_and_holidays_are_closed(self) -> None:
        assert not BERLIN.is_open(at("2026-11-22T10:00"))
        assert not BERLIN.is_open(at("2026-12-25T10:00"))

    def test_a_night_shift_runs_past_midnight(self) -> None:
        night = BusinessHours(weekly=(Shift(weekday=4, start=time(22), end=time(6)),))
        assert night.is_open(at("2026-11-28T05:59"))
        assert not night.is_open(at("2026-11-28T06:00"))

    def test_the_next_opening_skips_weekend_and_holiday(self) -> None:
        assert BERLIN.next_opening(at("2026-12-24T18:00")) == at("2026-12-28T08:00")

    def test_open_now_is_the_next_opening(self) -> None:
        assert BERLIN.next_opening(at("2026-11-23T10:00")) == at("2026-11-23T10:00")

    def test_holidays_close_a_business_that_is_else_always_open(self) -> None:
        hours = BusinessHours(holidays=frozenset({date(2026, 1, 1)}))
        assert not hours.is_open(at("2026-01-01T12:00"))
        assert hours.next_opening(at("2026-01-01T12:00")) == at("2026-01-02T00:00")

    def test_an_unknown_zone_is_named_as_the_trouble(self) -> None:
        with pytest.raises(InvalidInput) as refused:
            BusinessHours(zone="Mars/Base", weekly=working_week()).is_open(at("2026-11-23T10:00"))
        assert refused.value.field == "zone"

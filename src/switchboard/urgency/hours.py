"""Whether a message came during business hours (outside them it weighs one point more)."""

from __future__ import annotations

from datetime import datetime

from switchboard.domain.hours import BusinessHours, working_week

__all__ = ["BusinessHours", "is_after_hours", "working_week"]


def is_after_hours(hours: BusinessHours, at: datetime) -> bool:
    """``at`` is an aware time; a business without configured hours is always open."""
    return not hours.is_open(at)

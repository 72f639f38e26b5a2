"""Backoff and circuit breaker as pure state machines: time is an argument (design document, "Error Handling")."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

MAX_ATTEMPTS = 5
"""Retries of processing before the dead-letter queue (decisions, "Errors and retries")."""


def retry_delay(attempt: int, jitter: float = 0.0) -> float:
    """Seconds before retry ``attempt`` (1..5): 2^attempt; ``jitter`` in [0, 1] adds at most 10 % (Property 2)."""
    if attempt < 1:
        raise ValueError(f"attempt is {attempt}, must be at least 1")
    return float(2**attempt) * (1 + 0.1 * min(max(jitter, 0.0), 1.0))


SEND_SCHEDULE = (5.0, 30.0, 120.0, 600.0, 1800.0, 3600.0, 7200.0, 14400.0, 28800.0, 43200.0, 64800.0, 86400.0, 86400.0)
"""Seconds between tries of sending to a channel or webhook: 91 h in all, so that an outage of three days loses nothing."""


def send_delay(attempt: int, jitter: float = 0.0) -> float | None:
    """Seconds before send try ``attempt`` + 1, or None when the schedule is used up."""
    if attempt > len(SEND_SCHEDULE):
        return None
    return SEND_SCHEDULE[attempt - 1] * (1 + 0.1 * min(max(jitter, 0.0), 1.0))


class BreakerState(StrEnum):
    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


@dataclass(frozen=True, slots=True, kw_only=True)
class Breaker:
    """One dependency's breaker: opens after 5 consecutive failures, tests after 30 s one call at a time, closes after 3
    successes. Every method returns the next state; ``now`` is in monotonic seconds."""

    failures_to_open: int = 5
    open_for: float = 30.0
    successes_to_close: int = 3
    state: BreakerState = BreakerState.CLOSED
    failures: int = 0
    successes: int = 0
    opened_at: float = 0.0
    probing: bool = False

    def admits(self, now: float) -> bool:
        if self.state is BreakerState.CLOSED:
            return True
        if self.state is BreakerState.OPEN:
            return now - self.opened_at >= self.open_for
        return not self.probing

    def retry_after(self, now: float) -> float:
        """Seconds until a call may be tried."""
        if self.state is BreakerState.OPEN:
            return max(0.0, self.opened_at + self.open_for - now)
        return 0.0 if self.admits(now) else 1.0

    def started(self, now: float) -> Breaker:
        if self.state is BreakerState.CLOSED:
            return self
        successes = 0 if self.state is BreakerState.OPEN else self.successes
        return replace(self, state=BreakerState.HALF_OPEN, probing=True, successes=successes)

    def succeeded(self, now: float) -> Breaker:
        if self.state is BreakerState.CLOSED:
            return replace(self, failures=0)
        successes = self.successes + 1
        if successes >= self.successes_to_close:
            return replace(self, state=BreakerState.CLOSED, failures=0, successes=0, probing=False)
        return replace(self, state=BreakerState.HALF_OPEN, successes=successes, probing=False)

    def failed(self, now: float) -> Breaker:
        failures = self.failures + 1
        if self.state is not BreakerState.CLOSED or failures >= self.failures_to_open:
            return replace(self, state=BreakerState.OPEN, failures=failures, successes=0, opened_at=now, probing=False)
        return replace(self, failures=failures)

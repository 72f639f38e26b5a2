"""How far an outgoing message came: providers report late, twice and in any order, but the state never steps back."""

from __future__ import annotations

from dataclasses import dataclass

from switchboard.domain.message import DeliveryState

LADDER = {
    DeliveryState.PENDING: 0,
    DeliveryState.CANCELLED: 1,
    DeliveryState.UNKNOWN: 1,
    DeliveryState.SENT: 2,
    DeliveryState.FAILED: 3,
    DeliveryState.DELIVERED: 4,
    DeliveryState.READ: 5,
}
"""A delivery receipt proves more than a failure report, so a late "failed" never undoes "delivered"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryVerdict:
    state: DeliveryState
    changed: bool
    reason: str


def advance_delivery(current: DeliveryState | None, reported: DeliveryState) -> DeliveryVerdict:
    """The state after a report. An agent's retry is a fresh attempt and starts again at ``PENDING`` by itself."""
    if current is None:
        return DeliveryVerdict(state=reported, changed=True, reason=f"first report: {reported.value}")
    if LADDER[reported] > LADDER[current]:
        return DeliveryVerdict(state=reported, changed=True, reason=f"from {current.value} to {reported.value}")
    reason = f"stays {current.value}: a report of {reported.value} comes too late"
    return DeliveryVerdict(state=current, changed=False, reason=reason)

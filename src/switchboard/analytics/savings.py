"""What automation saved: every conversation it resolved alone, times the difference in cost."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from switchboard.domain.event import Event, EventType
from switchboard.errors import InvalidInput

CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True, kw_only=True)
class CostSettings:
    """Average cost of one conversation when a person, and when automation, handles it."""

    agent_per_conversation: Decimal = Decimal("6.50")
    automation_per_conversation: Decimal = Decimal("0.15")
    currency: str = "EUR"

    def __post_init__(self) -> None:
        for name, cost in (
            ("agent_per_conversation", self.agent_per_conversation),
            ("automation_per_conversation", self.automation_per_conversation),
        ):
            if not cost.is_finite() or cost < 0:
                raise InvalidInput(
                    f"The cost {name} is not valid.", field=name, limit="0 or more", fix="Set an amount of 0 or more."
                )

    @property
    def saved_per_conversation(self) -> Decimal:
        """Negative when automation costs more than people: shown as it is."""
        return self.agent_per_conversation - self.automation_per_conversation


@dataclass(frozen=True, slots=True, kw_only=True)
class Savings:
    automated_resolutions: int
    per_resolution: Decimal
    total: Decimal
    currency: str
    formula: str


def cost_savings(events: Iterable[Event], costs: CostSettings | None = None) -> Savings:
    """Property 48. A conversation counts each time that automation resolved it without a person."""
    costs = costs or CostSettings()
    count = sum(is_automated_resolution(event) for event in events)
    each = costs.saved_per_conversation
    return Savings(
        automated_resolutions=count,
        per_resolution=each,
        total=(count * each).quantize(CENT, rounding=ROUND_HALF_UP),
        currency=costs.currency,
        formula=f"{count} x ({costs.agent_per_conversation} - {costs.automation_per_conversation}) {costs.currency}",
    )


def is_automated_resolution(event: Event) -> bool:
    return event.type is EventType.RESOLUTION and event.dimensions.get("by") == "automation"

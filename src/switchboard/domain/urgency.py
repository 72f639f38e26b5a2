"""How soon a message should be answered, with the sum that says so."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class UrgencyFactor:
    """One line of the sum: ``contribution`` points and a sentence for people."""

    factor: str
    contribution: float
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UrgencyScore:
    """``score`` is the clamped 1..10 of the design document's table, ``unclamped`` the sum of ``factors``;
    ``priority`` adds the ``refinements`` (each below one point, except VIP's) and orders queues (decisions, "Urgency")."""

    score: int
    unclamped: int
    priority: float
    factors: tuple[UrgencyFactor, ...]
    refinements: tuple[UrgencyFactor, ...] = ()

    @property
    def reasoning(self) -> str:
        terms = [f"{f.description} ({f.contribution:+g})" for f in self.factors if f.contribution]
        return "; ".join(terms) or "nothing unusual"


AGEING_S_PER_POINT = 600.0
"""Ten minutes of waiting weigh as much as one point of priority."""


def aged_priority(priority: float, waited_s: float, *, s_per_point: float = AGEING_S_PER_POINT) -> float:
    """Priority after waiting ``waited_s`` seconds. It grows without bound, so nobody waits for ever; and equally for
    all, so two that wait keep their order and a database may sort by ``priority - waiting_since / s_per_point``."""
    return priority + max(0.0, waited_s) / s_per_point

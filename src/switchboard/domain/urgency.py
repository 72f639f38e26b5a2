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

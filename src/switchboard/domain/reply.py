"""An answer before it leaves: where each statement comes from and whether it may go out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

SEND_FROM = 0.80
"""A generated reply below this confidence goes to a human instead of the customer (Property 44)."""


class SourceKind(StrEnum):
    KNOWLEDGE = "knowledge"
    PROFILE = "profile"
    CONVERSATION = "conversation"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a statement comes from; ``number`` is its citation mark in the text, ``quote`` the words relied on."""

    number: int
    kind: SourceKind
    reference: str
    title: str
    quote: str
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GeneratedResponse:
    """A draft. ``claims`` pairs each factual sentence with the number of the source it rests on."""

    text: str
    confidence: float
    sources: tuple[Source, ...]
    generator: str
    prompt_version: str
    claims: tuple[tuple[str, int], ...] = ()
    suggested_actions: tuple[str, ...] = ()

    @property
    def requires_human_review(self) -> bool:
        return self.confidence < SEND_FROM


class Severity(StrEnum):
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyViolation:
    type: str
    severity: Severity
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One safety check and what it found, shown in the Why panel."""

    name: str
    passed: bool
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidationResult:
    is_valid: bool
    violations: tuple[PolicyViolation, ...]
    contains_pii: bool
    checks: tuple[Check, ...] = ()

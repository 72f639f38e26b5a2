"""What a language model is given, and what it gives back."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """What a language model is given. ``system`` is ours; ``data`` are marked sections of untrusted text."""

    system: str
    data: tuple[tuple[str, str], ...]
    task: str
    max_tokens: int = 800


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """``statements`` pairs each sentence with the number of the section it rests on (0 = courtesy, no fact)."""

    statements: tuple[tuple[str, int], ...]
    confidence: float
    model: str

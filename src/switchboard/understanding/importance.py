"""Which words of a message made the machine think so: each is left out in turn, and what changes is its weight."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from switchboard.domain.reading import IntentCategory, Reading

MOST_PIECES = 48
"""Pieces weighed of one message: each costs one more reading. A longer text is cut into runs of several words."""
_WORD = re.compile(r"\S+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """``text[start:end]``: a word, or a run of words in a long text."""

    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Weight:
    """What the reading loses without this piece: ``intent`` of the main intent's confidence (positive: it spoke for the
    intent), ``tone`` of the sentiment score (negative: it made the text sound angrier)."""

    start: int
    end: int
    intent: float
    tone: float


def pieces_of(text: str, most: int = MOST_PIECES) -> tuple[Piece, ...]:
    """At most ``most`` pieces of about as many words each, in order, that cover every word of the text."""
    found = [match.span() for match in _WORD.finditer(text)]
    run = max(1, -(-len(found) // most))
    groups = (found[start : start + run] for start in range(0, len(found), run))
    return tuple(Piece(start=group[0][0], end=group[-1][1]) for group in groups)


def without(text: str, piece: Piece) -> str:
    return f"{text[: piece.start].rstrip()} {text[piece.end :].lstrip()}".strip()


def weigh_pieces(whole: Reading, pieces: Sequence[Piece], rest: Sequence[Reading]) -> tuple[Weight, ...]:
    """``rest[n]`` is the reading of the text without ``pieces[n]``. An only word has no rest and counts fully.

    Leaving out and looking again is the plainest of the occlusion methods (Zeiler and Fergus 2014): it asks the model
    itself and needs nothing from inside it.
    """
    main = whole.primary.category
    return tuple(
        Weight(
            start=piece.start,
            end=piece.end,
            intent=round(whole.primary.confidence - _chance(other, main), 4),
            tone=round(whole.sentiment.score - other.sentiment.score, 4),
        )
        for piece, other in zip(pieces, rest, strict=True)
    )


def _chance(reading: Reading, category: IntentCategory) -> float:
    return next((i.confidence for i in reading.intent.all_intents if i.category is category), 0.0)

"""A small trained reader of single words: persons, places and products that no list or pattern knows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from switchboard.domain.reading import Entity, EntityType
from switchboard.understanding.tagger_features import Features, Lists, Token, tokens_of, word_hash

Floats = NDArray[np.float32]

KINDS: tuple[EntityType | None, ...] = (None, EntityType.PERSON, EntityType.LOCATION, EntityType.PRODUCT)
"""Columns of the table: no entity, and the three kinds that are learned."""
HIGHEST = 0.93
JOINS = 0.1
"""Chance from which a word joins a neighbour of the same kind."""
KNOWN = 0.2
"""Chance from which a word on the list of large places is one."""
_TRAVELLED = frozenset(["from", "to", "at", "of", "via", "through", "into"])
"""Words before an airport's code in small letters ("out of lax")."""
_BETWEEN = frozenset(["from", "to", "via", "through", "into", "or", "at", "in"])
"""Words between two places."""
_SMALL = _BETWEEN | {"of", "the", "and", "area"}
"""Words that may lie within a name but never at its ends."""
_TITLES = frozenset(["mr", "mrs", "ms", "miss", "dr", "sir", "madam"])
MASKED = re.compile(r"[Xx]{2,}|\W+|_+")


@dataclass(frozen=True)
class Tagger:
    """``table`` (ROWS, 4) holds the weights; a kind is reported from its chance in ``least`` on, averaged over its words."""

    version: str
    table: Floats
    lists: Lists
    least: Mapping[EntityType, float]

    @cached_property
    def features(self) -> Features:
        return Features(self.lists)

    def common(self, word: str) -> bool:
        """Whether a word is an everyday one: seen often in small letters."""
        return word_hash(word) in self.lists.common

    def chances(self, tokens: Sequence[Token]) -> Floats:
        """Chance of each of ``KINDS`` for each token, (tokens, 4)."""
        scores = self.table[self.features.ids(tokens)].sum(axis=1, dtype=np.float32)
        spread = np.exp(scores - scores.max(axis=1, keepdims=True))
        return np.asarray(spread / spread.sum(axis=1, keepdims=True), np.float32)

    def find(self, text: str) -> Iterator[Entity]:
        """Persons, places and products in order of appearance, never overlapping."""
        tokens = tokens_of(text)
        if not tokens:
            return
        chances = self.chances(tokens)
        best = chances.argmax(axis=1)
        self._well_known(tokens, chances, best)
        self._full_names(tokens, chances, best)
        if not best.any():
            return
        for run, column in _runs(best, chances, tokens):
            kind = KINDS[column]
            if kind is not None:
                yield from self._entity(text, tokens, chances[:, column], run, kind)

    def _well_known(self, tokens: Sequence[Token], chances: Floats, best: NDArray[np.intp]) -> None:
        """Large places count as places from a small chance on, airports by their code; a bank's name is none."""
        column, lists = KINDS.index(EntityType.LOCATION), self.lists
        shouted = sum(token.text.isupper() for token in tokens) > 0.6 * len(tokens) and len(tokens) > 5
        for place, token in enumerate(tokens):
            if len(token.text) != 3 or best[place] or (number := word_hash(token.text)) not in lists.airports:
                continue
            small = token.text.islower() and place > 0 and tokens[place - 1].text.lower() in _TRAVELLED
            rare = small and number not in lists.common and number not in lists.first_names
            if rare or (token.text.isupper() and not shouted):
                best[place] = column
                chances[place, column] = max(chances[place, column], self.least[EntityType.LOCATION] + 0.2)
        for place in np.flatnonzero((best == 0) & (chances[:, column] >= KNOWN)).tolist():
            if word_hash(tokens[place].text) in self.lists.cities:
                best[place] = column
                chances[place, column] = max(chances[place, column], self.least[EntityType.LOCATION] + 0.1)
        for place in np.flatnonzero(best == column).tolist():
            if [token.text.lower() for token in tokens[max(0, place - 2) : place]] == ["bank", "of"]:
                best[place] = 0

    def _full_names(self, tokens: Sequence[Token], chances: Floats, best: NDArray[np.intp]) -> None:
        """A rare word with a capital after a first name is the family name, even if a town is called so ("Mike Denver")."""
        person = KINDS.index(EntityType.PERSON)
        for place in np.flatnonzero(best[:-1] == person).tolist():
            first, last = tokens[place], tokens[place + 1]
            named = (
                word_hash(first.text) in self.lists.first_names
                and first.text.istitle()
                and last.text.istitle()
                and len(last.text) > 1
            )
            if named and last.start == first.end + 1 and best[place + 1] != person and not self.common(last.text):
                best[place + 1] = person
                chances[place + 1, person] = max(chances[place + 1, person], chances[place, person])

    def _entity(
        self, text: str, tokens: Sequence[Token], chance: Floats, run: Sequence[int], kind: EntityType
    ) -> Iterator[Entity]:
        run = _trimmed(tokens, run)
        if kind is EntityType.PERSON and len(run) > 1 and tokens[run[0]].text.lower() in _TITLES:
            run = _trimmed(tokens, run[1:])
        if not run:
            return
        sure = float(chance[run].max() + chance[run].mean()) / 2
        start = tokens[run[0]].start
        value = text[start : tokens[run[-1]].end].rstrip(".")
        end = start + len(value)
        if sure >= self.least[kind] and len(value) <= 80 and any(map(str.isalnum, value)):
            yield Entity(type=kind, value=value, confidence=round(min(sure, HIGHEST), 2), start=start, end=end)


def _runs(best: NDArray[np.intp], chances: Floats, tokens: Sequence[Token]) -> Iterator[tuple[list[int], int]]:
    """Neighbouring tokens of one kind, drawn out over neighbours that may well belong to it ("Logan" to "Logan Stokes")."""
    for place, token in enumerate(tokens):
        if best[place] and (MASKED.fullmatch(token.text) or (not token.text[0].isalnum() and len(token.text) > 1)):
            best[place] = 0
    end = 0
    for place in range(len(tokens)):
        column = int(best[place])
        if place < end or not column:
            continue
        start = end_of_run = place
        while start > end and _joins(tokens[start - 1], column, chances[start - 1], best[start - 1]):
            start -= 1
        while (
            end_of_run + 1 < len(tokens)
            and not (KINDS[column] is EntityType.LOCATION and _parted(tokens[end_of_run : end_of_run + 2]))
            and (
                best[end_of_run + 1] == column
                or _joins(tokens[end_of_run + 1], column, chances[end_of_run + 1], best[end_of_run + 1])
            )
        ):
            end_of_run += 1
        end = end_of_run + 1
        yield list(range(start, end)), column


def _parted(pair: Sequence[Token]) -> bool:
    """Two airports side by side are two places ("LAX-SFO"), and so are the ends of a way ("chicago via omaha")."""
    return pair[-1].text.lower() in _BETWEEN or all(
        len(one.text) == 3 and one.text.isalpha() and one.text.isupper() for one in pair
    )


def _joins(token: Token, column: int, chance: Floats, best: np.intp) -> bool:
    return bool(
        best in (0, column) and chance[column] >= JOINS and token.text[0].isalnum() and not MASKED.fullmatch(token.text)
    )


def _trimmed(tokens: Sequence[Token], run: Sequence[int]) -> list[int]:
    """The run without signs, links and small words at its ends."""
    kept = list(run)
    while kept and _loose(tokens[kept[0]]):
        kept.pop(0)
    while kept and _loose(tokens[kept[-1]]):
        kept.pop()
    return kept


def _loose(token: Token) -> bool:
    return not token.text[0].isalnum() or token.text.lower() in _SMALL

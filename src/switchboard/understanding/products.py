"""Products of the business's own catalogue in a message: full and short names, plurals, and slips of the keyboard."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

from switchboard.domain.reading import Entity, EntityType

MOST_NAMES = 2_000
"""Products looked for: further ones of a larger catalogue are not."""
LENGTHS = range(2, 81)
"""Characters of a name that is looked for."""
SHORTEST_SLIP = 4
"""Letters from which a word may be written with one wrong, missing, doubled or swapped letter; ``TWO_SLIPS`` allow two."""
TWO_SLIPS = 8

_PIECE = re.compile(r"[^\W\d_]+|\d+|&")
_DETAIL = re.compile(r",\s|\s[(/|–-]\s?|\s(?:for|für|pour|para|per|voor) ")
_GAP = re.compile(r"[\s\-'’.®™/]{0,3}")
_SPOKEN = {"one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "ii": "2", "iii": "3"}
_EVERYDAY = frozenset(
    [
        "a",
        "an",
        "and",
        "or",
        "of",
        "for",
        "with",
        "in",
        "on",
        "to",
        "the",
        "at",
        "by",
        "from",
        "new",
        "set",
        "kit",
        "pack",
        "box",
        "bag",
        "case",
        "cover",
        "small",
        "large",
        "medium",
        "black",
        "white",
        "blue",
        "red",
        "green",
        "grey",
        "pro",
        "plus",
        "max",
        "mini",
        "premium",
        "basic",
        "standard",
        "gold",
        "silver",
        "platinum",
        "free",
        "house",
        "home",
        "office",
        "desk",
        "table",
        "chair",
        "lamp",
        "light",
        "coffee",
        "tea",
        "milk",
        "water",
        "cup",
        "mug",
        "jug",
        "bottle",
        "machine",
        "maker",
        "grinder",
        "kettle",
        "filter",
        "filters",
        "tank",
        "tube",
        "tray",
        "tip",
        "wand",
        "steam",
        "group",
        "valve",
        "ring",
        "cleaning",
        "cleaner",
        "tablets",
        "tasting",
        "gift",
        "card",
        "voucher",
        "subscription",
        "service",
        "plan",
        "account",
        "month",
        "year",
        "day",
        "drip",
        "knock",
        "bottomless",
        "trail",
        "jacket",
        "shirt",
        "shoes",
        "phone",
        "watch",
        "book",
        "pen",
        "paper",
        "care",
        "hill",
        "street",
        "quiet",
        "evening",
        "six",
        "three",
        "two",
    ]
)
"""Words that alone never name a product, when no larger list is at hand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """One way to write a product: ``name`` is the catalogue's, None when several products share the word."""

    name: str | None
    confidence: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """All ways to write all products, ready to be found. Build it once with ``Catalogue.of`` for each change of the names."""

    variants: Mapping[tuple[str, ...], Variant]
    longest: int
    words: frozenset[str]
    slips: Mapping[str, tuple[str, ...]]
    common: Callable[[str], bool] = field(compare=False)

    @classmethod
    def of(cls, names: Sequence[str], common: Callable[[str], bool] | None = None) -> Catalogue | None:
        """From product names, the first ``MOST_NAMES`` of them; None without any. ``common`` tells everyday words."""
        known = common or _EVERYDAY.__contains__
        wanted = [name for name in dict.fromkeys(map(str.strip, names)) if len(name) in LENGTHS][:MOST_NAMES]
        variants: dict[tuple[str, ...], Variant] = {}
        for name in wanted:
            for pieces, confidence in _written(name, known):
                _keep(variants, pieces, Variant(name=name, confidence=confidence))
        _families(variants, wanted, known)
        if not variants:
            return None
        words = frozenset(chain.from_iterable(variants))
        return cls(
            variants=variants,
            longest=max(map(len, variants)),
            words=words,
            slips=_slips(words),
            common=known,
        )

    def find(self, text: str) -> Iterator[Entity]:
        """Products in order of appearance, the longest first where several begin; ``normalised`` is the catalogue's name."""
        pieces = list(_PIECE.finditer(text))
        meanings = [self._meanings(match[0]) for match in pieces]
        place = 0
        while place < len(pieces):
            best = self._longest(text, pieces, meanings, place) if meanings[place] or place + 1 < len(pieces) else None
            if best is None:
                place += 1
                continue
            end, variant, cost = best
            start, stop = pieces[place].start(), pieces[end - 1].end()
            yield Entity(
                type=EntityType.PRODUCT,
                value=text[start:stop],
                confidence=round(variant.confidence - 0.1 * min(cost, 2), 2),
                start=start,
                end=stop,
                normalised=variant.name,
            )
            place = end

    def _meanings(self, piece: str) -> tuple[tuple[str, int], ...]:
        """The catalogue's words that a written word may be, each with the number of slips."""
        word = folded(piece)
        found = [(word, 0)] if word in self.words else []
        if word in _SPOKEN and _SPOKEN[word] in self.words:
            found.append((_SPOKEN[word], 0))
        if found or len(word) < SHORTEST_SLIP or not word.isalpha() or self.common(word):
            return tuple(found)
        near = {known for key in _shortened(word) for known in self.slips.get(key, ())}
        near = {known for known in near if len(known) > 5 or known[0] == word[0]}
        slips = [(known, count) for known in near if (count := distance(word, known)) <= allowed(known)]
        return tuple(sorted(slips, key=lambda one: (one[1], one[0])))

    def _longest(
        self,
        text: str,
        pieces: Sequence[re.Match[str]],
        meanings: Sequence[tuple[tuple[str, int], ...]],
        start: int,
    ) -> tuple[int, Variant, int] | None:
        """The longest variant that begins at a piece: (piece after it, variant, slips)."""
        best: tuple[int, Variant, int] | None = None
        paths: list[tuple[tuple[str, ...], int]] = [((), 0)]
        for place in range(start, min(len(pieces), start + self.longest)):
            if place > start and not _GAP.fullmatch(text, pieces[place - 1].end(), pieces[place].start()):
                break
            if place == start + 1:  # two written words may be one of the catalogue ("porta filter")
                joined = folded(pieces[start][0] + pieces[place][0])
                if (joined,) in self.variants:
                    best = (place + 1, self.variants[joined,], 0)
            paths = [((*path, word), cost + more) for path, cost in paths for word, more in meanings[place]][:12]
            if not paths and place > start:
                break
            known = [
                (self.variants[path], cost)
                for path, cost in paths
                if path in self.variants and (not cost or len(path) > 1 or path[0][0] == folded(pieces[start][0])[0])
            ]
            if known:
                variant, cost = min(known, key=lambda one: (one[1], -one[0].confidence))
                best = (place + 1, variant, cost)
        return best


def folded(word: str) -> str:
    """Lower case without accents."""
    if word.isascii():
        return "and" if word == "&" else word.lower()
    plain = unicodedata.normalize("NFKD", word.lower())
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def _keep(variants: dict[tuple[str, ...], Variant], pieces: tuple[str, ...], variant: Variant) -> None:
    """The surer variant stays; two products that share a short name leave it without a product."""
    there = variants.get(pieces)
    if there is None or there.confidence < variant.confidence:
        variants[pieces] = variant
    elif there.confidence == variant.confidence and there.name != variant.name:
        variants[pieces] = Variant(name=None, confidence=there.confidence - 0.05)


def _written(name: str, common: Callable[[str], bool]) -> Iterator[tuple[tuple[str, ...], float]]:
    """The ways in which customers write a name, each with how surely it means the product."""
    full, short = _pieces(name), _pieces(_DETAIL.split(name)[0])
    yield from _numbers(full, 0.95)
    if short != full:
        yield from _numbers(short, 0.92)
    if len(short) > 2 and short[-1].isdigit() and (head := name.rpartition(" ")[0]):  # "Valve ring SP-14"
        yield from _numbers(_pieces(head), 0.8)
    for part in _parts(_DETAIL.split(name)[0], common):
        yield from _numbers(part, 0.8)


def _numbers(pieces: tuple[str, ...], confidence: float) -> Iterator[tuple[tuple[str, ...], float]]:
    """A name with its last word also in the other number, and as one word when it has two."""
    if not pieces or (len(pieces) == 1 and len(pieces[0]) < 3):
        return
    last = pieces[-1]
    ends = [last]
    if last.isalpha() and len(last) > 2:
        ends += (
            [last.removesuffix("s")] if last.endswith("s") and not last.endswith("ss") else [f"{last}s", f"{last}es"]
        )
    for end in ends:
        yield (*pieces[:-1], end), confidence
    if len(pieces) == 2 and all(map(str.isalpha, pieces)):
        yield ("".join(pieces),), confidence
        yield (f"{''.join(pieces)}s",), confidence


def _pieces(name: str) -> tuple[str, ...]:
    return tuple(folded(match[0]) for match in _PIECE.finditer(name))


def _parts(name: str, common: Callable[[str], bool]) -> Iterator[tuple[str, ...]]:
    """Short names: a code ("LT-1", "SP-14"), the proper words at the beginning ("Hill Street"), or one rare word."""
    words = name.split()
    for word in words:
        if any(map(str.isdigit, word)) and any(map(str.isalpha, word)):
            yield _pieces(word)
    proper = _proper(words, common)
    if 0 < len(proper) < len(words):
        yield _pieces(" ".join(proper))
    elif not proper:
        rare = [word for word in words if word.isalpha() and len(word) >= 5 and not _everyday(word, common)]
        if len(rare) == 1 and len(words) > 1:
            yield _pieces(rare[0])


def _proper(words: Sequence[str], common: Callable[[str], bool]) -> list[str]:
    """The leading words with capitals that are more than everyday words: one must be rare, or there are two of them."""
    leading = []
    for word in words:
        if not word[0].isupper() and not word[0].isdigit():
            break
        leading.append(word)
    if len(leading) == len(words):  # every word has a capital: that tells nothing
        leading = leading[:1]
    names = [word for word in leading if word[0].isalpha()]
    rare = any(not _everyday(word, common) for word in names)
    return leading if names and (rare or len(names) > 1) else []


def _everyday(word: str, common: Callable[[str], bool]) -> bool:
    low = folded(word)
    return low in _EVERYDAY or common(low)


def _families(variants: dict[tuple[str, ...], Variant], names: Sequence[str], common: Callable[[str], bool]) -> None:
    """The rare first word that several products share ("my Otto"): found, but it names none of them."""
    heads: dict[str, set[str]] = defaultdict(set)
    for name in names:
        first = name.split()[0]
        if len(first) >= 3 and first.isalpha() and first[0].isupper() and not _everyday(first, common):
            heads[folded(first)].add(name)
    for head, members in heads.items():
        there = variants.get((head,))
        if len(members) > 1 and not (there and there.confidence > 0.9):
            variants[head,] = Variant(name=None, confidence=0.75)


def allowed(word: str) -> int:
    """Slips that a word of the catalogue may have."""
    return 0 if len(word) < SHORTEST_SLIP or not word.isalpha() else 1 if len(word) < TWO_SLIPS else 2


def _slips(words: frozenset[str]) -> dict[str, tuple[str, ...]]:
    """From each word with one letter left out to the words it may come from: near words share such a form."""
    found: dict[str, set[str]] = defaultdict(set)
    for word in words:
        if allowed(word):
            for key in _shortened(word):
                found[key].add(word)
    return {key: tuple(sorted(known)) for key, known in found.items()}


def _shortened(word: str) -> set[str]:
    """The word, and the word without each one of its letters; long words also by their beginning."""
    return {word, *(word[:place] + word[place + 1 :] for place in range(min(len(word), 24)))}


def distance(one: str, two: str) -> int:
    """Letters to change, add, drop or swap with their neighbour (optimal string alignment); 3 stands for more than two."""
    if abs(len(one) - len(two)) > 2:
        return 3
    before: list[int] = []
    last = list(range(len(two) + 1))
    for row, letter in enumerate(one, 1):
        now = [row]
        for column, other in enumerate(two, 1):
            cost = min(last[column] + 1, now[column - 1] + 1, last[column - 1] + (letter != other))
            if row > 1 and column > 1 and letter == two[column - 2] and one[row - 2] == other:
                cost = min(cost, before[column - 2] + 1)
            now.append(cost)
        if min(now) > 2:
            return 3
        before, last = last, now
    return min(3, last[-1])

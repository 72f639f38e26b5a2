"""Measures found entities against marked ones: precision, recall and F1 of each kind, by exact and by touching spans."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from switchboard.domain.reading import Entity, EntityType
from switchboard.errors import InvalidInput
from switchboard.training.metrics import Figures, ratio

Row = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """One entity as marked. Without a span only its text is compared, without regard to case."""

    type: EntityType
    value: str
    span: tuple[int, int] | None = None


def entity_scores(rows: Sequence[Row], predictions: Sequence[Sequence[Entity]]) -> Figures:
    """Figures of one list of found entities for each row.

    Rows have ``text`` and ``entities``: a list of ``{"type", "start", "end"}`` (characters of the text) or
    ``{"type", "value"}``, or a mapping of type to values. ``strict`` counts an entity found when type and span (or value) are
    the same, ``overlap`` when the spans share a character (or one value holds the other). Each has ``per_type`` with
    precision, recall, F1 and support, ``micro`` over all, and ``macro_f1`` over the types that were marked.
    Raises ``InvalidInput`` naming the row and field that cannot be used.
    """
    pairs = [(marked(row, number), found) for number, (row, found) in enumerate(zip(rows, predictions, strict=True))]
    return {
        "n": len(rows),
        "with_entities": sum(bool(wanted) for wanted, _ in pairs),
        "strict": _figures(pairs, _same),
        "overlap": _figures(pairs, _touching),
    }


def marked(row: Row, number: int) -> list[Marked]:
    """The marks of a row. Raises ``InvalidInput`` when they are no list or mapping of known types."""
    entities = row.get("entities")
    if isinstance(entities, Mapping):
        entities = [{"type": kind, "value": value} for kind, values in entities.items() for value in values]
    if not isinstance(entities, list) or not all(isinstance(entity, Mapping) for entity in entities):
        raise InvalidInput(
            f"row {number} has no list of entities",
            field="entities",
            fix='give a list of {"type", "value"} or {"type", "start", "end"}',
        )
    text = str(row.get("text", ""))
    return [_marked(entity, text, number) for entity in entities]


def _marked(entity: Mapping[str, object], text: str, number: int) -> Marked:
    kind, start, end = str(entity.get("type")), entity.get("start"), entity.get("end")
    if kind not in list(EntityType):
        raise InvalidInput(
            f"row {number} has an entity of an unknown type",
            field="entities.type",
            limit=", ".join(EntityType),
            fix="use one of the six types",
        )
    if isinstance(start, int) and isinstance(end, int):
        if not 0 <= start < end <= len(text):
            raise InvalidInput(
                f"row {number} has a span outside its text", field="entities.start", fix="count characters from 0"
            )
        return Marked(type=EntityType(kind), value=text[start:end], span=(start, end))
    if not isinstance(entity.get("value"), str):
        raise InvalidInput(
            f"row {number} has an entity without value and span",
            field="entities.value",
            fix="give value or start and end",
        )
    return Marked(type=EntityType(kind), value=str(entity["value"]))


def _same(wanted: Marked, found: Entity) -> bool:
    if wanted.span is not None:
        return wanted.span == (found.start, found.end)
    return wanted.value.casefold() == found.value.casefold()


def _touching(wanted: Marked, found: Entity) -> bool:
    if wanted.span is not None:
        return wanted.span[0] < found.end and found.start < wanted.span[1]
    one, two = wanted.value.casefold(), found.value.casefold()
    return one in two or two in one


def _figures(
    pairs: Sequence[tuple[Sequence[Marked], Sequence[Entity]]], fits: Callable[[Marked, Entity], bool]
) -> Figures:
    counts: dict[EntityType, list[int]] = defaultdict(lambda: [0, 0, 0])
    for wanted, found in pairs:
        for kind in EntityType:
            marks, hits = [one for one in wanted if one.type is kind], [one for one in found if one.type is kind]
            _add(counts[kind], (_matched(marks, hits, fits), len(hits), len(marks)))
    per_type = {str(kind): _of(*counts[kind]) for kind in EntityType if any(counts[kind])}
    known = [figures["f1"] for figures in per_type.values() if figures["support"]]
    return {
        "per_type": per_type,
        "micro": _of(*(sum(row[place] for row in counts.values()) for place in range(3))),
        "macro_f1": ratio(sum(known), len(known)),
    }


def _add(total: list[int], counts: tuple[int, int, int]) -> None:
    total[:] = [one + two for one, two in zip(total, counts, strict=True)]


def _matched(marks: Sequence[Marked], found: Sequence[Entity], fits: Callable[[Marked, Entity], bool]) -> int:
    """How many marks have an entity of their own; each entity serves one mark."""
    free = list(found)
    hits = 0
    for mark in marks:
        partner = next((entity for entity in free if fits(mark, entity)), None)
        if partner is not None:
            free.remove(partner)
            hits += 1
    return hits


def _of(hits: int, found: int, wanted: int) -> dict[str, float]:
    return {
        "precision": ratio(hits, found),
        "recall": ratio(hits, wanted),
        "f1": ratio(2 * hits, found + wanted),
        "support": wanted,
    }

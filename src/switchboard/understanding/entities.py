"""Finds the six kinds of things that a message names, each with its place, its confidence and, where known, its value."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from switchboard.domain.reading import Entity, EntityType
from switchboard.understanding.amounts import amounts
from switchboard.understanding.dates import dates
from switchboard.understanding.names import joined_places, locations, persons, products, widened
from switchboard.understanding.order_numbers import order_numbers
from switchboard.understanding.products import Catalogue
from switchboard.understanding.tagger import Tagger

SEARCHED = 4_000
"""Characters of a message that are searched: what is named first matters most, and time stays bounded."""
MOST_ENTITIES = 50
"""Entities returned of one message, the surest first."""


def extract_entities(
    text: str,
    *,
    at: datetime,
    catalogue: Catalogue | None = None,
    language: str = "",
    tagger: Tagger | None = None,
) -> tuple[Entity, ...]:
    """Entities in order of appearance, never overlapping; spans count characters of ``text`` as given.

    Only the first ``SEARCHED`` characters are searched, so a message of any length costs a few milliseconds.
    """
    head = text[:SEARCHED]
    tagged = tuple(tagger.find(head)) if tagger else ()
    found = (
        *order_numbers(head),
        *amounts(head),
        *dates(head, at=at, language=language),
        *(catalogue.find(head) if catalogue else ()),
        *tagged,
        *products(head),
        *persons(head, surely=tagger is not None),
        *widened(head, locations(head, surely=tagger is not None), tagged),
    )
    return tuple(joined_places(head, _surest(found)))


_RANK = {
    kind: place
    for place, kind in enumerate((EntityType.PRODUCT, EntityType.AMOUNT, EntityType.ORDER_NUMBER, EntityType.DATE))
}


def _surest(found: Iterable[Entity]) -> list[Entity]:
    """Where two claim the same characters the surer one stays, then the longer."""
    taken: list[Entity] = []
    ranked = sorted(found, key=lambda one: (-one.confidence, -(one.end - one.start), _RANK.get(one.type, 9)))
    for entity in ranked:
        free = all(entity.end <= other.start or entity.start >= other.end for other in taken)
        if free and entity.value and len(taken) < MOST_ENTITIES:
            taken.append(entity)
    return taken

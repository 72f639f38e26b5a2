"""Exports of other support systems, told apart by their shape and read as messages: Chatwoot, Zammad and Zendesk.

Understood are the JSON answers of their APIs, saved page by page or joined to lists or lines, and Zendesk's JSON export.
What their systems remarked by themselves is left out, by name; notes between colleagues stay notes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from switchboard.domain.inbound import InboundEvent
from switchboard.errors import InvalidInput
from switchboard.importing import chatwoot, zammad, zendesk
from switchboard.importing.found import Directory, Found, Json, Person, checked, every

FIX = "save the answers of its API, or its JSON export; a CSV of tickets holds no messages"
SYSTEMS: Mapping[str, Callable[[Json], bool]] = {
    zammad.SYSTEM: zammad.knows,
    zendesk.SYSTEM: zendesk.knows,
    chatwoot.SYSTEM: chatwoot.knows,
}
TABLE_OF_PEOPLE = frozenset({"id", "name", "email"})


def system_of(document: object) -> str | None:
    """Which of the three a parsed file (or line) comes from."""
    for one in every(document)[:20]:
        for system, knows in SYSTEMS.items():
            if knows(one):
                return system
    return None


def is_export(document: object) -> bool:
    """Whether a parsed file (or line) has the shape of one of the three."""
    return system_of(document) is not None


def gather(path: Path, document: object, directory: Directory) -> None:
    """Remembers people and tickets that messages in other files need."""
    system = system_of(document)
    if system == zammad.SYSTEM:
        zammad.gather(path, document, directory)
    elif system == zendesk.SYSTEM:
        zendesk.gather(path, document, directory)
    elif system == chatwoot.SYSTEM:
        chatwoot.gather(document, directory)


def messages_of(
    path: Path, document: object, directory: Directory | None = None
) -> Iterator[InboundEvent | InvalidInput]:
    """The messages of a document, oldest first; what is left out or cannot be read comes as an error that names it.
    ``directory``: what all files say of people and tickets; without it only this document counts."""
    if directory is None:
        gather(path, document, directory := Directory())
    for found in _read(path, document, directory):
        yield checked(path, found)


def _read(path: Path, document: object, directory: Directory) -> Iterator[Found | InvalidInput]:
    system = system_of(document)
    if system == zammad.SYSTEM:
        return zammad.read(path, document, directory)
    if system == zendesk.SYSTEM:
        return zendesk.read(path, document, directory)
    if system == chatwoot.SYSTEM:
        return chatwoot.read(path, document, directory)
    return iter((_unknown(path, document),))


def _unknown(path: Path, document: object) -> InvalidInput:
    first = next(iter(every(document)), None)
    members = ", ".join(sorted(str(name)[:40] for name in first)[:12]) if first else type(document).__name__
    return InvalidInput(
        f"this is no export that we know (it has: {members})",
        field=path.name,
        limit="Chatwoot, Zammad, Zendesk",
        fix=FIX,
    )


def is_person(row: object) -> bool:
    """A row of a table of contacts: who somebody is, and nothing said."""
    return isinstance(row, dict) and {str(name).strip().lower() for name in row} >= TABLE_OF_PEOPLE


def know_person(row: Mapping[object, object], directory: Directory) -> None:
    """Chatwoot's and Zendesk's tables of contacts number people as their messages do."""
    cells: Json = {str(name).strip().lower(): value for name, value in row.items()}
    person = Person(
        name=str(cells.get("name") or ""),
        email=str(cells.get("email") or ""),
        phone=str(cells.get("phone_number") or cells.get("phone") or ""),
        identifier=str(cells.get("identifier") or cells.get("external id") or ""),
    )
    for system in (chatwoot.SYSTEM, zendesk.SYSTEM):
        directory.know(system, str(cells.get("id") or ""), person)

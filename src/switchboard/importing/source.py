"""What is to be imported, file by file: first who is who, then every message, or in its place what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress

from switchboard.domain.inbound import InboundEvent
from switchboard.errors import InvalidInput, SwitchboardError
from switchboard.importing.exports import FIX, gather, is_export, is_person, know_person, messages_of
from switchboard.importing.files import ImportFile, Step, document_in, rows_in
from switchboard.importing.found import Directory
from switchboard.importing.rows import event_of, has_words

MOST_NAMED = 1000
"""Records at fault that one file names; what follows is only counted."""


def survey(files: Sequence[ImportFile], step: Step) -> Directory:
    """People and tickets of all files. ``step`` hears how many bytes are read. Faults are told later, when the messages
    are read."""
    directory, done = Directory(), 0
    for file in files:
        with suppress(SwitchboardError):
            if file.is_document:
                gather(file.path, document_in(file.path), directory)
            elif file.is_rows:
                _survey_rows(file, directory)
        done += file.size
        step(done)
    return directory


def _survey_rows(file: ImportFile, directory: Directory) -> None:
    for _, row in rows_in(file.path):
        if isinstance(row, dict) and file.is_table:
            if not is_person(row) or has_words(row):
                return
            know_person(row, directory)
        elif is_export(row):
            gather(file.path, row, directory)


def events_in(file: ImportFile, directory: Directory, step: Step) -> Iterator[InboundEvent | str]:
    """The messages of a file that is no mail; a text says what was left out, with file, record and field."""
    name, faults = file.path.name, 0
    for found in _found(file, directory, step):
        if isinstance(found, InboundEvent):
            yield found
            continue
        faults += 1
        if faults <= MOST_NAMED:
            place, error = found
            yield f"{place}: {told(error)}"
    if faults > MOST_NAMED:
        yield f"{name}: and {faults - MOST_NAMED} more"


def told(error: SwitchboardError) -> str:
    """One line for the report: what is wrong, which field, which limit, how to mend it."""
    more = [f"{word}: {value}" for word, value in (("field", error.field), ("limit", error.limit)) if value]
    return error.detail + (f" ({'; '.join(more)})" if more else "") + (f": {error.fix}" if error.fix else "")


Fault = tuple[str, SwitchboardError]
"""Where it is, and what."""


def _found(file: ImportFile, directory: Directory, step: Step) -> Iterator[InboundEvent | Fault]:
    name = file.path.name
    if file.is_document:
        try:
            document = document_in(file.path)
        except SwitchboardError as error:
            yield name, error
            return
        yield from _of_export(file, document, name, directory)
        return
    for number, row in rows_in(file.path, step):
        place = f"{name}:{number}"
        if isinstance(row, dict) and file.is_table:
            if not has_words(row):
                if is_person(row):  # a table of contacts: the survey has read it
                    return
                yield place, _no_words(row)
                return
        elif is_export(row):
            yield from _of_export(file, row, place, directory)
            continue
        try:
            yield event_of(file.path, number, row)
        except SwitchboardError as error:
            yield place, error


def _no_words(row: dict[object, object]) -> InvalidInput:
    columns = ", ".join(str(name)[:40] for name in row)[:300]
    return InvalidInput(f"this table holds no messages (its columns: {columns})", field="text", fix=FIX)


def _of_export(file: ImportFile, document: object, place: str, directory: Directory) -> Iterator[InboundEvent | Fault]:
    for found in messages_of(file.path, document, directory):
        yield found if isinstance(found, InboundEvent) else (place, found)


def bare_tickets(directory: Directory) -> Iterator[str]:
    """Tickets whose messages are nowhere in the export."""
    for (system, key), name in directory.bare.items():
        if (system, key) in directory.spoken:
            continue
        fix = {"zendesk": f"/api/v2/tickets/{key}/comments.json", "zammad": f"/api/v1/ticket_articles/by_ticket/{key}"}
        yield f"{name}: {system} {key}: its messages are not in the export: save {fix[system]} as well"

"""Names that are no settings: told with the nearest one that is, because what is ignored in silence is searched for long."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import get_args

from pydantic import BaseModel

from switchboard.settings import Settings

PREFIX = "SWITCHBOARD_"
LIKENESS = 0.6
"""Share of a name, in [0, 1], that must agree before another is proposed."""


def unknown_variables(environment: Mapping[str, str]) -> tuple[str, ...]:
    """A sentence for each ``SWITCHBOARD_…`` variable that no setting is read from. One that names a section and a wrong
    option stops the start by itself (``explained``)."""
    known = list(_variables(Settings))
    sections = tuple(f"{PREFIX}{name.upper()}__" for name, kind in _models(Settings).items() if kind is not None)
    names = (name for name in environment if name.upper().startswith(PREFIX))
    return tuple(_told(name, known) for name in sorted(names) if not _is_read(name.upper(), known, sections))


def explained(location: Sequence[str | int], environment: Mapping[str, str]) -> str:
    """What is wrong with an option that does not exist, found in the file or in the environment at ``location``."""
    path = [str(part) for part in location]
    variable = PREFIX + "__".join(path).upper()
    given = next((name for name in environment if name.upper() == variable), None)
    around = path[:-1]
    siblings = [".".join([*around, name]) for name in _options_at(around)]
    if not around:
        siblings += [one.removeprefix(PREFIX).replace("__", ".").lower() for one in _variables(Settings)]
    if given is None:
        return _told(".".join(path), siblings)
    return _told(given, [PREFIX + name.replace(".", "__").upper() for name in siblings])


def _is_read(name: str, known: Iterable[str], sections: tuple[str, ...]) -> bool:
    return name in known or name.startswith(sections) or f"{name}__".startswith(sections)


def _told(name: str, known: Sequence[str]) -> str:
    near = _nearest(name, known)
    return f"{name} is no setting; {f'did you mean {near}?' if near else 'docs/configuration.md lists them all.'}"


def _nearest(name: str, known: Sequence[str]) -> str | None:
    """The option that was left without its section, else the most alike."""
    plain = {one.removeprefix(PREFIX).replace(".", "__").lower(): one for one in known}
    wanted = name.upper().removeprefix(PREFIX).replace(".", "__").lower()
    without_section = [one for short, one in plain.items() if short.endswith(f"__{wanted}")]
    if len(without_section) == 1:
        return without_section[0]
    near = get_close_matches(wanted, plain, 1, LIKENESS)
    return plain[near[0]] if near else None


def _variables(model: type[BaseModel], before: str = PREFIX) -> Iterator[str]:
    """Every variable that is read, ``SWITCHBOARD_SERVER__PORT`` and its like."""
    for name, inner in _models(model).items():
        yield before + name.upper()
        if inner is not None:
            yield from _variables(inner, f"{before}{name.upper()}__")


def _options_at(path: Sequence[str]) -> list[str]:
    """The names that may stand below this path; the keys of a mapping (mailboxes by address) may be anything."""
    model: type[BaseModel] | None = Settings
    skip = False
    for part in path:
        if skip or model is None:
            skip = False
            continue
        field = model.model_fields.get(part)
        model = _models(model).get(part) or (_of_mapping(field.annotation) if field is not None else None)
        skip = field is not None and _of_mapping(field.annotation) is not None
    return list(model.model_fields) if model is not None else []


def _models(model: type[BaseModel]) -> dict[str, type[BaseModel] | None]:
    """Each option of a model, with the model of those that are sections."""
    return {name: _section(field.annotation) for name, field in model.model_fields.items()}


def _section(kind: object) -> type[BaseModel] | None:
    return kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None


def _of_mapping(kind: object) -> type[BaseModel] | None:
    """``Mailbox`` of ``dict[str, Mailbox]``."""
    inner = get_args(kind)
    return _section(inner[1]) if len(inner) == 2 else None

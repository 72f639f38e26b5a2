"""Tables of the documentation that are made from the code. ``python -m tests.docs.generate`` writes them into the pages."""

from __future__ import annotations

import asyncio
import inspect
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from fastapi import FastAPI
from fastapi.routing import APIRoute
from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined
from starlette.routing import BaseRoute

from switchboard import errors
from switchboard.assembly import assemble
from switchboard.cli.shared import close
from switchboard.settings import Settings
from switchboard.trust.roles import PERMISSIONS, Permission, Role
from tests.docs.pages import DOCS

BEGIN = "<!-- generated: {} -->"
END = "<!-- end -->"
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |" for line in lines)


# ---- settings


def settings_tables() -> str:
    """A table of the options outside any section, then one for each section."""
    fields = Settings.model_fields
    plain = {name: field for name, field in fields.items() if not _is_section(field)}
    parts = [_settings_table("SWITCHBOARD_", plain)]
    for name, field in fields.items():
        if _is_section(field):
            section = field.annotation
            assert isinstance(section, type)
            assert issubclass(section, BaseModel)
            parts.append(f"### {name}\n\n{_settings_table(f'SWITCHBOARD_{name.upper()}__', section.model_fields)}")
    return "\n\n".join(parts)


def _is_section(field: FieldInfo) -> bool:
    return isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)


def _settings_table(prefix: str, fields: dict[str, FieldInfo]) -> str:
    return table(
        ("variable", "default", "limits", "meaning"),
        ((f"`{prefix}{name.upper()}`", _default(field), _limits(field), field.description or "")
         for name, field in fields.items()),
    )  # fmt: skip


def _default(field: FieldInfo) -> str:
    value = field.default
    if isinstance(value, SecretStr):
        return "none, secret"
    if value in ("", None, (), PydanticUndefined):
        return "none"
    return f"`{str(value).lower()}`" if isinstance(value, bool) else f"`{value}`"


def _limits(field: FieldInfo) -> str:
    signs = {"ge": "from", "gt": "more than", "le": "to", "lt": "less than"}
    told = [f"{signs[name]} {getattr(rule, name)}" for rule in field.metadata for name in signs if hasattr(rule, name)]
    patterns = [str(rule.pattern) for rule in field.metadata if getattr(rule, "pattern", None)]
    choices = [", ".join(f"`{choice}`" for choice in re.findall(r"[a-z]+", pattern)) for pattern in patterns]
    return " ".join(told) or " ".join(choices)


# ---- API


def operations(routes: Iterable[BaseRoute]) -> Iterator[APIRoute]:
    """Every route of the application, also those of included routers."""
    for route in routes:
        if inner := getattr(route, "original_router", None):
            yield from operations(inner.routes)
        elif isinstance(route, APIRoute):
            yield route


def permission_of(route: APIRoute) -> Permission | None:
    """What ``needs(...)`` was given where the operation declares it."""
    for dependency in route.dependant.dependencies:
        if inspect.isfunction(dependency.call):
            found = inspect.getclosurevars(dependency.call).nonlocals.get("permission")
            if isinstance(found, Permission):
                return found
    return None


def api_tables(api: FastAPI) -> str:
    """All documented operations by subject, with the permission that each needs."""
    needed = {(method, route.path): permission_of(route) for route in operations(api.routes) for method in route.methods}
    subjects: dict[str, list[tuple[str, str, str]]] = {}
    for path, at_path in api.openapi()["paths"].items():
        if not path.startswith(("/v1/", "/health/", "/oauth/", "/.well-known/")):
            continue
        for method in METHODS:
            if operation := at_path.get(method.lower()):
                permission = needed[method, path]
                words = str(operation.get("description", "")).split("\n\n")[0].replace("\n", " ")
                row = (f"`{method} {path}`", f"`{permission.value}`" if permission else "none", _first_sentence(words))
                subjects.setdefault((operation.get("tags") or ["other"])[0], []).append(row)
    head = ("operation", "permission", "what it does")
    return "\n\n".join(f"### {subject.capitalize()}\n\n{table(head, rows)}" for subject, rows in subjects.items())


def _first_sentence(words: str) -> str:
    return re.split(r"(?<=[.)]) (?=[A-Z`])", words)[0].replace("``", "`")


async def _the_api() -> FastAPI:
    with tempfile.TemporaryDirectory() as folder:
        system = await assemble(Settings(data_dir=Path(folder) / "data"))
        await close(system)
        return system.api


def the_api() -> FastAPI:
    """The program's HTTP application, over an empty store that is gone again."""
    return asyncio.run(_the_api())


# ---- errors and roles


def error_table() -> str:
    return table(
        ("class", "status", "title", "again?", "when"),
        ((f"`{found.__name__}`", str(found.status), found.title, "yes" if found.retryable else "no", _story(found))
         for found in _tree(errors.SwitchboardError)),
    )  # fmt: skip


def _tree(root: type[errors.SwitchboardError]) -> Iterator[type[errors.SwitchboardError]]:
    yield root
    for child in root.__subclasses__():
        if child.__module__ == errors.__name__:
            yield from _tree(child)


def _story(found: type[errors.SwitchboardError]) -> str:
    own = (found.__doc__ or "").split("\n\n")[0]
    return " ".join(own.split()).split(" ``retry_after``")[0]


def role_table() -> str:
    rows = (
        [f"`{permission.value}`", *("yes" if permission in PERMISSIONS[role] else "" for role in Role)]
        for permission in Permission
    )
    return table(("permission", *(role.value for role in Role)), rows)


# ---- pages

TABLES: dict[str, tuple[Path, Callable[[], str]]] = {
    "settings": (DOCS / "configuration.md", settings_tables),
    "operations": (DOCS / "api.md", lambda: api_tables(the_api())),
    "errors": (DOCS / "errors.md", error_table),
    "roles": (DOCS / "security.md", role_table),
}


def shown(name: str) -> str:
    """What stands between the markers now."""
    text = TABLES[name][0].read_text(encoding="utf-8")
    found = re.search(f"{re.escape(BEGIN.format(name))}\n(.*?)\n{END}", text, re.S)
    if found is None:
        raise AssertionError(f"{TABLES[name][0].name} has no markers for {name}")
    return found[1]


def main() -> None:
    """Brings every table up to date."""
    for name, (page, make) in TABLES.items():
        text = page.read_text(encoding="utf-8")
        begin = BEGIN.format(name)
        before, _, rest = text.partition(begin)
        page.write_text(f"{before}{begin}\n{make()}\n{END}{rest.partition(END)[2]}", encoding="utf-8")


if __name__ == "__main__":
    main()

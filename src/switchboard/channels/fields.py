"""Careful reading of what providers send: a value of the wrong type reads as absent and never breaks anything."""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime

from switchboard.errors import InvalidInput

Json = Mapping[str, object]

MAX_DEPTH = 64
"""Levels of nesting; no provider comes near it, and deeper bodies would break later steps."""

MOST_OBJECTS = 100_000
"""Providers send batches of a thousand messages at most, each of a dozen objects."""

_MILLISECONDS_FROM = 100_000_000_000
"""Unix times from here on are milliseconds: as seconds they would lie after the year 5000."""

_SURROGATE = re.compile("[\ud800-\udfff]")


def read_object(body: bytes, provider: str) -> Json:
    """The JSON object in a body. Raises ``InvalidInput`` for anything else."""
    if body.count(b"{") > MOST_OBJECTS:
        raise InvalidInput(
            f"The body is too crowded to be from {provider}", field="body", limit=f"{MOST_OBJECTS} objects"
        )
    try:
        document = json.loads(body, object_pairs_hook=_members)
    except (ValueError, RecursionError) as error:
        raise InvalidInput(f"The body is not JSON, so it is not from {provider}", field="body") from error
    if not isinstance(document, dict):
        raise InvalidInput(f"The body is not a JSON object, so it is not from {provider}", field="body")
    if body.count(b"{") + body.count(b"[") > MAX_DEPTH and _too_deep(document):
        raise InvalidInput(f"The body is nested too deeply to be from {provider}", field="body", limit=str(MAX_DEPTH))
    return document


def _members(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """An object. Raises ``InvalidInput`` where one name stands for two different things: nobody can tell which counts."""
    found = dict(pairs)
    if len(found) != len(pairs) and any(found[name] != value for name, value in pairs):
        raise InvalidInput("The body gives one name to two different members", field="body")
    return found


Shape = Mapping[str, object]
"""Where events stand in a body: a member's name with the shape of its object, or of the objects in its list."""


def misshapen(document: Json, shape: Shape, place: str = "") -> tuple[str, ...]:
    """The places that should hold objects and hold something else, so that what stood there cannot be read."""
    found: list[str] = []
    for name in shape.keys() & document.keys():
        inner, value, here = shape[name], document[name], f"{place}{name}"
        if value is None and isinstance(inner, dict):
            continue  # as good as absent
        wanted = inner[0] if isinstance(inner, list) else inner
        items = value if isinstance(inner, list) else [value]
        if not isinstance(items, list) or not isinstance(wanted, dict):
            found.append(here)
            continue
        for item in items:
            found += misshapen(item, wanted, f"{here}.") if isinstance(item, dict) else [here]
    return tuple(dict.fromkeys(found))[:_MOST_PLACES]


_MOST_PLACES = 20


def _too_deep(document: object) -> bool:
    level = [document]
    for _ in range(MAX_DEPTH):
        level = [child for node in level for child in _children(node)]
        if not level:
            return False
    return True


def _children(node: object) -> list[object]:
    if isinstance(node, dict):
        return list(node.values())
    return node if isinstance(node, list) else []


def obj(source: Json, key: str) -> Json:
    """The object under ``key``, empty if there is none."""
    value = source.get(key)
    return value if isinstance(value, dict) else {}


def objects(source: Json, key: str) -> list[Json]:
    """The objects in the list under ``key``."""
    value = source.get(key)
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def text(source: Json, key: str) -> str | None:
    """A text or number as text; broken halves of a character are replaced so that it can be stored."""
    value = source.get(key)
    if isinstance(value, str):
        return whole(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return None


def ident(source: Json, key: str) -> str | None:
    """An id: like ``text``, but blank counts as absent."""
    value = text(source, key)
    return value.strip() or None if value else None


def whole(value: str) -> str:
    """The same text with lone surrogates, which no store can encode, replaced by U+FFFD."""
    if not _SURROGATE.search(value):
        return value
    return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def number(source: Json, key: str) -> float | None:
    """A finite number, also when it comes as text."""
    value = source.get(key)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None


def moment(source: Json, key: str) -> datetime | None:
    """Unix seconds or milliseconds (the size tells) as aware UTC."""
    value = number(source, key)
    if value is None:
        return None
    try:
        return datetime.fromtimestamp(value / 1000 if abs(value) >= _MILLISECONDS_FROM else value, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def flat(source: Json, *keys: str) -> dict[str, str]:
    """Those of ``keys`` that hold a text or number."""
    found = {key: text(source, key) for key in keys}
    return {key: value for key, value in found.items() if value}


def dump(source: Json) -> str:
    """Compact JSON of an object, for metadata."""
    return whole(json.dumps(source, ensure_ascii=False, separators=(",", ":"), sort_keys=True))


def fingerprint(*parts: object) -> str:
    """A stable made-up id for an event that the provider gave none."""
    canonical = json.dumps(parts, sort_keys=True, default=str).encode()
    return "hash:" + hashlib.sha256(canonical).hexdigest()[:32]

"""Turns our values into JSON documents and back, so that they can be sealed and kept for years.

Reading is forgiving: fields that a later version added are ignored, missing ones take their default.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any, NewType, TypeVar, Union, cast, get_args, get_origin, get_type_hints

import numpy as np
import orjson

T = TypeVar("T")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_Decoder = Callable[[Any], Any]


def micros(moment: datetime) -> int:
    """Whole microseconds since 1970. Raises ``ValueError`` for a time without a zone."""
    if moment.tzinfo is None:
        raise ValueError("a stored time needs a time zone")
    return (moment - _EPOCH) // _MICROSECOND


def maybe_micros(moment: datetime | None) -> int | None:
    return None if moment is None else micros(moment)


def moment(value: int) -> datetime:
    """Aware UTC."""
    return _EPOCH + timedelta(microseconds=value)


def maybe_moment(value: int | None) -> datetime | None:
    return None if value is None else moment(value)


def dumps(value: object) -> bytes:
    """JSON bytes of plain values and our dataclasses. Lone surrogates, which no encoding can hold, become U+FFFD."""
    try:
        return orjson.dumps(value, default=_plain, option=orjson.OPT_NON_STR_KEYS)
    except TypeError:
        return orjson.dumps(_clean(value), option=orjson.OPT_NON_STR_KEYS)


def text_dumps(value: object) -> str:
    return dumps(value).decode()


def loads(document: bytes | str) -> dict[str, Any]:
    return cast("dict[str, Any]", orjson.loads(document))


def load_list(document: bytes | str) -> list[Any]:
    return cast("list[Any]", orjson.loads(document))


def load_texts(document: str) -> dict[str, str]:
    return cast("dict[str, str]", orjson.loads(document))


def pack(embedding: Sequence[float]) -> bytes:
    """Half-precision bytes, two a number: exact enough for similarity (error below 0.0005 on a unit vector)."""
    return np.asarray(embedding, dtype="<f2").tobytes()


def unpack(packed: bytes) -> tuple[float, ...]:
    return tuple(np.frombuffer(packed, dtype="<f2").astype(np.float64).tolist())


def decode(kind: type[T], document: Mapping[str, object]) -> T:
    """Builds ``kind`` from a decoded JSON object. Raises ``KeyError`` where a field without default is missing."""
    decoder: _Decoder = _decoder_of(cast(Any, kind))
    return cast(T, decoder(document))


def _plain(value: object) -> object:
    if isinstance(value, frozenset | set):
        return sorted(value)
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, Iterable):
        return list(value)
    raise TypeError(f"cannot store a {type(value).__name__}")


def _clean(value: object) -> object:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if value is None or isinstance(value, bool | int | float | datetime | date | time):
        return value
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _clean(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {_clean(key): _clean(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(item) for item in value]
    return _clean(_plain(value))


@cache
def _decoder_of(kind: Any) -> _Decoder:
    if isinstance(kind, NewType):
        return _decoder_of(kind.__supertype__)
    origin = get_origin(kind)
    if origin is not None:
        return _generic(origin, get_args(kind))
    if not isinstance(kind, type):
        return _as_is
    if is_dataclass(kind):
        return _dataclass(kind)
    if issubclass(kind, Enum):
        return kind
    return _SCALARS.get(kind, _as_is)


def _as_is(value: Any) -> Any:
    return value


_SCALARS: dict[type, _Decoder] = {
    datetime: datetime.fromisoformat,
    time: time.fromisoformat,
    Decimal: Decimal,
    float: float,
}


def _generic(origin: Any, arguments: tuple[Any, ...]) -> _Decoder:
    if origin is Union or origin is types.UnionType:
        return _optional(arguments)
    if origin is tuple:
        return _tuple(arguments)
    if origin in (frozenset, set):
        item = _decoder_of(arguments[0])
        return lambda value: frozenset(item(each) for each in value)
    if issubclass(origin, Mapping):
        item = _decoder_of(arguments[1])
        return lambda value: {key: item(each) for key, each in value.items()}
    item = _decoder_of(arguments[0])
    return lambda value: tuple(item(each) for each in value)


def _optional(arguments: tuple[Any, ...]) -> _Decoder:
    inner = _decoder_of(next(each for each in arguments if each is not type(None)))
    return lambda value: None if value is None else inner(value)


def _tuple(arguments: tuple[Any, ...]) -> _Decoder:
    if len(arguments) == 2 and arguments[1] is Ellipsis:
        item = _decoder_of(arguments[0])
        return tuple if item is _as_is else lambda value: tuple(item(each) for each in value)
    items = tuple(_decoder_of(each) for each in arguments)
    return lambda value: tuple(item(each) for item, each in zip(items, value, strict=False))


def _dataclass(kind: type) -> _Decoder:
    hints = get_type_hints(kind)
    known = [(each.name, _decoder_of(hints[each.name])) for each in fields(kind) if each.init]
    required = {
        each.name for each in fields(kind) if each.default is MISSING and each.default_factory is MISSING and each.init
    }

    def build(document: Mapping[str, Any]) -> Any:
        given = {name: read(document[name]) for name, read in known if name in document}
        missing = required - given.keys()
        if missing:
            raise KeyError(f"{kind.__name__} lacks {', '.join(sorted(missing))}")
        return kind(**given)

    return build

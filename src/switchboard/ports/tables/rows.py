"""One page of a list, as every table gives it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows(Generic[T_co]):
    """One page of a list; ``next_cursor`` is None on the last."""

    items: tuple[T_co, ...]
    next_cursor: str | None = None

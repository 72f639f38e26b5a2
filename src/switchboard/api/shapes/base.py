"""What every shape shares: strict fields, clean text, pages of a list."""

from __future__ import annotations

import re
from typing import Annotated, Any, Generic, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from switchboard.ports.tables.rows import Rows

T = TypeVar("T")
LONGEST_TEXT = 256 * 1024
_UNSTORABLE = re.compile("[\\x00\\ud800-\\udfff]")


def clean(text: str) -> str:
    """Kept exactly as sent; only NUL and lone surrogates, which no store can hold, become U+FFFD."""
    return _UNSTORABLE.sub("\ufffd", text)


def _within(text: str) -> str:
    if len(text.encode()) > LONGEST_TEXT:
        raise ValueError(f"at most {LONGEST_TEXT} bytes")
    return text


Text = Annotated[str, AfterValidator(clean), AfterValidator(_within)]
Short = Annotated[str, AfterValidator(clean), Field(max_length=300)]


class Shape(BaseModel):
    """An unknown field is an error: a misspelt one must not be lost in silence."""

    model_config = ConfigDict(extra="forbid", from_attributes=True)


class Listing(BaseModel, Generic[T]):
    """One page. ``next_cursor`` null: this was the last."""

    items: list[T]
    next_cursor: str | None = None


def listing(rows: Rows[Any], items: list[T]) -> Listing[T]:
    return Listing(items=items, next_cursor=rows.next_cursor)

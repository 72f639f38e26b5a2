"""Asking a provider about our account: does our access hold, do its notices reach us, what does it have of a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at. ``fix`` says how to mend it; beside ``well`` it is an advice: the channel works, and
    something may be missed. Empty where there is nothing to do. Never holds a secret."""

    what: str
    well: bool
    detail: str
    fix: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """``expires_at``: when our access ends, where the provider or the credentials say so."""

    findings: tuple[Finding, ...]
    expires_at: datetime | None = None

    @property
    def well(self) -> bool:
        return all(finding.well for finding in self.findings)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderItem:
    """A message or call that the provider says came in: by the ids under which we keep it."""

    account: str
    external_id: str


class Probe(Protocol):
    """Asks about one channel account. Sends nothing to anybody and changes nothing at the provider."""

    async def check(self) -> Checked:
        """Everything that can be asked cheaply. What goes wrong is a finding, never an exception."""
        ...


@runtime_checkable
class ListsItems(Protocol):
    """A provider that tells what came in."""

    async def items(self, start: datetime, end: datetime) -> tuple[ProviderItem, ...]:
        """What came in from ``start`` (included) to ``end``. Raises what ``Channel.send`` raises."""
        ...

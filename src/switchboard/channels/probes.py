"""What the checks of all providers share: a question that goes wrong becomes a finding that says how to mend it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from switchboard.errors import ChannelNeedsAttention, RateLimited, SwitchboardError, Unavailable
from switchboard.ports.channel_check import Checked, Finding

T = TypeVar("T")
Now = Callable[[], datetime]
LATER = "Try again in some minutes; if it stays so, look at the provider's status page."


async def asked(what: str, fix: str, ask: Callable[[], Awaitable[T]]) -> tuple[T | None, Finding | None]:
    """The answer, or the finding that tells why there is none."""
    try:
        return await ask(), None
    except SwitchboardError as error:
        later = isinstance(error, Unavailable | RateLimited) and not isinstance(error, ChannelNeedsAttention)
        return None, Finding(what=what, well=False, detail=error.detail, fix=LATER if later else fix)


def well(what: str, detail: str) -> Finding:
    return Finding(what=what, well=True, detail=detail)


def note(what: str, detail: str, fix: str) -> Finding:
    """It works; something that a team may want is missing."""
    return Finding(what=what, well=True, detail=detail, fix=fix)


def wrong(what: str, detail: str, fix: str) -> Finding:
    return Finding(what=what, well=False, detail=detail, fix=fix)


def missing(options: dict[str, str]) -> tuple[Finding, ...]:
    """A finding for each option (name to value) that is empty although the channel cannot work without it."""
    return tuple(
        wrong(f"option {name}", "it is empty", f"Set {name}, or store it with: switchboard channels add")
        for name, value in options.items()
        if not value
    )


@dataclass(frozen=True, slots=True)
class OwnSocket:
    """Fulfils ``Probe`` for web chat, which has no provider: the door is this very server's."""

    public_url: str
    origins: tuple[str, ...]
    signs: bool

    async def check(self) -> Checked:
        sites = ", ".join(self.origins) or "only our own pages"
        door = f"{self.public_url.rstrip('/')}/ws/chat" if self.public_url else "/ws/chat"
        findings = [well("socket", door), well("sites that may embed it", sites)]
        signed = "visitors signed in there are believed" if self.signs else "no secret: all visitors are unverified"
        findings.append(well("signed visitors", signed))
        if self.public_url.startswith("http:") and self.origins:
            findings.append(
                wrong("public address", "it is not HTTPS, so HTTPS sites cannot load the widget", "Put TLS in front.")
            )
        return Checked(findings=tuple(findings))

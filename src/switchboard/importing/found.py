"""What was found in another system's export: messages, and the people and tickets that other files speak of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from switchboard.conversations.identity import normalise_address
from switchboard.domain.inbound import InboundEvent, InboundKind, SenderAddress
from switchboard.domain.message import Attachment, ChannelType, MessageContent
from switchboard.errors import InvalidInput, SwitchboardError

ACCOUNT = "import"
LONGEST_TEXT = 256 * 1024
Json = Mapping[str, object]
NOTHING: Json = {}
_LATEST = 32_503_680_000  # the year 3000: what is larger counts milliseconds, or nothing
_KINDS = ("image", "video", "audio")


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who somebody is in the other system. ``colleague``: None where it does not say."""

    name: str = ""
    email: str = ""
    phone: str = ""
    identifier: str = ""
    colleague: bool | None = None

    def address(self, channel: ChannelType) -> str:
        """Where this person is reached on a channel, as far as is known."""
        if channel in (ChannelType.WHATSAPP, ChannelType.VOICE):
            return self.phone
        return self.email if channel is ChannelType.EMAIL else self.identifier


NOBODY = Person()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """What a list of tickets says, for messages that lie in other files."""

    requester: str = ""
    subject: str = ""
    via: str = ""


@dataclass(slots=True)
class Directory:
    """People and tickets of all files, by (system, their number)."""

    people: dict[tuple[str, str], Person] = field(default_factory=dict)
    tickets: dict[tuple[str, str], Ticket] = field(default_factory=dict)
    bare: dict[tuple[str, str], str] = field(default_factory=dict)
    """Tickets that came without their messages, with the name of the file."""
    spoken: set[tuple[str, str]] = field(default_factory=set)
    """Tickets whose messages some file holds."""

    def person(self, system: str, number: str) -> Person:
        return self.people.get((system, number), NOBODY)

    def ticket(self, system: str, number: str) -> Ticket:
        return self.tickets.get((system, number), Ticket())

    def know(self, system: str, number: str, person: Person) -> None:
        """A later file may know more; what it leaves out stays."""
        if not number:
            return
        before = self.person(system, number)
        colleague = before.colleague if person.colleague is None else person.colleague
        self.people[system, number] = Person(
            name=person.name or before.name,
            email=person.email or before.email,
            phone=person.phone or before.phone,
            identifier=person.identifier or before.identifier,
            colleague=colleague,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A message of another system. ``ours``: somebody of the business wrote it, ``note``: for colleagues only.
    ``address``: the customer's; where the system knows none, their number there."""

    system: str
    ticket: str
    number: str
    address: str
    channel: ChannelType
    text: str
    ours: bool
    note: bool = False
    name: str | None = None
    by: str | None = None
    subject: str | None = None
    at: datetime | None = None
    files: tuple[Attachment, ...] = ()

    def event(self, path: Path) -> InboundEvent:
        """Raises ``InvalidInput`` for an address that cannot be one."""
        address = normalise_address(self.channel, self.address[:320])
        metadata = {"imported": path.name, "ticket": f"{self.system} {self.ticket}"}
        if self.note:
            metadata["internal"] = "yes"
        if self.by:
            metadata["written_by"] = self.by[:200]
        return InboundEvent(
            kind=InboundKind.ECHO if self.ours or self.note else InboundKind.MESSAGE,
            channel=self.channel,
            account=ACCOUNT,
            external_id=f"{self.system}:{self.ticket}:{self.number}"[:300],
            senders=(SenderAddress(channel=self.channel, account=ACCOUNT, address=address),),
            sender_name=(self.name or "")[:200] or None,
            content=MessageContent(
                text=self.text.replace("\x00", "\ufffd"),
                subject=(self.subject or "")[:300] or None,
                attachments=self.files,
            ),
            sent_at=self.at,
            thread_keys=(f"{self.system}:{self.ticket}"[:300],),
            metadata=metadata,
        )


def checked(path: Path, found: Found | InvalidInput) -> InboundEvent | InvalidInput:
    """The event, or what is wrong with it."""
    if isinstance(found, InvalidInput):
        return found
    if not found.text.strip() and not found.files:
        return fault(found.system, found.ticket, found.number, "it has no text")
    if len(found.text.encode("utf-8", "replace")) > LONGEST_TEXT:
        return fault(found.system, found.ticket, found.number, f"its text is longer than {LONGEST_TEXT} bytes")
    try:
        return found.event(path)
    except SwitchboardError as error:
        return fault(found.system, found.ticket, found.number, f"{error.field or 'it'}: {error.detail}")


def fault(system: str, ticket: str, number: str, why: str) -> InvalidInput:
    return InvalidInput(
        f"{system} {ticket}, message {number or '(without an id)'}: {why}", field=f"{system}:{ticket}:{number}"
    )


def attachment(
    *, system: str, key: str, name: str, url: str = "", kind: str = "", size: float = 0, content_type: str = ""
) -> Attachment:
    """What there was; its bytes are fetched later. ``key`` names it in its system."""
    last = unquote(urlsplit(url).path.rpartition("/")[2]) if url.startswith(("http:", "https:")) else ""
    family = kind if kind in _KINDS else content_type.partition("/")[0]
    return Attachment(
        kind=family if family in _KINDS else "file",
        name=(PurePosixPath(name.replace("\\", "/")).name or last)[-200:] or None,
        content_type=content_type[:100] or None,
        size=int(size) or None,
        url=url[:2000] or None,
        provider_id=f"{system}:{key}"[:200],
    )


def parts(source: Json, key: str) -> Json:
    value = source.get(key)
    return value if isinstance(value, dict) else NOTHING


def entries(source: Json, key: str) -> list[Json]:
    return dicts(source.get(key))


def dicts(values: object) -> list[Json]:
    """The objects among the values of a list, or of an object."""
    if isinstance(values, dict):
        values = list(values.values())
    return [one for one in values if isinstance(one, dict)] if isinstance(values, list) else []


def text(source: Json, key: str) -> str:
    value = source.get(key)
    if isinstance(value, bool) or value is None:
        return ""
    return str(value) if isinstance(value, str | int | float) else ""


def first_text(source: Json, *keys: str) -> str:
    return next((found for key in keys if (found := text(source, key))), "")


def number(source: Json, key: str) -> float:
    value = source.get(key)
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value[:18])
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else 0.0


def moment(source: Json, key: str) -> datetime | None:
    """Seconds since 1970, ISO 8601, or ``2026-01-05 10:00:00 UTC``; None if it is none of these."""
    seconds = number(source, key)
    if seconds:
        return datetime.fromtimestamp(seconds, UTC) if 0 < seconds < _LATEST else None
    said = text(source, key).strip()
    try:
        at = datetime.fromisoformat(said.removesuffix(" UTC")) if said else None
    except ValueError:
        return None
    return at if at is None or at.tzinfo is not None else at.replace(tzinfo=UTC)


def in_order(messages: Iterable[Json], key: str = "created_at") -> list[Json]:
    """Oldest first."""

    def place(message: Json) -> tuple[float, float]:
        at = moment(message, key)
        return (at.timestamp() if at is not None else 0.0, number(message, "id"))

    return sorted(messages, key=place)


def with_name(person: Person, name: str) -> Person:
    return person if person.name or not name else replace(person, name=name)


def has(source: Json, *keys: str) -> bool:
    return all(key in source for key in keys)


def every(document: object) -> Sequence[Json]:
    """The objects of a document: itself, or those of its list."""
    return dicts(document) if isinstance(document, list) else dicts([document])

"""After an import: is everything that was read really held, word for word? Both sides are counted and hashed anew."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import orjson

from switchboard.domain.inbound import InboundEvent, InboundKind
from switchboard.domain.message import Attachment, ChannelType, ConversationMessage, Direction, MessageKind
from switchboard.errors import SwitchboardError
from switchboard.flows.accept import PLACEHOLDERS
from switchboard.flows.app import App
from switchboard.flows.files import loader
from switchboard.flows.past import NOTE
from switchboard.ports.store import Work

AT_ONCE = 200
Key = tuple[ChannelType, str, str]
"""Channel, account and id of a message: what finds it again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciliation:
    """What was read against what is stored: how many messages, and SHA-256 over all of them in order of their ids.

    ``missing`` and ``changed`` name the messages that make the difference, ``erased`` counts those whose customer was
    erased since (they stand on neither side). ``files`` were checked to open, ``broken`` ones do not.
    """

    read: int
    held: int
    read_hash: str
    held_hash: str
    missing: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    erased: int = 0
    files: int = 0
    broken: tuple[str, ...] = ()

    @property
    def whole(self) -> bool:
        return self.read_hash == self.held_hash and not self.broken


def key_of(event: InboundEvent) -> Key:
    return event.channel, event.account, event.external_id


def fingerprint(event: InboundEvent) -> bytes:
    """SHA-256 over who said what and when, as it was read."""
    content = event.content
    names = [attachment.name for attachment in content.attachments]
    ours = event.kind is InboundKind.ECHO
    text = content.text or PLACEHOLDERS.get(event.kind, "")
    return _digest(key_of(event), ours, NOTE in event.metadata, event.sent_at, content.subject, text, names)


def _fingerprint_of_held(message: ConversationMessage) -> bytes:
    content = message.content
    names = [attachment.name for attachment in content.attachments]
    ours = message.direction is Direction.OUTBOUND
    key = (message.channel, message.account, message.external_id or "")
    note = message.kind is MessageKind.NOTE
    return _digest(key, ours, note, message.sent_at, content.subject, content.text, names)


def _digest(*parts: object) -> bytes:
    return hashlib.sha256(orjson.dumps(_clean(parts))).digest()


def _clean(value: object) -> object:
    """Half signs, which no store can hold, count as the sign for what cannot be shown."""
    if isinstance(value, str):
        return str(value).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return [_clean(one) for one in value] if isinstance(value, tuple | list) else value


async def reconcile(app: App, read: Mapping[Key, bytes]) -> Reconciliation:
    """Asks the store anew for every message that was read. ``read``: the fingerprint of each."""
    found = _Found()
    keys = sorted(read)
    for start in range(0, len(keys), AT_ONCE):
        some = keys[start : start + AT_ONCE]
        held = await app.store.read(lambda work, some=some: [_look(work, key) for key in some])  # type: ignore[misc]  # bound now
        for key, message in zip(some, held, strict=True):
            found.add(key, read[key], message)
            if isinstance(message, ConversationMessage):
                await _check_files(app, message, found)
    return found.told()


def _look(work: Work, key: Key) -> ConversationMessage | str:
    """The message; or "missing", "erased", or "damaged" if it no longer opens."""
    try:
        message = work.messages.find_external(*key)
        if message is None:
            return "missing"
        profile = work.customers.standing(message.customer_id)
    except SwitchboardError:
        return "damaged"
    return "erased" if profile is not None and profile.erased_at is not None else message


class _Found:
    """Counts and hashes of both sides, as they grow."""

    def __init__(self) -> None:
        self.sides = hashlib.sha256(), hashlib.sha256()
        self.read = self.held = self.erased = self.files = 0
        self.missing: list[str] = []
        self.changed: list[str] = []
        self.broken: list[str] = []

    def add(self, key: Key, print_: bytes, message: ConversationMessage | str) -> None:
        if message == "erased":
            self.erased += 1
            return
        self.read += 1
        self.sides[0].update(print_)
        if message == "missing":
            self.missing.append(key[2])
            return
        self.held += 1
        now = b"damaged" if isinstance(message, str) else _fingerprint_of_held(message)
        self.sides[1].update(now)
        if now != print_:
            self.changed.append(key[2])

    def told(self) -> Reconciliation:
        return Reconciliation(
            read=self.read,
            held=self.held,
            read_hash=self.sides[0].hexdigest(),
            held_hash=self.sides[1].hexdigest(),
            missing=tuple(self.missing),
            changed=tuple(self.changed),
            erased=self.erased,
            files=self.files,
            broken=tuple(self.broken),
        )


async def _check_files(app: App, message: ConversationMessage, found: _Found) -> None:
    for attachment in _kept(message.content.attachments):
        found.files += 1
        try:
            data = await loader(app.store, app.blobs)(message.customer_id, attachment.blob_id or "")
            whole = attachment.size is None or len(data) == attachment.size
        except SwitchboardError:
            whole = False
        if not whole:
            found.broken.append(f"{message.external_id}: {attachment.name or 'a file'}")


def _kept(attachments: Sequence[Attachment]) -> Sequence[Attachment]:
    return [attachment for attachment in attachments if attachment.blob_id is not None]

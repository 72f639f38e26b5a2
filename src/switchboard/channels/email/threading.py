"""Finds the conversation an answer belongs to: our signed token first, then the ids of the mails it answers."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable, Iterator

from switchboard.channels.email.addresses import find_address
from switchboard.channels.email.headers import MAX_VALUE, Headers

TOKEN_KEY = "conversation:"
"""A thread key with this prefix names our own conversation id, proven by our signature."""
SUBJECT_KEY = "subject-token:"
"""A thread key with this prefix is a bare number in the subject: only good if the sender takes part already."""
MAX_REFERENCES = 100

_MAC_BYTES = 10
_TOKEN = re.compile(r"[a-z2-7]{1,400}-[a-z2-7]{16}")
_ID = re.compile(r"<([^<>\s]{1,250})>")
_BARE_ID = re.compile(r"[^<>\s@,]{1,120}@[^<>\s@,]{1,120}")
_DELIVERY_HEADERS = (
    "delivered-to",
    "x-original-to",
    "envelope-to",
    "x-envelope-to",
    "x-forwarded-to",
    "resent-to",
    "to",
    "cc",
)
_SUBJECT_TOKEN = re.compile(r"\[(?:#|[A-Za-z]{2,20}[#:-]\s?)([A-Za-z0-9-]{2,40})\]")


def make_thread_token(secret: bytes, conversation_id: str) -> str:
    """A token for a plus address or Message-ID that leads an answer back. Lower-case letters and digits only, because
    mail servers may change the case of addresses; nobody without ``secret`` can make one for another conversation."""
    return f"{_packed(conversation_id)}-{_mac(secret, conversation_id)}"


def read_thread_token(secret: bytes, token: str) -> str | None:
    """The conversation id in a token of ours, or None for anything else."""
    token = token.strip().lower()
    if _TOKEN.fullmatch(token) is None:
        return None
    packed, _, mac = token.rpartition("-")
    conversation_id = _unpacked(packed)
    if conversation_id is None or not hmac.compare_digest(mac, _mac(secret, conversation_id)):
        return None
    return conversation_id


_OUR_ID = re.compile(r"([a-wyz][a-z]{2})_([0-9a-f]{32})")


def _packed(conversation_id: str) -> str:
    """Our ids in 29 characters, so that address, plus sign and token stay under the 64 that a local part may have."""
    ours = _OUR_ID.fullmatch(conversation_id)
    if ours is not None:
        return ours[1] + base64.b32encode(bytes.fromhex(ours[2])).decode().rstrip("=").lower()
    return "x" + base64.b32encode(conversation_id.encode()).decode().rstrip("=").lower()


def _unpacked(packed: str) -> str | None:
    prefix, coded = ("", packed[1:]) if packed.startswith("x") else (packed[:3], packed[3:])
    try:
        content = base64.b32decode(coded.upper() + "=" * (-len(coded) % 8))
        return f"{prefix}_{content.hex()}" if prefix else content.decode()
    except ValueError:  # not base32, or not UTF-8 inside
        return None


def _mac(secret: bytes, conversation_id: str) -> str:
    digest = hmac.new(secret, b"mail-thread\x00" + conversation_id.encode(), hashlib.sha256).digest()
    return base64.b32encode(digest[:_MAC_BYTES]).decode().lower()


def message_id_of(headers: Headers) -> str | None:
    """The Message-ID as the sender wrote it, with its angle brackets; None if it is missing or empty."""
    value = headers.ascii("message-id")
    found = re.search(r"<[^<>]{1,250}>", value)
    value = "".join(found[0].split()) if found is not None else value
    return value[:255] if value not in ("", "<>") else None


def made_up_id(headers: Headers, body: bytes) -> str:
    """A stable id for a mail that has none: the same mail delivered twice gets the same one."""
    digest = hashlib.sha256()
    for name in ("date", "from", "subject"):
        digest.update(headers.first(name) + b"\x00")
    digest.update(body.strip())
    return f"<{digest.hexdigest()[:40]}@no-message-id>"


def ids_in(values: Iterable[bytes]) -> tuple[str, ...]:
    """Every message id in In-Reply-To or References headers, in order and once each."""
    found: dict[str, None] = {}
    for value in values:
        for match in _ID.finditer(value[:MAX_VALUE].decode("ascii", "ignore")):
            found.setdefault(match[0])
        bare = value[:300].decode("ascii", "ignore").strip()
        if not found and _BARE_ID.fullmatch(bare) is not None:
            found.setdefault(bare)
    return tuple(found)


def recipients(headers: Headers) -> Iterator[str]:
    """Addresses this mail was delivered to, the server's own notes first."""
    for name in _DELIVERY_HEADERS:
        for value in headers.all(name)[:20]:
            for piece in value[:MAX_VALUE].decode("utf-8", "replace").split(","):
                address = find_address(piece)
                if address is not None:
                    yield address


def plus_tag(headers: Headers, extra: Iterable[str] = ()) -> str | None:
    """The part after ``+`` of the address the mail was sent to."""
    for address in (*extra, *recipients(headers)):
        tag = address.rpartition("@")[0].partition("+")[2]
        if tag:
            return tag
    return None


def thread_keys(
    headers: Headers, in_reply_to: tuple[str, ...], references: tuple[str, ...], subject: str, secret: bytes | None,
    delivered_to: Iterable[str] = (),
) -> tuple[str, ...]:  # fmt: skip
    """What names the conversation, strongest first (reference "Thread"); never the words of the subject."""
    keys: dict[str, None] = {}
    if secret:
        for token in _tokens(headers, (*in_reply_to, *reversed(references)), delivered_to):
            conversation_id = read_thread_token(secret, token)
            if conversation_id is not None:
                keys.setdefault(TOKEN_KEY + conversation_id)
    for message_id in (*in_reply_to, *reversed(references)):
        keys.setdefault(message_id)
    token_in_subject = _SUBJECT_TOKEN.search(subject[:500])
    if token_in_subject is not None:
        keys.setdefault(SUBJECT_KEY + token_in_subject[1])
    return tuple(keys)[:MAX_REFERENCES]


def _tokens(headers: Headers, ids: Iterable[str], delivered_to: Iterable[str]) -> Iterator[str]:
    for address in (*delivered_to, *recipients(headers)):
        yield address.rpartition("@")[0].partition("+")[2]
    for message_id in ids:
        local = message_id.strip("<>").rpartition("@")[0]
        yield from local.split(".")[-1:]

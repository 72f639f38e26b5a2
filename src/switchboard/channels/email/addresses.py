"""Reads addresses from mail headers: who wrote, to whom, and where answers should go."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from switchboard.channels.email.charsets import decode_raw
from switchboard.channels.email.headers import MAX_VALUE, Headers, decode_words

MAX_RECIPIENTS = 500


@dataclass(frozen=True, slots=True)
class Mailbox:
    """One address with its display name. ``address`` is lower case; empty if the header named nobody reachable."""

    address: str
    name: str | None = None

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2]

    @property
    def plus(self) -> str | None:
        """The part after ``+`` in the local part, in the case it was written."""
        local = self.address.rpartition("@")[0]
        return local.partition("+")[2] or None


_ADDRESS = re.compile(r"[^\s<>()\[\],;:\"@\\]{1,128}@[^\s<>()\[\],;:\"@\\]{1,255}")
_LITERAL = re.compile(r"[^\s<>()\[\],;:\"@\\]{1,128}@\[[0-9A-Fa-f.:]{3,50}\]")
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u00ad]")
"""Marks that nobody sees: in an address they are an accident or a trick."""
_QUOTED_LOCAL = re.compile(r'"([^"@<>]{1,64})"@([^\s<>()\[\],;:"@\\]{1,255})')


def normal_address(address: str) -> str:
    """Lower case, without the dot that some hosts put behind the domain."""
    return address.strip().rstrip(".").lower()


def find_address(text: str) -> str | None:
    """The first usable address in ``text``, in its own spelling; None if there is none."""
    text = _INVISIBLE.sub("", text)
    match = _ADDRESS.search(text) or _LITERAL.search(text)
    if match is not None:
        return match[0].strip("'`").rstrip(".") or None
    quoted = _QUOTED_LOCAL.search(text)
    return f'"{quoted[1]}"@{quoted[2].rstrip(".")}' if quoted is not None else None


def parse_list(raw: bytes, charset: str | None = None) -> tuple[Mailbox, ...]:
    """Every entry of an address header, those without a usable address included (``address`` empty)."""
    raw = raw[:MAX_VALUE]
    text = raw.decode("ascii") if raw.isascii() else decode_raw(raw, charset)
    entries = _with_surnames(
        [entry for entry in _split(_GROUP.sub("", text) if ";" in text else text) if entry.strip()]
    )
    return tuple(_named_once(_mailbox(entry)) for entry in entries[:MAX_RECIPIENTS])


_GROUP = re.compile(r"(?:\A|(?<=;))\s{0,5}[^\s:;,<>@\"()][^:;,<>@\"()]{0,80}:")
"""The name of a group of recipients (``Team: a@x, b@x;``): the people in it count."""
_BARE_WORDS = re.compile(r"\s*[^\s@<>()\":,;=?]{1,60}(?:\s[^\s@<>()\":,;=?]{1,60}){0,3}\s*")
_ADDRESSED_NAME = re.compile(
    r"\s*[^\s@<>()\":,;=?]{1,60}(?:\s[^\s@<>()\":,;=?]{1,60}){0,3}\s*<[^<>@\s]{1,64}@[^<>]{1,255}>\s*"
)


def _with_surnames(entries: list[str]) -> list[str]:
    """``Smith, Ann <ann@x>`` without quotes is one person, not two."""
    if len(entries) != 2 or not (_BARE_WORDS.fullmatch(entries[0]) and _ADDRESSED_NAME.fullmatch(entries[1])):
        return entries
    name, angle, rest = entries[1].partition("<")
    return [f'"{entries[0].strip()}, {name.strip()}" {angle}{rest}']


def _named_once(box: Mailbox) -> Mailbox:
    """Without a display name that only repeats the address, as many mail programs write it."""
    name = (box.name or "").removeprefix("mailto:").rstrip(":").strip()
    repeated = name.strip("'<>").lower() == box.address
    return Mailbox(box.address, None if repeated or not name else name)


def _split(text: str) -> list[str]:
    """Entries between commas or semicolons, outside quotes, comments and angle brackets."""
    balanced = text.count('"') % 2 == 0
    entries, start, quoted, depth, angle = [], 0, False, 0, False
    for index, char in enumerate(text):
        if char == '"' and balanced and (index == 0 or text[index - 1] != "\\"):
            quoted = not quoted
        elif quoted:
            continue
        elif char == "(":
            depth += 1
        elif char == ")":
            depth = max(0, depth - 1)
        elif char in "<>":
            angle = char == "<"
        elif char in ",;" and depth == 0 and (not angle or char == ";"):
            entries.append(text[start:index])
            start, angle = index + 1, False
    entries.append(text[start:])
    return entries


def _mailbox(entry: str) -> Mailbox:
    """Encoded words are decoded in the name only: inside an address they are a forgery, and stay what they are."""
    before, angle, rest = entry.rpartition("<")
    if angle and (address := _inside(rest.partition(">")[0])) is not None:
        return Mailbox(normal_address(address), _name(before.rstrip("< ")))
    address = find_address(entry) or (find_address(_without_comments(entry)) if "(" in entry else None)
    if address is None:
        return Mailbox("", _name(entry.partition("<")[0] if angle else entry))
    comment = re.search(r"\(([^()]{1,200})\)", entry)
    before = comment[1] if comment is not None and address in entry else entry.partition(address)[0]
    before = before if address in entry else ""
    return Mailbox(normal_address(address), _name(before))


_COMMENT = re.compile(r"\s{0,5}\([^()]{0,200}\)\s{0,5}")


def _without_comments(text: str) -> str:
    """Comments may stand anywhere in an address (RFC 5322), also inside each other."""
    for _ in range(3):
        text = _COMMENT.sub("", text)
    return text


def _inside(text: str) -> str | None:
    """The address between angle brackets, blanks inside it left out as the sender meant it."""
    return find_address(text) or (find_address("".join(text.split())) if text.count("@") == 1 else None)


def _name(text: str) -> str | None:
    text = text.strip().replace('\\"', '"').replace('""', "").strip().rstrip("[").strip()
    for _ in range(2):
        if len(text) >= 2 and text[0] + text[-1] in ('""', "()", "''"):
            text = text[1:-1].strip()
    name = decode_words(text.encode("utf-8", "replace"), "utf-8").strip().strip('"').strip()
    name = "".join(" " if char.isspace() and char != "\u3000" else char for char in name)
    name = "".join(char for char in name if char.isprintable() or char == "\u3000")
    name = name[1:-1].strip() if len(name) > 2 and name[0] == name[-1] == "'" else name
    return name[:200] or None


@dataclass(frozen=True, slots=True)
class People:
    """Who a mail is from and to. ``sender`` is the person; answers go to ``reply_to`` or else to the sender."""

    sender: Mailbox | None
    sender_name: str | None
    reply_to: tuple[Mailbox, ...]
    to: tuple[Mailbox, ...]
    cc: tuple[Mailbox, ...]
    several_from: bool
    through_form: bool


def people_of(headers: Headers, charset: str | None, own_domains: Iterable[str] = ()) -> People:
    """Sender by the order From, Reply-To, Sender, Return-Path; a contact form of our own speaks for its Reply-To."""
    named = [box for value in headers.all("from")[:5] for box in parse_list(value, charset)]
    reply_to = tuple(box for box in parse_list(headers.first("reply-to"), charset) if box.address)
    sender = next((box for box in named if box.address), None)
    form = sender is not None and bool(reply_to) and _is_form(sender, reply_to[0], own_domains)
    if form or sender is None:
        sender = next(iter(reply_to), None) or _fallback(headers, charset) or _wholly_coded(named)
    name = (sender.name if sender is not None else None) or next((box.name for box in named if box.name), None)
    if form:
        name = reply_to[0].name
    return People(
        sender=sender,
        sender_name=name,
        reply_to=reply_to,
        to=tuple(box for value in headers.all("to")[:5] for box in parse_list(value, charset) if box.address),
        cc=tuple(box for value in headers.all("cc")[:5] for box in parse_list(value, charset) if box.address),
        several_from=len(named) > 1,
        through_form=form,
    )


def _wholly_coded(named: list[Mailbox]) -> Mailbox | None:
    """Name and address in one encoded word: read only where nobody else is named, and never as proof of anything."""
    for box in named:
        match = _IN_NAME.fullmatch(box.name or "")
        if match is not None and find_address(match[2]) == match[2]:
            return Mailbox(normal_address(match[2]), match[1].strip(' "') or None)
    return None


_IN_NAME = re.compile(r"([^<>@]{0,200})<([^<>\s]{3,320})>")


def _is_form(sender: Mailbox, reply_to: Mailbox, own_domains: Iterable[str]) -> bool:
    own = {domain.lower() for domain in own_domains}
    return sender.domain in own and reply_to.domain not in own


def _fallback(headers: Headers, charset: str | None) -> Mailbox | None:
    for name in ("sender", "return-path"):
        for box in parse_list(headers.first(name), charset):
            if box.address:
                return Mailbox(box.address, box.name)
    return None

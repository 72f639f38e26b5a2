"""Cuts a mail into its parts in linear time and with hard limits, so that no hostile mail can hang the reader.

The standard library's parser recurses per level and re-scans boundaries of every level for each line; this one looks
at the bytes once per level, at most ``MAX_DEPTH`` levels deep, and keeps attached mails as the bytes they are.
"""

from __future__ import annotations

import quopri
import re
import string
from dataclasses import dataclass, field

from switchboard.channels.email.embedded import uu_line
from switchboard.channels.email.headers import Headers, lenient_base64, parse_value, split_head
from switchboard.errors import TooLarge

MAX_DEPTH = 20
MAX_PARTS = 200


@dataclass(frozen=True, slots=True)
class Part:
    """One part: its headers, type and raw (still encoded) body; ``children`` for multiparts."""

    headers: Headers
    content_type: str
    parameters: dict[str, str]
    disposition: str
    disposition_parameters: dict[str, str]
    body: bytes
    children: tuple[Part, ...] = ()

    @property
    def charset(self) -> str | None:
        return self.parameters.get("charset")

    @property
    def filename(self) -> str | None:
        """The name the sender gave, untidied."""
        return self.disposition_parameters.get("filename") or self.parameters.get("name") or None

    def content(self) -> bytes:
        """The body with its transfer encoding undone."""
        encoding = _encoding_of(self.headers)
        if self.content_type.startswith("text/"):
            if encoding == "base64":
                return _with_plain_footer(self.body)
            if encoding not in _CODED:
                return _undeclared(self.body)
        return decode_transfer(self.body, encoding)


@dataclass(slots=True)
class _Budget:
    parts: int = field(default=0)

    def spend(self) -> None:
        self.parts += 1
        if self.parts > MAX_PARTS:
            raise TooLarge("The mail has too many parts.", field="parts", limit=f"{MAX_PARTS} parts")


def parse_tree(raw: bytes) -> Part:
    """The mail as a tree of parts. Raises ``TooLarge`` beyond the limits of depth, parts or headers."""
    if b"\n" not in raw and b"\r" in raw:  # line ends of very old Macs
        raw = raw.replace(b"\r", b"\n")
    headers, body = split_head(raw, outermost=True)
    return _part(headers, body, default="text/plain", depth=0, budget=_Budget())


def _part(headers: Headers, body: bytes, *, default: str, depth: int, budget: _Budget) -> Part:
    if depth > MAX_DEPTH:
        raise TooLarge("The mail is nested too deeply.", field="depth", limit=f"{MAX_DEPTH} levels")
    budget.spend()
    content_type, parameters = _type_of(headers, default)
    disposition, disposition_parameters = parse_value(headers.first("content-disposition"), parameters.get("charset"))
    children: tuple[Part, ...] = ()
    if content_type.startswith("multipart/"):
        inner = "message/rfc822" if content_type == "multipart/digest" else "text/plain"
        segments = _segments(body, parameters.get("boundary", ""), budget)
        children = _children(segments, parameters.get("boundary", ""), inner, depth + 1, budget)
    return Part(headers, content_type, parameters, disposition, disposition_parameters, body, children)


def _children(segments: list[bytes], boundary: str, inner: str, depth: int, budget: _Budget) -> tuple[Part, ...]:
    found: list[Part] = []
    for number, segment in enumerate(segments):
        headers, body = split_head(segment)
        kind, parameters = _type_of(headers, inner)
        if kind.startswith("multipart/") and not body.strip() and parameters.get("boundary") == boundary != "":
            # a multipart inside that uses the same boundary again: what follows are its parts
            line = b"--" + boundary.encode("utf-8", "ignore") + b"\r\n"
            body = line + (b"\r\n" + line).join(segments[number + 1 :])
            return (*found, _part(headers, body, default=inner, depth=depth, budget=budget))
        found.append(_part(headers, body, default=inner, depth=depth, budget=budget))
    return tuple(found)


def _type_of(headers: Headers, default: str) -> tuple[str, dict[str, str]]:
    """The content type; nonsense is read as the default. A multipart type wins over a second, contradicting one."""
    found = [_cleaned(*parse_value(_WRONG_MARK.sub(rb"\1;", value, 1))) for value in headers.all("content-type")[:5]]
    usable = [(kind, parameters) for kind, parameters in found if re.fullmatch(r"[^\s/]+/[^\s/]+", kind)]
    for kind, parameters in usable:
        if kind.startswith("multipart/") and parameters.get("boundary"):
            return kind, parameters
    if usable:
        return usable[0]
    return default, found[0][1] if found else {}


_WRONG_MARK = re.compile(rb"\A(\s{0,9}[\w.+-]{1,40}/[\w.+-]{1,80})\s{0,9}[,:]")
"""A type divided from its parameters by another mark than a semicolon."""
_FAMILIES = frozenset(
    {"text", "image", "audio", "video", "application", "message", "multipart", "font", "model", "chemical", "x-world"}
)


def _cleaned(kind: str, parameters: dict[str, str]) -> tuple[str, dict[str, str]]:
    """``html/text`` and ``plain/text`` are written by programs that mean the other way round."""
    family, _, subtype = kind.partition("/")
    if family not in _FAMILIES and subtype == "text":
        return f"text/{family}", parameters
    return kind, parameters


_SENSED_BOUNDARY = re.compile(
    rb"^--(\S[^\r\n]{0,198}?)[ \t]*\r?\n(?=content-[a-z-]{4,30}[ \t]*:)", re.IGNORECASE | re.MULTILINE
)


def _segments(body: bytes, boundary: str, budget: _Budget) -> list[bytes]:
    """The bytes between boundary lines; what stands before the first and after the last is not for readers."""
    found = _cut(body, boundary.strip().encode("utf-8", "ignore"), budget) if boundary.strip() else []
    if not found and (sensed := _SENSED_BOUNDARY.search(body)) is not None:
        found = _cut(body, sensed[1], budget)
    return found


def _cut(body: bytes, boundary: bytes, budget: _Budget) -> list[bytes]:
    line = re.compile(rb"^--" + re.escape(boundary) + rb"(--)?[ \t]*(?:\r?\n|\Z)", re.MULTILINE)
    segments: list[bytes] = []
    begin = -1
    for match in line.finditer(body):
        if begin >= 0:
            segments.append(_without_last_break(body[begin : match.start()]))
        if len(segments) + budget.parts > MAX_PARTS:
            raise TooLarge("The mail has too many parts.", field="parts", limit=f"{MAX_PARTS} parts")
        begin = -1 if match[1] else match.end()
    if begin >= 0:
        segments.append(body[begin:])  # never closed is normal
    return [segment for segment in segments if segment.strip()]


def _without_last_break(segment: bytes) -> bytes:
    if segment.endswith(b"\r\n"):
        return segment[:-2]
    return segment[:-1] if segment.endswith(b"\n") else segment


# --- transfer encodings -------------------------------------------------------------------------------------------


_NAMES = {
    "base64": "base64",
    "quotedprintable": "qp",
    "qp": "qp",
    "xuuencode": "uu",
    "uuencode": "uu",
    "xuue": "uu",
    "uue": "uu",
}
_CODED = frozenset(_NAMES.values())


def _encoding_of(headers: Headers) -> str:
    """ "base64", "qp", "uu" or empty. Of several contradicting headers the one counts that says something is coded."""
    for value in headers.all("content-transfer-encoding")[:5]:
        bare = value[:200].decode("ascii", "ignore").partition(";")[0].lower()
        name = _NAMES.get("".join(char for char in bare if char.isalnum()), "")
        if name:
            return name
    return ""


def decode_transfer(body: bytes, encoding: str) -> bytes:
    """Bytes behind a Content-Transfer-Encoding ("base64", "qp", "uu"; else they are as they are). Never raises."""
    if encoding == "base64":
        return lenient_base64(_until_base64_ends(body))
    if encoding == "qp":
        return quopri.decodestring(_soft_breaks(body))
    return _uudecoded(body) if encoding == "uu" else body


_CODED_UTF8 = re.compile(rb"=[CD][0-9A-F]=[89AB][0-9A-F]|=E[0-9A-F]=[89AB][0-9A-F]=[89AB][0-9A-F]")
_BASE64_LETTERS = string.ascii_letters.encode() + string.digits.encode() + b"+/"


def _undeclared(body: bytes) -> bytes:
    """Text that is coded although no header says so, if that is beyond doubt: coded UTF-8 letters, or one block of
    base64 that holds readable words."""
    if body.isascii() and len(_CODED_UTF8.findall(body[:100_000])) >= 2:
        return quopri.decodestring(_soft_breaks(body))
    block = b"" if len(body) < 40 or b" " in body[:2_000].strip() else _until_base64_ends(body)
    if not block or block.rstrip(b"=").translate(None, _BASE64_LETTERS):
        return body
    decoded = lenient_base64(block)
    try:
        words = decoded.decode("utf-8")
    except UnicodeDecodeError:
        return body
    return decoded if " " in words and all(char.isprintable() or char in "\r\n\t" for char in words) else body


def _until_base64_ends(body: bytes) -> bytes:
    return b"".join(body.split())


_FOOTER = re.compile(rb"(?:[A-Za-z0-9+/=](?:[ \t]*\r?\n){2,9}|=\r?\n)(?=[^\r\n]{0,200}?(?: [A-Za-z]|-- |__))")
_WORDS = re.compile(rb"[^\r\n]{0,200}? [A-Za-z]")


def _with_plain_footer(body: bytes) -> bytes:
    """Base64 to which a list server appended its footer in plain letters, as they do."""
    if _WORDS.match(body.lstrip()) is not None:  # says base64, but is none
        return body
    footer = _FOOTER.search(body.strip())
    if footer is None:
        return lenient_base64(_until_base64_ends(body))
    body = body.strip()
    return lenient_base64(_until_base64_ends(body[: footer.start() + 1])) + b"\n\n" + body[footer.end() :]


_SOFT = re.compile(rb"=[ \t]+(?=\r?\n)")


def _soft_breaks(body: bytes) -> bytes:
    """Soft breaks followed by blanks, which gateways add."""
    return _SOFT.sub(b"=", body) if b"= " in body or b"=\t" in body else body


def _uudecoded(body: bytes) -> bytes:
    out = bytearray()
    inside = False
    for line in body.splitlines():
        if not inside:
            inside = line.startswith(b"begin ")
        elif line.strip() in (b"end", b"`", b""):
            break
        else:
            out += uu_line(line) or b""
    return bytes(out) if inside else body

"""Reads mail headers as they really come: broken folding, raw 8-bit bytes, encoded words split in odd places."""

from __future__ import annotations

import base64
import binascii
import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from switchboard.channels.email.charsets import clean, decode, decode_raw
from switchboard.errors import TooLarge

MAX_HEADERS = 500
MAX_HEADER_BYTES = 256 * 1024
MAX_PARAMETERS = 100
MAX_VALUE = 16_384
"""Bytes of one header that are decoded; the rest of a longer one is never anything a person needs."""

_FIELD = re.compile(rb"([!-9;-~]{1,2000})[ \t]*:(.*)", re.DOTALL)
_KNOWN = re.compile(
    rb"(?:from|to|cc|subject|date|message-id|mime-version|content-[a-z-]{4,30}|received|return-path|reply-to|sender"
    rb"|references|in-reply-to|delivered-to|x-[a-z0-9-]{2,60}):",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Headers:
    """The fields of one header block in order: lower-case name and raw, unfolded value."""

    fields: tuple[tuple[str, bytes], ...] = ()

    def all(self, name: str) -> tuple[bytes, ...]:
        return tuple(value for field, value in self.fields if field == name)

    def first(self, name: str) -> bytes:
        """The first non-empty value, or empty bytes."""
        return next((value for field, value in self.fields if field == name and value), b"")

    def has(self, name: str) -> bool:
        return any(field == name for field, _ in self.fields)

    def ascii(self, name: str) -> str:
        """The first value as plain text for machine fields: nothing decoded, odd bytes dropped."""
        return self.first(name)[:MAX_VALUE].decode("ascii", "ignore").strip()

    def text(self, name: str, charset: str | None = None) -> str:
        """The first value as people read it."""
        return decode_words(self.first(name), charset)


def split_head(raw: bytes, *, outermost: bool = False) -> tuple[Headers, bytes]:
    """The header block and the body of a message or part. Raises ``TooLarge`` over the limits of headers.

    ``outermost`` messages may carry mbox lines or a remark before their headers, which are skipped.
    """
    if outermost:
        raw = _without_preface(raw)
    fields: list[list[bytes]] = []
    end = _read_fields(raw, fields, tolerant=outermost)
    if end > MAX_HEADER_BYTES:
        raise TooLarge("The mail's headers are too long.", field="headers", limit=f"{MAX_HEADER_BYTES} bytes")
    if len(fields) > MAX_HEADERS:
        raise TooLarge("The mail has too many headers.", field="headers", limit=f"{MAX_HEADERS} headers")
    return Headers(tuple(_finished(field) for field in fields)), raw[end:]


def _finished(field: list[bytes]) -> tuple[str, bytes]:
    return field[0].decode("ascii").lower(), b"".join(field[1:]).strip()


def _lines(raw: bytes, start: int = 0) -> Iterator[tuple[int, int]]:
    """Begin and end (after the line break) of each line; CRLF, LF and a lone CR end a line."""
    while start < len(raw):
        end = raw.find(b"\n", start)
        end = len(raw) if end < 0 else end + 1
        yield start, end
        start = end


def _read_fields(raw: bytes, fields: list[list[bytes]], *, tolerant: bool) -> int:
    """Fills ``fields`` and returns where the body begins."""
    for start, end in _lines(raw):
        line = raw[start:end]
        bare = line.strip(b"\r\n")
        if not bare or (not bare.strip() and not _continues(raw, end)):
            return end
        if line[:1] in b" \t" and fields:
            fields[-1].append(b" " + bare.strip())
        elif (match := _FIELD.fullmatch(bare)) is not None:
            fields.append([match[1], match[2]])
        elif not tolerant or not _headers_follow(raw, end):
            return start
        elif fields:  # broken folding: the line lost its indentation
            fields[-1].append(b" " + bare)
        if end > MAX_HEADER_BYTES or len(fields) > MAX_HEADERS:
            return end
    return len(raw)


def _continues(raw: bytes, start: int) -> bool:
    """A line of blanks is followed by another folded line or header: it does not end the headers."""
    for begin, end in _lines(raw, start):
        line = raw[begin : min(end, begin + 300)]
        return (line[:1] in b" \t" and bool(line.strip())) or _KNOWN.match(line) is not None
    return False


def _headers_follow(raw: bytes, start: int, within: int = 12) -> bool:
    for count, (begin, end) in enumerate(_lines(raw, start)):
        line = raw[begin : min(end, begin + 300)]
        if count >= within or not line.strip():
            return False
        if _KNOWN.match(line) is not None:
            return True
    return False


_SPACED_FROM = re.compile(rb"From[ \t]{1,5}:")


def _without_preface(raw: bytes) -> bytes:
    """Drops blank lines, mbox ``From `` lines and remarks such as ``---- Original ... ----`` before the headers."""
    for count, (start, end) in enumerate(_lines(raw)):
        line = raw[start : min(end, start + 400)].strip()
        if count > 10:
            break
        if not line or (line.startswith((b"From ", b">From ", b"---")) and _SPACED_FROM.match(line) is None):
            continue
        return raw[start:]
    return raw


# --- encoded words (RFC 2047) -------------------------------------------------------------------------------------

_BLANKS = re.compile(r"[ \t\r\n]+")
_WORD_START = re.compile(r"=\?([^?\s=]{1,75})\?([bBqQ])\?")


def decode_words(raw: bytes, charset: str | None = None) -> str:
    """A header's value as people read it. ``charset`` is the body's: a hint for raw 8-bit bytes. Never raises."""
    if not raw:
        return ""
    raw = raw[:MAX_VALUE]
    text = raw.decode("ascii") if raw.isascii() else decode_raw(raw, charset)
    return clean(_BLANKS.sub(" ", _joined(text) if "=?" in text else text).strip())


def _joined(text: str) -> str:
    """Words decoded; blanks between neighbours vanish; neighbours of one charset are joined before decoding."""
    out: list[str] = []
    pending, pending_charset, position = b"", "", 0
    for between, charset, payload, end in _words(text):
        if pending_charset and (between.strip() or charset != pending_charset):
            out.append(_word_text(pending, pending_charset))
            pending = b""
        if between.strip() or not pending_charset:
            out.append(between)
        pending += payload
        pending_charset, position = charset, end
    if pending_charset:
        out.append(_word_text(pending, pending_charset))
    return "".join(out) + text[position:]


def _words(text: str) -> Iterator[tuple[str, str, bytes, int]]:
    """(text since the last word, charset, bytes, end) of each encoded word."""
    position = search = 0
    while (start := _WORD_START.search(text, search)) is not None:
        end = text.find("?=", start.end())
        if end < 0:  # cut off: to the end of the value, if nothing but the word follows
            rest = text[start.end() :]
            if rest.strip() and not re.search(r"\s", rest.strip()):
                payload = rest.strip().rstrip("?")
                quoted = start[2] in "qQ"
                between = text[position : start.start()]
                yield between, start[1].lower(), _q(payload) if quoted else _b(payload), len(text)
            return
        payload = text[start.end() : end]
        quoted = start[2] in "qQ"
        yield text[position : start.start()], start[1].lower(), _q(payload) if quoted else _b(payload), end + 2
        position = search = end + 2


def _word_text(payload: bytes, charset: str) -> str:
    return decode(payload, charset.split("*", 1)[0]).replace("\r", " ").replace("\n", " ")


def _q(payload: str) -> bytes:
    return quopri.decodestring(payload.encode("utf-8", "replace"), header=True)


def _b(payload: str) -> bytes:
    return lenient_base64(payload.encode("ascii", "ignore"))


_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]+")


def lenient_base64(raw: bytes) -> bytes:
    """Base64 with missing padding, stray characters or several padded pieces one after another."""
    try:
        return base64.b64decode(raw, validate=True)
    except (binascii.Error, ValueError):
        pass
    out = bytearray()
    for piece in re.split(rb"=+", raw):
        chars = _NOT_BASE64.sub(b"", piece)
        chars = chars[:-1] if len(chars) % 4 == 1 else chars
        out += binascii.a2b_base64(chars + b"=" * (-len(chars) % 4))
    return bytes(out)


# --- parameters (RFC 2045, 2231) ----------------------------------------------------------------------------------

_PARAMETER = re.compile(rb';\s*([^\s=;"]{1,80})\s*=\s*(?:"((?:[^"\\]|\\.){0,8000})"|"?([^;"]{0,8000}))', re.DOTALL)


def parse_value(raw: bytes, charset: str | None = None) -> tuple[str, dict[str, str]]:
    """The main value (lower case) and the parameters, decoded by RFC 2231 and, as senders really do, RFC 2047."""
    raw = raw[:MAX_VALUE]
    main = raw.split(b";", 1)[0].decode("ascii", "ignore").strip().lower()
    plain: dict[str, str] = {}
    pieces: dict[str, list[tuple[int, bool, bytes]]] = {}
    for count, match in enumerate(_PARAMETER.finditer(raw)):
        if count >= MAX_PARAMETERS:
            break
        name = match[1].decode("ascii", "ignore").lower()
        value = _unescaped(match[2]) if match[2] is not None else match[3].strip()
        if "*" in name:
            base, number, encoded = _piece(name)
            pieces.setdefault(base, []).append((number, encoded, value))
        else:
            plain.setdefault(name, _parameter_text(value, charset))
    return main, plain | {name: _assembled(found) for name, found in pieces.items()}


_PERCENT_CODED = re.compile(rb"[!-~ ]{0,500}%[89A-Fa-f][0-9A-Fa-f]%[89ABab][0-9A-Fa-f][!-~ ]{0,4000}")


def _from_percents(value: bytes) -> bytes:
    """A name coded as in an address of the web, if that gives whole UTF-8."""
    decoded = unquote_to_bytes(value)
    try:
        decoded.decode("utf-8")
    except UnicodeDecodeError:
        return value
    return decoded


_VIETNAMESE_WORD = re.compile(r"(=\?)(?:windows-|cp)1258(\?[bq]\?)", re.IGNORECASE)
_VIETNAMESE_LETTERS = frozenset("ĂăĐđƠơƯư₫\u0303\u0309\u0323")


def _parameter_text(value: bytes, charset: str | None) -> str:
    """A parameter as people read it. A name in windows-1258 without one letter that only Vietnamese has is no
    Vietnamese: it is read as windows-1252, so that a file has the name under which other help desks show it."""
    if b"%" in value and _PERCENT_CODED.fullmatch(value) is not None:
        value = _from_percents(value)
    text = decode_words(value, charset)
    if b"1258" not in value or _VIETNAMESE_LETTERS & set(text):
        return text
    western = _VIETNAMESE_WORD.sub(r"\1windows-1252\2", value.decode("latin-1"))
    return decode_words(western.encode("latin-1"), charset)


def _unescaped(value: bytes) -> bytes:
    return re.sub(rb'\\(["\\])', rb"\1", value)


def _piece(name: str) -> tuple[str, int, bool]:
    """``filename*1*`` → ("filename", 1, True)."""
    base, _, rest = name.partition("*")
    encoded = rest.endswith("*") or rest == ""
    digits = rest.strip("*")
    return base, int(digits) if digits.isdigit() and len(digits) < 4 else 0, encoded


def _assembled(pieces: list[tuple[int, bool, bytes]]) -> str:
    charset: str | None = None
    out = waiting = b""
    for index, (_, encoded, value) in enumerate(sorted(pieces, key=lambda piece: piece[0])):
        if not encoded:
            out, waiting = out + unquote_to_bytes(waiting) + value, b""
            continue
        if index == 0 and value.count(b"'") >= 2:
            declared, _, value = value.split(b"'", 2)
            charset = declared.decode("ascii", "ignore")
        waiting += value  # a "%C3" may be cut between two pieces
    out += unquote_to_bytes(waiting)
    if (charset or "").lower() in ("us-ascii", "ascii"):  # says there is nothing to guess
        return out.decode("ascii", "replace")
    return decode_words(out, charset) if b"=?" in out else decode(out, charset)

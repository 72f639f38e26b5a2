"""Files that old programs write into the text itself: uuencoded and yEnc blocks. Found, taken out and decoded."""

from __future__ import annotations

import binascii
import re
from dataclasses import dataclass

MAX_BLOCKS = 50
"""Blocks taken out of one text; further ones stay where they are."""

_UU_BEGIN = re.compile(rb"^begin(?:-base64)? [0-7]{3,4} ([^\r\n]{1,255})\r?\n", re.MULTILINE)
_UU_END = re.compile(rb"^(?:end|====)[ \t]*\r?$\n?", re.MULTILINE)
_YENC_BEGIN = re.compile(rb"^=ybegin ([^\r\n]{1,500})\r?\n(?:=ypart [^\r\n]{1,200}\r?\n)?", re.MULTILINE)
_YENC_END = re.compile(rb"^=yend[^\r\n]{0,200}\r?\n?", re.MULTILINE)
_YENC_NAME = re.compile(rb"name=(.{1,255})")


@dataclass(frozen=True, slots=True)
class Embedded:
    """A file that stood in a text. ``name`` as the sender wrote it, still bytes."""

    name: bytes
    content: bytes


def take_out(text: bytes) -> tuple[bytes, tuple[Embedded, ...]]:
    """The text without its complete blocks, and the files they held. A block without an end is text."""
    if b"begin" not in text:
        return text, ()
    found: list[Embedded] = []
    kept: list[bytes] = []
    position = 0
    while len(found) < MAX_BLOCKS and (block := _next_block(text, position)) is not None:
        start, end, embedded = block
        kept.append(text[position:start])
        found.append(embedded)
        position = end
    return b"".join([*kept, text[position:]]), tuple(found)


def _next_block(text: bytes, position: int) -> tuple[int, int, Embedded] | None:
    """(start, end, file) of the next block that is closed and decodes."""
    begins = [match for kind in (_UU_BEGIN, _YENC_BEGIN) if (match := kind.search(text, position)) is not None]
    if not begins:
        return None
    begin = min(begins, key=lambda match: match.start())
    yenc = begin[0].startswith(b"=y")
    end = (_YENC_END if yenc else _UU_END).search(text, begin.end())
    if end is None:
        return None
    body = text[begin.end() : end.start()]
    if yenc:
        named = _YENC_NAME.search(begin[1])
        return begin.start(), end.end(), Embedded(named[1].strip() if named else b"file", yenc_decoded(body))
    content = _base64(body) if begin[0].startswith(b"begin-base64") else uu_decoded(body.splitlines())
    return (begin.start(), end.end(), Embedded(begin[1].strip(), content)) if content is not None else None


def _base64(body: bytes) -> bytes | None:
    try:
        return binascii.a2b_base64(body)
    except binascii.Error:
        return None


def uu_decoded(lines: list[bytes]) -> bytes | None:
    """The bytes of uuencoded lines; None if a line is none (then it was a sentence that began with "begin")."""
    out = bytearray()
    for line in lines:
        if not line.strip() or line.strip() == b"`":
            continue
        piece = uu_line(line)
        if piece is None:
            return None
        out += piece
    return bytes(out) if out else None


def uu_line(line: bytes) -> bytes | None:
    """One line; some programs append a character of their own, which the declared length tells."""
    try:
        return binascii.a2b_uu(line)
    except binascii.Error:
        length = (((line[0] - 32) & 63) * 4 + 5) // 3
    try:
        return binascii.a2b_uu(line[:length])
    except binascii.Error:
        return None


_YENC_ESCAPE = re.compile(rb"=(.)", re.DOTALL)
_YENC_TABLE = bytes((byte - 42) % 256 for byte in range(256))


def yenc_decoded(body: bytes) -> bytes:
    """yEnc: every byte moved by 42; ``=`` marks one that was moved by 64 more."""
    body = body.replace(b"\r", b"").replace(b"\n", b"")
    return _YENC_ESCAPE.sub(lambda match: bytes(((match[1][0] - 64) % 256,)), body).translate(_YENC_TABLE)

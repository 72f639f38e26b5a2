"""Opens letters that are signed with S/MIME in one piece (``smime.p7m``): the words lie inside, readable, unchecked.

Reads just enough of BER (X.690) to find the wrapped letter: forward only, never beyond the data, a few levels deep.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

MAX_ELEMENTS = 10_000
MAX_LEVELS = 12

_SIGNED = bytes.fromhex("2a864886f70d010702")
_DATA = bytes.fromhex("2a864886f70d010701")
_OID, _OCTETS, _OCTETS_IN_PIECES = 0x06, 0x04, 0x24
_COMPOUND = 0x20


@dataclass(slots=True)
class _Reader:
    raw: bytes
    left: int = MAX_ELEMENTS

    def elements(self, start: int, end: int, level: int = 0) -> Iterator[tuple[int, int, int]]:
        """(tag, start of content, end of content) of the elements one after another. Raises ``ValueError``."""
        position = start
        while position + 2 <= end:
            tag, begin, length = self._head(position, end)
            if tag == 0 and length == 0:  # the end of an element without a length
                return
            stop = begin + length if length is not None else self._end_of_open(begin, end, level + 1)
            if stop > end:
                raise ValueError("cut short")
            yield tag, begin, stop
            position = stop if length is not None else stop + 2

    def _head(self, position: int, end: int) -> tuple[int, int, int | None]:
        self.left -= 1
        if self.left < 0 or self.raw[position] & 0x1F == 0x1F:
            raise ValueError("too much, or a tag that no letter has")
        first = self.raw[position + 1]
        if first < 0x80:
            return self.raw[position], position + 2, first
        count = first & 0x7F
        if count == 0:
            return self.raw[position], position + 2, None
        if count > 4 or position + 2 + count > end:
            raise ValueError("a length beyond the data")
        begin = position + 2 + count
        return self.raw[position], begin, int.from_bytes(self.raw[position + 2 : begin])

    def _end_of_open(self, begin: int, end: int, level: int) -> int:
        """Where the content of an element without a length ends (its end mark takes two bytes more)."""
        if level > MAX_LEVELS:
            raise ValueError("too deep")
        position = begin
        while position + 2 <= end:
            tag, inner, length = self._head(position, end)
            if tag == 0 and length == 0:
                return position
            position = inner + length if length is not None else self._end_of_open(inner, end, level + 1) + 2
        raise ValueError("cut short")

    def octets(self, tag: int, begin: int, end: int, level: int = 0) -> bytes:
        """The bytes of a string that may come in pieces."""
        if tag == _OCTETS:
            return self.raw[begin:end]
        if tag != _OCTETS_IN_PIECES or level > MAX_LEVELS:
            return b""
        return b"".join(self.octets(*piece, level + 1) for piece in self.elements(begin, end, level))


def signed_letter(raw: bytes) -> bytes | None:
    """The letter inside a signed S/MIME file, or None if it is encrypted, damaged or something else. Never raises."""
    try:
        return _letter(_Reader(raw))
    except (ValueError, IndexError, StopIteration):
        return None


def _letter(reader: _Reader) -> bytes | None:
    """ContentInfo → SignedData → EncapsulatedContentInfo (RFC 5652)."""
    _, begin, end = next(reader.elements(0, len(reader.raw)))
    kind, wrapped = _kind_and_content(reader, begin, end)
    if kind != _SIGNED or wrapped is None:
        return None
    _, begin, end = next(reader.elements(*wrapped[1:]))
    for tag, start, stop in reader.elements(begin, end):
        if tag == _COMPOUND | 0x10 and (inner := _kind_and_content(reader, start, stop))[0] == _DATA:
            content = next(reader.elements(*inner[1][1:]), None) if inner[1] is not None else None
            return (reader.octets(*content) or None) if content is not None else None
    return None


def _kind_and_content(reader: _Reader, begin: int, end: int) -> tuple[bytes, tuple[int, int, int] | None]:
    found = reader.elements(begin, end)
    tag, start, stop = next(found, (0, begin, begin))
    if tag != _OID:
        return b"", None
    return reader.raw[start:stop], next(found, None)

"""Opens ``winmail.dat``, the box in which Outlook sometimes sends files that nobody else can read (MS-OXTNEF).

Reads forward once, never follows a length beyond the data, and takes at most ``MAX_FILES`` files.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from switchboard.channels.email.charsets import decode

MAX_FILES = 100
MAX_PROPERTIES = 2_000
_SIGNATURE = 0x223E9F78

_TITLE, _DATA, _RENDERING, _FILE_PROPERTIES = 0x8010, 0x800F, 0x9002, 0x9005
_BODY, _PROPERTIES, _CODE_PAGE = 0x800C, 0x9003, 0x9007

_LONG_NAME, _SHORT_NAME, _DISPLAY_NAME, _MIME, _CONTENT_ID = 0x3707, 0x3704, 0x3001, 0x370E, 0x3712
_BODY_TEXT, _BODY_HTML, _CONTENT = 0x1000, 0x1013, 0x3701

_FIXED_SIZES = {2: 4, 3: 4, 4: 4, 5: 8, 6: 8, 7: 8, 0xA: 4, 0xB: 4, 0x14: 8, 0x40: 8, 0x48: 16}
_STRINGS = frozenset({0x1E, 0x1F, 0x0D, 0x102})


@dataclass(slots=True)
class TnefFile:
    """One file of the box."""

    name: str = ""
    content_type: str | None = None
    content_id: str | None = None
    content: bytes = b""


@dataclass(frozen=True, slots=True)
class Tnef:
    """What was in the box. ``complete`` is False if it was cut short or damaged."""

    text: str
    html: str
    files: tuple[TnefFile, ...]
    complete: bool


def open_tnef(raw: bytes) -> Tnef | None:
    """What a ``winmail.dat`` holds, or None if it is none. Never raises."""
    if len(raw) < 6 or struct.unpack_from("<I", raw)[0] != _SIGNATURE:
        return None
    box = _Box()
    try:
        for attribute, data in _attributes(raw):
            box.take(attribute, data)
        complete = True
    except (struct.error, ValueError, IndexError):
        complete = False
    files = tuple(file for file in box.files if file.content)
    return Tnef(text=box.text, html=box.html, files=files, complete=complete)


def _attributes(raw: bytes) -> Iterator[tuple[int, bytes]]:
    """(id, data) of each attribute: a byte of level, id and length of four bytes each, data, two bytes of checksum."""
    position = 6
    while position + 9 <= len(raw):
        _, attribute, length = struct.unpack_from("<BII", raw, position)
        position += 9
        if position + length > len(raw):
            raise ValueError("cut short")
        yield attribute & 0xFFFF, raw[position : position + length]
        position += length + 2


class _Box:
    def __init__(self) -> None:
        self.text = self.html = ""
        self.files: list[TnefFile] = []
        self._charset = "cp1252"

    def take(self, attribute: int, data: bytes) -> None:
        if attribute == _CODE_PAGE and len(data) >= 4:
            self._charset = f"cp{struct.unpack_from('<I', data)[0]}"
        elif attribute == _BODY:
            self.text = self.text or self._string(data)
        elif attribute == _PROPERTIES:
            self._message(data)
        elif attribute == _RENDERING and len(self.files) < MAX_FILES:
            self.files.append(TnefFile())
        elif self.files:
            self._file(self.files[-1], attribute, data)

    def _file(self, file: TnefFile, attribute: int, data: bytes) -> None:
        if attribute == _TITLE:
            file.name = file.name or self._string(data)
        elif attribute == _DATA:
            file.content = data
        elif attribute == _FILE_PROPERTIES:
            for name, value, wide in _properties(data):
                self._file_property(file, name, value, wide=wide)

    def _file_property(self, file: TnefFile, name: int, value: bytes, *, wide: bool) -> None:
        if name == _LONG_NAME or (name in (_DISPLAY_NAME, _SHORT_NAME) and not file.name):
            file.name = self._string(value, wide=wide) or file.name
        elif name == _MIME:
            file.content_type = self._string(value, wide=wide).lower() or None
        elif name == _CONTENT_ID:
            file.content_id = self._string(value, wide=wide).strip("<>") or None
        elif name == _CONTENT and not file.content:
            file.content = value

    def _message(self, data: bytes) -> None:
        for name, value, wide in _properties(data):
            if name == _BODY_TEXT:
                self.text = self._string(value, wide=wide) or self.text
            elif name == _BODY_HTML:
                self.html = self._string(value, wide=wide)

    def _string(self, data: bytes, *, wide: bool = False) -> str:
        return decode(data, "utf-16-le" if wide else self._charset).rstrip("\x00\ufffd")


def _properties(data: bytes) -> Iterator[tuple[int, bytes, bool]]:
    """(id, value, whether it is UTF-16) of the strings and binaries in a block of MAPI properties."""
    (count,) = struct.unpack_from("<I", data)
    position = 4
    for _ in range(min(count, MAX_PROPERTIES)):
        kind, name = struct.unpack_from("<HH", data, position)
        position = _after_name(data, position + 4, name)
        several, kind = bool(kind & 0x1000), kind & 0xEFFF
        values = struct.unpack_from("<I", data, position)[0] if several or kind in _STRINGS else 1
        position += 4 if several or kind in _STRINGS else 0
        for _ in range(min(values, MAX_PROPERTIES)):
            if kind not in _STRINGS:
                position += _FIXED_SIZES[kind] if kind in _FIXED_SIZES else _unknown(kind)
                continue
            (length,) = struct.unpack_from("<I", data, position)
            if position + 4 + length > len(data):
                raise ValueError("cut short")
            value = data[position + 4 : position + 4 + length]
            yield name, value, kind == 0x1F
            position += 4 + length + -length % 4


def _unknown(kind: int) -> int:
    raise ValueError(f"property type {kind:#x}")


def _after_name(data: bytes, position: int, name: int) -> int:
    """Named properties carry a GUID and a number or a string before their value."""
    if name < 0x8000:
        return position
    (by_string,) = struct.unpack_from("<I", data, position + 16)
    if not by_string:
        return position + 24
    length: int = struct.unpack_from("<I", data, position + 20)[0]
    return position + 24 + length + -length % 4

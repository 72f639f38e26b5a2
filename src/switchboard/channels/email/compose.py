"""Puts a provider's loose fields back together as one raw mail."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import quote


@dataclass(frozen=True, slots=True, kw_only=True)
class LoosePart:
    """A file that came beside the fields. ``encoded``: ``content`` is base64 already."""

    name: str | None
    content_type: str
    content: bytes
    content_id: str | None = None
    encoded: bool = False


_NAME = re.compile(r"[!-9;-~]{1,200}")
_TYPE = re.compile(r"[\w.+-]{1,80}/[\w.+-]{1,80}")


def compose_mail(
    headers: Iterable[tuple[str, bytes]], *, text: str, html: str, files: Sequence[LoosePart] = ()
) -> bytes:
    """A raw mail with these headers (those about the old MIME structure left out), bodies and files."""
    lines = [
        name.encode() + b": " + b" ".join(value.split())
        for name, value in headers
        if _NAME.fullmatch(name) and not name.startswith("content-") and name != "mime-version"
    ]
    bodies = [_leaf(kind, words) for kind, words in (("plain", text), ("html", html)) if words.strip()]
    body = bodies[0] if len(bodies) == 1 else _multipart("alternative", bodies or [_leaf("plain", text)])
    if files:
        body = _multipart("mixed", [body, *(_file(file) for file in files)])
    return b"\r\n".join([*lines, b"MIME-Version: 1.0", body])


def _leaf(kind: str, words: str) -> bytes:
    coded = base64.encodebytes(words.encode("utf-8", "replace"))
    return f"Content-Type: text/{kind}; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n".encode() + coded


def _file(file: LoosePart) -> bytes:
    kind = file.content_type if _TYPE.fullmatch(file.content_type) else "application/octet-stream"
    lines = [f"Content-Type: {kind}"]
    named = f"; filename*=utf-8''{quote(file.name, safe='')}" if file.name else ""
    lines.append(f"Content-Disposition: attachment{named}")
    if file.content_id:
        lines.append(f"Content-ID: <{re.sub(r'[^!-~]|[<>]', '', file.content_id)}>")
    lines.append("Content-Transfer-Encoding: base64")
    coded = file.content if file.encoded else base64.encodebytes(file.content)
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + coded


def _multipart(kind: str, parts: Sequence[bytes]) -> bytes:
    boundary = b"sb-" + hashlib.sha256(b"\x00".join(parts)).hexdigest().encode()
    out = b"Content-Type: multipart/" + kind.encode() + b'; boundary="' + boundary + b'"\r\n\r\n'
    for part in parts:
        out += b"--" + boundary + b"\r\n" + part + b"\r\n"
    return out + b"--" + boundary + b"--\r\n"

"""Finds what a mail says and what it carries: the readable text, the HTML and the attached files."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass

from switchboard.channels.email.charsets import clean, codec_of, decode
from switchboard.channels.email.headers import split_head
from switchboard.channels.email.html_text import to_text
from switchboard.channels.email.mime import Part
from switchboard.domain.message import Attachment

MAX_TEXT = 1_000_000
"""Characters of body text kept for reading (the raw mail is kept whole)."""
MAX_FILE_NAME = 255
"""Bytes of a file name in UTF-8."""


@dataclass(frozen=True, slots=True)
class FilePart:
    """One attached file: its description, whose ``provider_id`` is ``part:<n>``, and its bytes."""

    attachment: Attachment
    content: bytes


@dataclass(frozen=True, slots=True)
class Body:
    """The readable text, the unsafe HTML (None if the mail has none) and the files."""

    text: str
    html: str | None
    files: tuple[FilePart, ...]


def body_of(root: Part) -> Body:
    leaves = list(_file_parts(root, is_root=True))
    page = _html(root, is_root=True)
    used = set(re.findall(r"cid:([^\"'\s>)]{1,300})", page, re.IGNORECASE)) if page else set()
    files = tuple(_file(part, number, used) for number, part in enumerate(leaves, 1))
    return Body(_text(root, is_root=True)[:MAX_TEXT], page, files)


# --- which parts are words, which are files -----------------------------------------------------------------------


def _is_words(part: Part, *, is_root: bool = False) -> bool:
    if part.content_type not in ("text/plain", "text/html", "text/enriched", "text", "text/richtext"):
        return False
    if part.disposition == "attachment":
        return False
    return is_root or part.filename is None


def _reading_children(part: Part) -> tuple[Part, ...]:
    """The children that hold the words. Of related parts only the first does, the others belong to it (RFC 2387)."""
    if part.content_type != "multipart/related":
        return part.children
    root = next((child for child in part.children if child.children or _is_words(child)), None)
    return (root,) if root is not None else ()


def _file_parts(part: Part, *, is_root: bool = False) -> Iterator[Part]:
    if part.children:
        reading = _reading_children(part)
        for child in part.children:
            yield from _file_parts(child) if any(child is other for other in reading) else _leaves(child)
    elif not part.content_type.startswith("multipart/") and not _is_words(part, is_root=is_root):
        yield part


def _leaves(part: Part) -> Iterator[Part]:
    if part.children:
        for child in part.children:
            yield from _leaves(child)
    elif not part.content_type.startswith("multipart/"):
        yield part


# --- words --------------------------------------------------------------------------------------------------------


def _leaf_text(part: Part) -> str:
    raw = part.content()
    charset = part.charset or ""
    if "utf-7" in charset.lower():  # web browsers refuse UTF-7 because it hides markup; so do we
        charset = "us-ascii"
    if part.content_type == "text/html" and codec_of(charset) is None:
        charset = _charset_in_page(raw)
    text = decode(raw, charset).replace("\r\n", "\n").replace("\r", "\n")
    if part.parameters.get("format", "").lower() == "flowed":
        return _unflowed(text, delete_space=part.parameters.get("delsp", "").lower() == "yes")
    return text


_META_CHARSET = re.compile(rb"<meta[^>]{0,200}charset\s{0,3}=\s{0,3}[\"']?([\w-]{2,40})", re.IGNORECASE)


def _charset_in_page(raw: bytes) -> str:
    """The charset that an HTML page names for itself, where its mail headers name none."""
    found = _META_CHARSET.search(raw[:4_096])
    return found[1].decode("ascii", "ignore") if found is not None else ""


def _unflowed(text: str, *, delete_space: bool) -> str:
    """RFC 3676: a line that ends in a blank goes on in the next one of the same quote depth."""
    out: list[str] = []
    depth_before, open_line = -1, False
    for line in text.split("\n"):
        bare = line.lstrip(">")
        depth = len(line) - len(bare)
        bare = bare[1:] if bare.startswith(" ") else bare
        flows = bare.endswith(" ") and bare != "-- "
        piece = bare[:-1] if flows and delete_space else bare
        if open_line and depth == depth_before and bare != "-- ":
            out[-1] += piece
        else:
            out.append((">" * depth + " " if depth else "") + piece)
        depth_before, open_line = depth, flows
    return "\n".join(out)


def _text(part: Part, *, is_root: bool = False) -> str:
    """What a person reads, in order. Of alternatives the plain one, unless it is empty or only says "use HTML"."""
    if part.content_type == "multipart/alternative" and part.children:
        return _of_alternatives(part)
    if part.children:
        pieces = [piece for child in _reading_children(part) if (piece := _text(child)).strip()]
        return "\n".join(piece.rstrip("\n") if index < len(pieces) - 1 else piece for index, piece in enumerate(pieces))
    if not _is_words(part, is_root=is_root):
        return ""
    text = _leaf_text(part)
    return to_text(text) if part.content_type == "text/html" or _is_page(part, text) else text


def _is_page(part: Part, text: str) -> bool:
    """HTML that is labelled as plain text."""
    start = text[:200].lstrip().lower()
    return part.content_type == "text/plain" and start.startswith(("<!doctype html", "<html"))


def _of_alternatives(part: Part) -> str:
    plain = [text for child in part.children if not _has_page(child) and (text := _text(child)).strip()]
    if plain and not _is_stub(plain[0]):
        return "\n".join(plain)  # more than one plain part: an unusual mail, and nothing may be lost
    rich = [text for child in part.children if _has_page(child) and (text := _text(child)).strip()]
    return rich[-1] if rich else (plain[0] if plain else "")


def _has_page(part: Part) -> bool:
    if part.children:
        return any(_has_page(child) for child in _reading_children(part))
    return part.content_type == "text/html" and _is_words(part)


_STUB = re.compile(
    r"(?:html|rich text).{0,80}(?:view|display|support|client|program|reader|browser|anzeigen|darstell|version)"
    r"|(?:view|display|support|client|program|reader|browser|anzeigen|darstell|version).{0,80}html",
    re.IGNORECASE | re.DOTALL,
)


def _is_stub(text: str) -> bool:
    """A plain part that only says that the mail must be read as HTML."""
    words = text.strip()
    return len(words) < 250 and _STUB.search(words) is not None


def _html(part: Part, *, is_root: bool = False) -> str | None:
    """The mail as one HTML text, plain parts in between escaped; None if no part is HTML."""
    if part.children:
        if part.content_type == "multipart/alternative":
            return next((page for child in reversed(part.children) if (page := _html(child))), None)
        pieces = [(child, _html(child)) for child in _reading_children(part)]
        if not any(page for _, page in pieces):
            return None
        return "\n".join(page if page is not None else _escaped(child) for child, page in pieces)
    if not _is_words(part, is_root=is_root) or part.content_type not in ("text/html", "text/plain"):
        return None
    text = _leaf_text(part)
    return text[:MAX_TEXT] if part.content_type == "text/html" or _is_page(part, text) else None


def _escaped(part: Part) -> str:
    return html.escape(_text(part)).replace("\n", "<br>")


# --- files --------------------------------------------------------------------------------------------------------

_EXTENSIONS = {
    "image/jpeg": ".jpg",
    "image/jpg": ".jpg",
    "image/pjpeg": ".jpg",
    "image/png": ".png",
    "image/gif": ".gif",
    "image/webp": ".webp",
    "image/heic": ".heic",
    "image/tiff": ".tif",
    "image/bmp": ".bmp",
    "image/svg+xml": ".svg",
    "application/pdf": ".pdf",
    "application/zip": ".zip",
    "application/json": ".json",
    "application/xml": ".xml",
    "application/msword": ".doc",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "application/pgp-signature": ".asc",
    "application/pkcs7-signature": ".p7s",
    "application/pkcs7-mime": ".p7m",
    "audio/mpeg": ".mp3",
    "audio/wav": ".wav",
    "audio/ogg": ".ogg",
    "audio/mp4": ".m4a",
    "video/mp4": ".mp4",
    "video/quicktime": ".mov",
    "text/calendar": ".ics",
    "text/vcard": ".vcf",
    "text/x-vcard": ".vcf",
    "text/csv": ".csv",
    "text/html": ".html",
    "text/plain": ".txt",
    "text/xml": ".xml",
    "text/rfc822-headers": ".txt",
    "message/delivery-status": ".txt",
    "message/disposition-notification": ".txt",
    "message/feedback-report": ".txt",
    "message/rfc822": ".eml",
    "message/global": ".eml",
}
_STEMS = {"text": "document", "application": "file", "message": "message"}


def _file(part: Part, number: int, used: set[str]) -> FilePart:
    content = part.content()
    content_id = part.headers.ascii("content-id").strip("<> ") or None
    inline = bool(content_id and content_id in used) or part.disposition == "inline"
    attachment = Attachment(
        kind=_kind(part.content_type),
        name=_tidy(_file_name(part, content)),
        content_type=part.content_type,
        size=len(content),
        provider_id=f"part:{number}",
        content_id=content_id,
        details={"inline": "true"} if inline else {},
    )
    return FilePart(attachment, content)


def _kind(content_type: str) -> str:
    family = content_type.partition("/")[0]
    if family in ("image", "video", "audio"):
        return family
    return "document" if family in ("text", "message") or content_type == "application/pdf" else "file"


def _file_name(part: Part, content: bytes) -> str:
    given = (part.filename or "").strip()
    if given:
        return given
    extension = _EXTENSIONS.get(part.content_type, "")
    family = part.content_type.partition("/")[0]
    if part.content_type in ("message/rfc822", "message/global"):
        subject = _attached_subject(content)
        if subject:
            return subject + extension
    if family == "message":
        described = part.headers.text("content-description")
        if described:
            return described + extension
        return part.content_type.partition("/")[2].replace("rfc822", "message") + extension
    return _STEMS.get(family, family) + extension


def _attached_subject(content: bytes) -> str:
    return split_head(content[:65_536], outermost=True)[0].text("subject")


_DEVICE_NAMES = re.compile(r"(?i)(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?")


def _tidy(name: str) -> str:
    """A name without folders, control characters or direction tricks, at most 255 bytes, its ending kept."""
    name = clean(name).replace("\\", "/").rsplit("/", 1)[-1] if _is_path(name) else clean(name).replace("/", "_")
    name = "".join(
        char for char in name if (char.isprintable() or char == "\ufffd") and char not in "\u202e\u202d\u2066\u2067"
    )
    name = name.strip().strip(".") if not name.strip().strip(".") else name.strip()
    if not name or _DEVICE_NAMES.fullmatch(name):
        name = f"file{name and '-' + name}"
    stem, dot, ending = name.rpartition(".")
    if len(name.encode("utf-8")) <= MAX_FILE_NAME:
        return name
    ending = dot + ending if dot and len(ending) <= 10 else ""
    stem = stem if ending else name
    return stem.encode("utf-8")[: MAX_FILE_NAME - len(ending.encode())].decode("utf-8", "ignore") + ending


def _is_path(name: str) -> bool:
    return "\\" in name or name.startswith(("/", "../", "./"))

"""The files that a mail carries: their names, kinds and bytes, also those packed into ``winmail.dat``."""

from __future__ import annotations

import html
import mimetypes
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import unquote

from switchboard.channels.email.charsets import clean
from switchboard.channels.email.headers import split_head
from switchboard.channels.email.html_text import to_text
from switchboard.channels.email.kinds import calendar_summary
from switchboard.channels.email.mime import Part
from switchboard.channels.email.tnef import Tnef, open_tnef
from switchboard.domain.message import Attachment

MAX_FILE_NAME = 255
"""Bytes of a file name in UTF-8."""


@dataclass(frozen=True, slots=True)
class FilePart:
    """One attached file: its description, whose ``provider_id`` is ``part:<n>``, and its bytes."""

    attachment: Attachment
    content: bytes


def made_file(
    name: str, content: bytes, *, content_type: str | None = None, content_id: str | None = None,
    details: Mapping[str, str] | None = None,
) -> FilePart:  # fmt: skip
    """A file that was no part of its own. Its type follows from its name where nothing else tells."""
    kind = content_type or mimetypes.guess_type(name)[0] or "application/octet-stream"
    attachment = Attachment(
        kind=_kind(kind), name=_tidy(name or "file"), content_type=kind, size=len(content), content_id=content_id,
        details=details or {},
    )  # fmt: skip
    return FilePart(attachment, content)


def renumbered(file: FilePart, number: int) -> FilePart:
    return FilePart(replace(file.attachment, provider_id=f"part:{number}"), file.content)


# --- winmail.dat --------------------------------------------------------------------------------------------------

_BOXES = frozenset({"application/ms-tnef", "application/vnd.ms-tnef"})


@dataclass(frozen=True, slots=True)
class OpenedBox:
    """A ``winmail.dat``: the file itself with a note on what became of it, the files and the words inside."""

    file: FilePart
    files: tuple[FilePart, ...]
    text: str


def open_box(file: FilePart) -> OpenedBox | None:
    """The content of a ``winmail.dat``; None for any other file. A damaged one is kept with the reason."""
    attachment = file.attachment
    if attachment.content_type not in _BOXES and (attachment.name or "").lower() != "winmail.dat":
        return None
    found = open_tnef(file.content)
    noted = replace(attachment, details={**attachment.details, **_note(found)})
    if found is None:
        return OpenedBox(FilePart(noted, file.content), (), "")
    inner = tuple(
        made_file(
            f.name, f.content, content_type=f.content_type, content_id=f.content_id, details={"from": "winmail.dat"}
        )
        for f in found.files
    )
    return OpenedBox(FilePart(noted, file.content), inner, found.text or (to_text(found.html) if found.html else ""))


def _note(found: Tnef | None) -> Mapping[str, str]:
    if found is None:
        return {"unreadable": "this is no Outlook box, or it is damaged"}
    taken = {"unpacked": str(len(found.files))}
    return taken if found.complete else taken | {"unreadable": "the box is damaged; what could be read was taken out"}


# --- pictures inside the page -------------------------------------------------------------------------------------

_SRC = re.compile(r"""(\ssrc\s{0,3}=\s{0,3}["']?)([^"'\s>]{1,500})""", re.IGNORECASE)


def with_content_ids(page: str, parts: Sequence[Part]) -> tuple[str, Mapping[int, str]]:
    """The page with every picture of the mail named by ``cid:``, also those named by Content-Location (RFC 2557).

    Beside it the ids made up for parts that have none, by the part's number."""
    places = {_place(part): number for number, part in enumerate(parts, 1) if _place(part)}
    made: dict[int, str] = {}

    def renamed(match: re.Match[str]) -> str:
        source = html.unescape(match[2])
        number = places.get(source)
        if source[:4].lower() == "cid:":
            return f"{match[1]}cid:{html.escape(unquote(source[4:]))}" if "%" in source else match[0]
        if number is None:
            return match[0]
        own = parts[number - 1].headers.ascii("content-id").strip("<> ")
        made[number] = own or f"place-{number}"
        return f"{match[1]}cid:{html.escape(made[number])}"

    return (_SRC.sub(renamed, page) if places or "cid:" in page.lower() else page), made


def _place(part: Part) -> str:
    return part.headers.text("content-location").strip()[:500]


# --- parts --------------------------------------------------------------------------------------------------------

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


def file_of(part: Part, number: int, used: set[str], placed: str | None) -> FilePart:
    content = part.content()
    content_id = part.headers.ascii("content-id").strip("<> ") or placed
    inline = bool(content_id and content_id in used) or part.disposition == "inline"
    attachment = Attachment(
        kind=_kind(part.content_type),
        name=_tidy(_file_name(part, content)),
        content_type=part.content_type,
        size=len(content),
        provider_id=f"part:{number}",
        content_id=content_id,
        details=_details(part, inline=inline),
    )
    return FilePart(attachment, content)


def _details(part: Part, *, inline: bool) -> Mapping[str, str]:
    details = {"inline": "true"} if inline else {}
    if part.content_type == "text/calendar" and (summary := calendar_summary(part)):
        details["summary"] = summary[:2_000]
    return details


def _kind(content_type: str) -> str:
    family = content_type.partition("/")[0]
    if family in ("image", "video", "audio"):
        return family
    return "document" if family in ("text", "message") or content_type == "application/pdf" else "file"


def _file_name(part: Part, content: bytes) -> str:
    given = (part.filename or "").strip()
    if given:
        return given[1:-1] if len(given) > 2 and given[0] == given[-1] == "'" else given
    extension = _EXTENSIONS.get(part.content_type, "") or _office_ending(part.content_type)
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


def _office_ending(content_type: str) -> str:
    """Of the many types that makers of programs registered for their files."""
    return mimetypes.guess_extension(content_type) or "" if content_type.startswith("application/vnd.") else ""


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

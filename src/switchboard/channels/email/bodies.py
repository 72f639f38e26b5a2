"""Finds what a mail says and what it carries: the readable text, the HTML and the attached files."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass

from switchboard.channels.email.charsets import codec_of, decode
from switchboard.channels.email.embedded import take_out
from switchboard.channels.email.files import FilePart, file_of, made_file, open_box, renumbered, with_content_ids
from switchboard.channels.email.html_text import to_text
from switchboard.channels.email.kinds import SMIME, calendar_summary, enriched_text, without_pgp_armour
from switchboard.channels.email.mime import Part, parse_tree
from switchboard.channels.email.smime import signed_letter
from switchboard.errors import TooLarge

MAX_TEXT = 1_000_000
"""Characters of body text kept for reading (the raw mail is kept whole)."""


@dataclass(frozen=True, slots=True)
class Body:
    """The readable text, the unsafe HTML (None if the mail has none) and the files. ``said``: what the person said,
    where that is not simply the text."""

    text: str
    html: str | None
    files: tuple[FilePart, ...]
    said: str | None = None


def body_of(root: Part, *, unwrapped: bool = False) -> Body:
    """``unwrapped``: the mail stood inside a signed file; a further one inside it stays closed."""
    leaves = list(_file_parts(root, is_root=True))
    page = _html(root, is_root=True)
    page, placed = with_content_ids(page, leaves) if page else (None, {})
    used = set(_CID.findall(page)) if page else set()
    files = [file_of(part, number, used, placed.get(number)) for number, part in enumerate(leaves, 1)]
    boxes = [open_box(file) for file in files]
    text = _text(root, is_root=True)
    if not text.strip():
        text = next((box.text for box in boxes if box is not None and box.text.strip()), "") or _other_words(leaves)
    letter = None if unwrapped or text.strip() else _signed_inside(leaves)
    text, page = (letter.text, page or letter.html) if letter is not None else (text, page)
    inner = [file for box in boxes if box is not None for file in box.files] + list(_embedded(root, is_root=True))
    inner += letter.files if letter is not None else ()
    files = [box.file if box is not None else file for file, box in zip(files, boxes, strict=True)]
    numbered = [renumbered(file, number) for number, file in enumerate(inner, len(files) + 1)]
    return Body(text[:MAX_TEXT], page, (*files, *numbered), _said(root, text[:MAX_TEXT]))


def _signed_inside(leaves: list[Part]) -> Body | None:
    """The letter inside a file that S/MIME signed in one piece."""
    for part in leaves[:5]:
        if part.content_type in SMIME and (letter := signed_letter(part.content())) is not None:
            try:
                return body_of(parse_tree(letter), unwrapped=True)
            except TooLarge:
                return None
    return None


def _said(root: Part, text: str) -> str | None:
    """What the person said, where that is not simply the text: without files and signatures written into it, and the
    words of a mail whose announced parts are missing."""
    if not text.strip() and root.content_type.startswith("multipart/") and not root.children:
        stray = _leaf_text(root).strip()
        return stray if stray and _PREAMBLE.search(stray[:300]) is None else None
    said = take_out(text.encode("utf-8", "replace"))[0].decode("utf-8", "replace") if "begin" in text else text
    said = without_pgp_armour(said)
    return said if said != text else None


_CID = re.compile(r"cid:([^\"'\s>)]{1,300})", re.IGNORECASE)


def _other_words(leaves: list[Part]) -> str:
    """The words of a mail that has no text of its own: of its calendar entry."""
    return next(
        (words for part in leaves if part.content_type == "text/calendar" and (words := calendar_summary(part))), ""
    )


# --- which parts are words, which are files -----------------------------------------------------------------------


_WORDS = frozenset(
    {"text/plain", "text/html", "text/enriched", "text/richtext", "text", "text/markdown", "text/x-markdown"}
)
_OTHER_RENDITIONS = frozenset({"text/x-amp-html", "text/watch-html"})
"""The same words once more for special readers: neither text nor file."""


def _is_words(part: Part, *, is_root: bool = False) -> bool:
    if part.content_type not in _WORDS:
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
    elif _is_file(part, is_root=is_root):
        yield part


def _is_file(part: Part, *, is_root: bool) -> bool:
    if part.content_type.startswith("multipart/") or part.content_type in _OTHER_RENDITIONS:
        return False
    return not _is_words(part, is_root=is_root)


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
    return enriched_text(text) if part.content_type in ("text/enriched", "text/richtext") else text


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
    if is_root and part.content_type in ("message/rfc822", "message/global", "message/partial"):
        return _text_of_attached(part)
    if not _is_words(part, is_root=is_root):
        return ""
    text = _leaf_text(part)
    return to_text(text) if part.content_type == "text/html" or _is_page(part, text) else text


_PREAMBLE = re.compile(r"(?i)multi-?part message|MIME[- ]format|MIME[- ]aware|MIME-encoded|mime-konform")


def _text_of_attached(part: Part) -> str:
    """The words of a mail that is nothing but another mail, or a piece of one."""
    try:
        inner = parse_tree(part.content())
    except TooLarge:
        return ""
    return _text(inner)


def _embedded(part: Part, *, is_root: bool = False) -> Iterator[FilePart]:
    """Files that were written into the text (uuencode, yEnc)."""
    if part.children:
        for child in _reading_children(part):
            yield from _embedded(child)
    elif _is_words(part, is_root=is_root):
        for found in take_out(part.content())[1]:
            name = decode(found.name, part.charset)
            yield made_file(name, found.content, details={"embedded": "true"})


def _is_page(part: Part, text: str) -> bool:
    """HTML that is labelled as plain text."""
    start = text[:200].lstrip().lower()
    return part.content_type in ("text/plain", "text") and start.startswith(("<!doctype html", "<html"))


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

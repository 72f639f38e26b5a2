"""Read help documents (Markdown, text, HTML, PDF) as plain text with headings, and notice planted instructions."""

from __future__ import annotations

import io
import logging
import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from pathlib import PurePath

from charset_normalizer import from_bytes

from switchboard.errors import InvalidInput, TooLarge
from switchboard.replies.plain import visible
from switchboard.replies.suspicion import suspicions

MOST_BYTES = 10_000_000
MOST_PAGES = 500
MOST_CHARACTERS = 2_000_000
MOST_TITLE = 200

_KINDS = {
    ".md": "text",
    ".markdown": "text",
    ".txt": "text",
    ".text": "text",
    ".html": "html",
    ".htm": "html",
    ".pdf": "pdf",
}
_UNSEEN_TAGS = frozenset(
    {"script", "style", "template", "noscript", "head", "svg", "iframe", "object", "select", "textarea"}
)
_BLOCK_TAGS = frozenset(
    {"p", "div", "section", "article", "br", "tr", "ul", "ol", "table", "blockquote", "pre", "dt", "dd", "main", "hr"}
)
_VOID_TAGS = frozenset(
    {"br", "hr", "img", "input", "meta", "link", "wbr", "source", "col", "area", "base", "embed", "track"}
)
_HIDING_STYLE = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|opacity\s*:\s*0(?:\.0+)?\s*(?:;|$)|"
    r"font-size\s*:\s*[01](?:\.\d+)?(?:px|pt|em|%)?\s*(?:;|$)|"
    r"(?:left|top|text-indent)\s*:\s*-\d{3,}"
)
_FRONT_MATTER = re.compile(r"\A---[ \t]*\r?\n((?:[^\n]{0,1000}\n){0,40}?)---[ \t]*(?:\r?\n|\Z)")
_COMMENT = re.compile(r"<!--(.{1,20000}?)-->", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadDocument:
    """``text`` has headings as ``# Heading`` lines. ``details``: what a Markdown file says of itself between two ``---``
    lines at its top (``category``, ``tags``, ``language``, ``url``; names in lower case). ``suspicious`` says, in words
    for people, what speaks to a machine or hides from readers; such a document should not be used for automatic replies
    until somebody looked at it."""

    title: str
    text: str
    suspicious: tuple[str, ...] = ()
    details: Mapping[str, str] = field(default_factory=dict)


def read_document(name: str, data: bytes) -> ReadDocument:
    """Read a document by its file name's ending. A plain function of plain values, so it can run in a process of its own
    that is stopped when it takes too long. Raises ``TooLarge`` and ``InvalidInput``, naming field, limit and fix."""
    kind = _kind(name, data)
    if kind == "html":
        title, text, hidden = _read_html(_decode(data))
    elif kind == "pdf":
        title, text, hidden = _read_pdf(data)
    else:
        return _read_text(name, _decode(data))
    return _document(name, title, text, hidden)


def _read_text(name: str, raw: str) -> ReadDocument:
    front = _FRONT_MATTER.match(raw)
    body = raw[front.end() :] if front else raw
    lines = [line.partition(":") for line in front.group(1).splitlines()] if front else []
    details = {key.strip().lower(): value.strip().strip("\"'") for key, colon, value in lines if colon}
    hidden = " ".join((*_COMMENT.findall(body), front.group(1) if front and suspicions(front.group(1)) else ""))
    read = _document(name, details.get("title", ""), _COMMENT.sub(" ", body), hidden)
    return replace(read, details=details)


def _kind(name: str, data: bytes) -> str:
    if len(data) > MOST_BYTES:
        raise TooLarge(
            f"The document has {len(data):,} bytes",
            field="document",
            limit=f"{MOST_BYTES:,} bytes",
            fix="Split the document",
        )
    kind = "pdf" if data.startswith(b"%PDF-") else _KINDS.get(PurePath(name).suffix.lower())
    if kind is None:
        raise InvalidInput(
            "The document has a kind that cannot be read",
            field="document",
            limit=", ".join(sorted(_KINDS)),
            fix="Save it as Markdown, text, HTML or PDF",
        )
    return kind


def _document(name: str, title: str, text: str, hidden: str) -> ReadDocument:
    if len(text) > MOST_CHARACTERS:
        raise TooLarge(
            "The document has too much text",
            field="document",
            limit=f"{MOST_CHARACTERS:,} characters",
            fix="Split the document",
        )
    signs = list(suspicions(text))
    signs += [f"hidden text: {sign}" for sign in suspicions(hidden)]
    if len(hidden.split()) >= 5 and not signs:
        signs.append("holds text that readers do not see")
    plain = _tidy(visible(text))
    if not plain:
        raise InvalidInput(
            "The document holds no text", field="document", fix="Use a document with text, not only pictures"
        )
    return ReadDocument(title=_title(name, title, plain), text=plain, suspicious=tuple(dict.fromkeys(signs)))


def _title(name: str, title: str, text: str) -> str:
    heading = re.search(r"^#{1,2} (.+)$", text, re.MULTILINE)
    said = title.strip() or (heading.group(1).strip() if heading else "") or PurePath(name).stem.replace("_", " ")
    return " ".join(visible(said).split())[:MOST_TITLE] or "Untitled"


def _tidy(text: str) -> str:
    lines = [line.rstrip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _decode(data: bytes) -> str:
    """UTF-8 first, then the likeliest other encoding; what cannot be read becomes U+FFFD."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        best = from_bytes(data[:200_000]).best()
        return data.decode(best.encoding if best else "cp1252", errors="replace")


def _read_html(markup: str) -> tuple[str, str, str]:
    reader = _PageReader()
    reader.feed(markup)
    reader.close()
    return reader.title, "".join(reader.shown), " ".join((*reader.hidden, *_COMMENT.findall(markup)))


class _PageReader(HTMLParser):
    """Collects what a reader of the page sees, and apart from it what is hidden from them. Keeps no tree, so nesting costs
    nothing."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.title = ""
        self.shown: list[str] = []
        self.hidden: list[str] = []
        self._in_title = False
        self._skipped: list[str] = []
        self._hiding: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in_title = self._in_title or tag == "title"
        if tag in _VOID_TAGS:
            self._block(tag)
        elif tag in _UNSEEN_TAGS or self._skipped:
            self._skipped.append(tag)
        elif self._hiding or _is_hidden(dict(attrs)):
            self._hiding.append(tag)
        else:
            self._open(tag)

    def handle_endtag(self, tag: str) -> None:
        self._in_title = self._in_title and tag != "title"
        for stack in (self._skipped, self._hiding):
            if tag in stack[-50:]:
                while stack.pop() != tag:
                    pass
                return
        if tag in _BLOCK_TAGS or re.fullmatch(r"h[1-6]|li", tag):
            self.shown.append("\n\n" if tag != "li" else "\n")

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self.title += data
        elif self._hiding:
            self.hidden.append(data)
        elif not self._skipped:
            self.shown.append(re.sub(r"\s+", " ", data))

    def _open(self, tag: str) -> None:
        heading = re.fullmatch(r"h([1-6])", tag)
        if heading:
            self.shown.append(f"\n\n{'#' * int(heading.group(1))} ")
        elif tag == "li":
            self.shown.append("\n- ")
        else:
            self._block(tag)

    def _block(self, tag: str) -> None:
        if tag in _BLOCK_TAGS and not self._skipped and not self._hiding:
            self.shown.append("\n")


def _is_hidden(attributes: dict[str, str | None]) -> bool:
    style = (attributes.get("style") or "")[:2000].lower()
    return "hidden" in attributes or attributes.get("aria-hidden") == "true" or bool(_HIDING_STYLE.search(style))


def _read_pdf(data: bytes) -> tuple[str, str, str]:
    from pypdf.errors import PyPdfError  # here: loading it is a second of every start, and most never read one

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _pdf_text(data)
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError, OSError) as error:
        if isinstance(error, PyPdfError) and "password" in str(error).lower():
            raise InvalidInput("The PDF is locked", field="document", fix="Save it without a password") from None
        raise InvalidInput(
            "The PDF cannot be read", field="document", fix="Export it again as PDF, or save it as text"
        ) from None


def _pdf_text(data: bytes) -> tuple[str, str, str]:
    from pypdf import PdfReader

    reader = PdfReader(io.BytesIO(data))
    if len(reader.pages) > MOST_PAGES:
        raise TooLarge(
            f"The PDF has {len(reader.pages)} pages",
            field="document",
            limit=f"{MOST_PAGES} pages",
            fix="Split the document",
        )
    pages: list[str] = []
    for page in reader.pages:
        pages.append(page.extract_text())
        if sum(map(len, pages)) > MOST_CHARACTERS:
            break
    title = reader.metadata.title if reader.metadata is not None else None
    return title or "", "\n\n".join(_headed(page) for page in pages), ""


def _headed(page: str) -> str:
    """A PDF knows no headings: short lines that stand alone without a full stop become such."""
    lines = page.split("\n")
    return "\n".join(
        f"\n## {line.strip()}" if _is_heading(line, after) else line
        for line, after in zip(lines, [*lines[1:], ""], strict=True)
    )


def _is_heading(line: str, after: str) -> bool:
    plain = line.strip()
    short = 3 <= len(plain) <= 60 and len(plain.split()) <= 8
    return short and plain[0].isupper() and plain[-1] not in ".,;:-" and len(after.strip()) > len(plain)

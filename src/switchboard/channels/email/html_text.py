"""Makes a mail's HTML safe to show, and readable as plain text."""

from __future__ import annotations

import html
import re

import nh3

MAX_HTML = 1_000_000
"""Characters of HTML that are read; a longer one is cut, its plain part and the raw mail are kept."""
MAX_OPEN_TAGS = 4_000
"""Nested or unclosed elements beyond this are a parser bomb: the tags are dropped, the words are kept."""
MAX_TAGS = 100_000

_TAGS = {
    "a", "abbr", "b", "bdi", "bdo", "blockquote", "br", "caption", "center", "cite", "code", "col", "colgroup", "dd",
    "del", "div", "dl", "dt", "em", "font", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img", "ins", "kbd", "li",
    "mark", "ol", "p", "pre", "q", "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "table", "tbody",
    "td", "tfoot", "th", "thead", "tr", "tt", "u", "ul",
}  # fmt: skip
_DROPPED_WITH_CONTENT = {"script", "style", "title", "head", "template", "noscript", "svg", "math", "object", "iframe"}
_ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"src", "alt", "width", "height"},
    "td": {"colspan", "rowspan", "align"},
    "th": {"colspan", "rowspan", "align"},
    "font": {"color", "size"},
    "ol": {"start"},
}
_SHOWN = nh3.Cleaner(
    tags=_TAGS,
    clean_content_tags=_DROPPED_WITH_CONTENT,
    attributes=_ATTRIBUTES,
    url_schemes={"http", "https", "mailto", "tel", "cid"},
    link_rel="noopener noreferrer nofollow",
)
_READ = nh3.Cleaner(
    tags=_TAGS - {"font", "span", "b", "i", "u", "em", "strong", "center", "small"},
    clean_content_tags=_DROPPED_WITH_CONTENT,
    attributes={"img": {"alt"}},
    link_rel=None,
)


_REMOTE_PICTURE = re.compile(r'(<img(?:\s(?!src)[a-z-]+="[^"]*")*)\ssrc="((?!cid:)[^"]*)"')


def sanitised(source: str) -> str:
    """HTML that is safe inside our pages: no script, style, form or frame.

    Pictures from elsewhere do not load by themselves, because that tells the sender who reads the mail: their address
    stands in ``data-remote-src`` until a person asks for them. ``cid:`` addresses name the mail's own pictures.
    """
    return _REMOTE_PICTURE.sub(r'\1 data-remote-src="\2"', _SHOWN.clean(_bounded(source)))


def _bounded(source: str) -> str:
    source = source[:MAX_HTML]
    tags = source.count("<")
    if tags > MAX_TAGS or (tags > MAX_OPEN_TAGS and _open_tags(source) > MAX_OPEN_TAGS):
        return html.escape(re.sub(r"<[^<>]{0,2000}>", " ", source), quote=False)
    return source


_OPENING = re.compile(r"<([a-zA-Z][a-zA-Z0-9]{0,15})")
_VOID = frozenset(
    {"br", "img", "hr", "meta", "link", "input", "col", "p", "li", "td", "tr", "th", "tbody", "area", "base"}
)


def _open_tags(source: str) -> int:
    """About how many elements stay open at once: opened minus closed, void and self-closing ones left out."""
    opened = sum(1 for match in _OPENING.finditer(source) if match[1].lower() not in _VOID)
    return opened - source.count("</") if opened - source.count("</") > 0 else _deepest(source)


def _deepest(source: str) -> int:
    if source.count("</") < MAX_OPEN_TAGS:
        return 0
    depth = deepest = 0
    for match in re.finditer(r"<(/?)([a-zA-Z][a-zA-Z0-9]{0,15})", source):
        if match[2].lower() in _VOID:
            continue
        depth = max(0, depth - 1) if match[1] else depth + 1
        deepest = max(deepest, depth)
    return deepest


_TOKEN = re.compile(r"<(/?)([a-z0-9]+)((?:\s[a-z-]+=\"[^\"]*\")*)\s*/?>")
_ALT = re.compile(r'alt="([^"]*)"')
_PARAGRAPHS = frozenset({"p", "ul", "ol", "dl", "table", "h1", "h2", "h3", "h4", "h5", "h6", "pre"})
_LINES = frozenset({"div", "li", "tr", "dd", "dt", "caption"})


def to_text(source: str) -> str:
    """The words of the HTML, with line breaks where a reader sees them; quoted blocks get ``> `` before each line."""
    clean = _READ.clean(_bounded(source))
    writer = _Writer()
    position = 0
    for token in _TOKEN.finditer(clean):
        writer.words(clean[position : token.start()])
        writer.tag(token[2], closing=bool(token[1]), attributes=token[3])
        position = token.end()
    writer.words(clean[position:])
    return writer.finished()


class _Writer:
    """Collects lines of text; knows how deep in quoted blocks and in preformatted text it stands."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._line: list[str] = []
        self._quoted = 0
        self._pre = 0

    def words(self, raw: str) -> None:
        if not raw:
            return
        text = html.unescape(raw)
        if self._pre:
            first, *rest = text.split("\n")
            self._line.append(first)
            for line in rest:
                self._break()
                self._line.append(line)
            return
        collapsed = re.sub(r"[ \t\r\n\f]+", " ", text)
        if collapsed != " " or self._line:
            self._line.append(collapsed)

    def tag(self, name: str, *, closing: bool, attributes: str) -> None:
        if name == "br":
            self._break()
        elif name == "hr":
            self._flush()
            self._lines.append(self._prefix() + "---")
        elif name == "img":
            self._picture(attributes)
        elif name == "blockquote":
            self._flush()
            self._quoted = max(0, self._quoted + (-1 if closing else 1))
        elif name in _PARAGRAPHS:
            self._flush()
            self._blank()
            self._pre = max(0, self._pre + (-1 if closing else 1)) if name == "pre" else self._pre
        elif name in _LINES:
            self._flush()
            if name == "li" and not closing:
                self._line.append("- ")
        elif name in ("td", "th") and closing:
            self._line.append(" ")

    def _picture(self, attributes: str) -> None:
        alt = _ALT.search(attributes)
        if alt is not None and alt[1].strip():
            self._line.append(f"[{html.unescape(alt[1]).strip()}]")

    def _prefix(self) -> str:
        return "> " * min(self._quoted, 10)

    def _break(self) -> None:
        text = "".join(self._line)
        text = text if self._pre else text.replace("\xa0", " ").strip()
        self._lines.append((self._prefix() + text).rstrip())
        self._line = []

    def _flush(self) -> None:
        if "".join(self._line).strip():
            self._break()
        self._line = []

    def _blank(self) -> None:
        if self._lines and self._lines[-1].strip("> "):
            self._lines.append(self._prefix().rstrip())

    def finished(self) -> str:
        self._flush()
        return "\n".join(self._lines).strip("\n")

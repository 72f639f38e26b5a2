"""Where the links lead that stand behind words in an HTML mail: the text alone would lose them."""

from __future__ import annotations

import html
import re

from switchboard.channels.email.html_text import to_text

MOST_ANCHORS, MOST_LINKS = 200, 5
_LONGEST_WORDS = 1_000

_ANCHOR = re.compile(r"<a\s([^<>]{1,3000})>", re.IGNORECASE)
_HREF = re.compile(
    r"(?:^|\s)href\s{0,3}=\s{0,3}(?:\"(https?://[^\"\s]{1,1500})|'(https?://[^'\s]{1,1500}))", re.IGNORECASE
)


def hidden_links(page: str | None, words: str) -> tuple[str, ...]:
    """Addresses behind what the person wrote (``words``), without those that stand in the text as they are."""
    found: dict[str, None] = {}
    flat = " ".join(words.split())
    for count, anchor in enumerate(_ANCHOR.finditer(page or "")):
        if count >= MOST_ANCHORS or len(found) >= MOST_LINKS:
            break
        href = _HREF.search(anchor[1])
        inner = (page or "")[anchor.end() : anchor.end() + _LONGEST_WORDS]
        shown = " ".join(to_text(re.split("</a", inner, maxsplit=1, flags=re.IGNORECASE)[0]).split())
        if href is None or not shown or shown not in flat:
            continue
        address = html.unescape(href[1] or href[2])
        if address.rstrip("/") not in words:
            found.setdefault(address)
    return tuple(found)

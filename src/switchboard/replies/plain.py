"""Text without tricks: what a reader sees, with nothing hidden and no look-alike letters."""

from __future__ import annotations

import html
import re
import unicodedata

_INVISIBLE_CATEGORIES = frozenset({"Cf", "Cc", "Co", "Cs", "Cn"})
_ALLOWED_CONTROLS = frozenset("\n\t")
_JOINERS = frozenset({"\u200d", "\ufe0f"})
_FILLERS = frozenset({"\u115f", "\u1160", "\u3164", "\uffa0", "\u2800", "\u034f", "\u17b4", "\u17b5"})

_LOOKALIKES = str.maketrans(
    {
        **dict(zip("авекмнорстухіїјѕԁԛԝӏьһ", "abekmhopctyxiijsdqwibh", strict=True)),
        **dict(zip("αβγεηικνορτυχω", "abyenikvoptuxw", strict=True)),
        **dict(zip("АВЕКМНОРСТУХІЇЈЅ", "ABEKMHOPCTYXIIJS", strict=True)),
        **dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABEZHIKMNOPTYX", strict=True)),
        "ı": "i",
        "ł": "l",
        "ø": "o",
        "ɡ": "g",
        "ɑ": "a",
        "‐": "-",
        "‑": "-",
        "‒": "-",
        "–": "-",
        "—": "-",
        "−": "-",
        "․": ".",
        "。": ".",
        "·": ".",
        "’": "'",
        "‘": "'",
        "＠": "@",
    }
)


def is_invisible(character: str) -> bool:
    """Whether a character can hide something: controls, direction changes, tags, zero widths, private letters."""
    if character in _ALLOWED_CONTROLS:
        return False
    return unicodedata.category(character) in _INVISIBLE_CATEGORIES or character in _FILLERS


def visible(text: str) -> str:
    """The text without invisible and direction-changing characters; joiners inside emoji stay."""
    kept = [
        character
        for before, character in zip(" " + text, text, strict=False)
        if not is_invisible(character) or (character in _JOINERS and _is_symbol(before))
    ]
    return "".join(kept)


def hidden_characters(text: str) -> int:
    """How many characters ``visible`` would drop."""
    return len(text) - len(visible(text))


def folded(text: str) -> str:
    """For comparing only: one case, one width, one alphabet, no accents, nothing hidden, single spaces."""
    wide = unicodedata.normalize("NFKC", visible(html.unescape(text)))
    latin = wide.translate(_LOOKALIKES).casefold().translate(_LOOKALIKES)
    bare = "".join(letter for letter in unicodedata.normalize("NFD", latin) if not unicodedata.combining(letter))
    return re.sub(r"\s+", " ", bare).strip()


def _is_symbol(character: str) -> bool:
    return unicodedata.category(character) in {"So", "Sk", "Mn"} or character in _JOINERS

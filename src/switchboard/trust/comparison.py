"""Does a text give away an address or number, even in disguise? Both are brought into plain forms before comparing."""

from __future__ import annotations

import base64
import codecs
import contextlib
import html
import re
import unicodedata
from urllib.parse import unquote

LONGEST = 100_000
_CODED = re.compile(r"[A-Za-z0-9+/_=-]{8,4096}")
_SPELLED_AT = re.compile(r"[\s(\[{<]{1,4}(?:at|ät|arroba|chez|chiocciola)[\s)\]}>]{1,4}")
_SPELLED_DOT = re.compile(r"[\s(\[{<]{1,4}(?:dot|punkt|punto|point|ponto)[\s)\]}>]{1,4}")
_LOOKALIKES = str.maketrans(
    dict(zip("аеорсухіјѕԁɡһкмтвнӏг", "aeopcyxijsdghkmtbhlr", strict=True))  # Cyrillic (and IPA)
    | dict(zip("αοερνικτυχ", "aoepviktux", strict=True))  # Greek
    | {"ı": "i", "ɑ": "a", "ց": "g", "ո": "n", "օ": "o"}
)
_NUMBER_WORDS = {
    "zero": "0",
    "oh": "0",
    "one": "1",
    "two": "2",
    "three": "3",
    "four": "4",
    "five": "5",
    "six": "6",
    "seven": "7",
    "eight": "8",
    "nine": "9",
    "null": "0",
    "eins": "1",
    "zwei": "2",
    "drei": "3",
    "vier": "4",
    "fünf": "5",
    "sechs": "6",
    "sieben": "7",
    "acht": "8",
    "neun": "9",
}
_WORD = re.compile(r"\w+")
SHORTEST_DIGITS = 7
SHORTEST_WORDS = 6


def comparison_form(text: str) -> str:
    """Letters and digits only, in one case and width, with look-alike letters replaced and accents gone: what is left when
    spacing, punctuation, invisible characters and typographic tricks are taken away. Equal forms read the same."""
    wide = unicodedata.normalize("NFKD", text[:LONGEST]).casefold().translate(_LOOKALIKES)
    return "".join(c for c in unicodedata.normalize("NFKD", wide) if c.isalnum()).translate(_LOOKALIKES)


def readings(text: str) -> tuple[str, ...]:
    """The text itself and what it says once HTML and URL escapes, spelled-out signs, base64, hex, rot13 and reversal are
    undone. Bounded: one layer of each, texts beyond 100 000 characters are cut."""
    text = text[:LONGEST]
    plain = unquote(html.unescape(text))
    spelled = _SPELLED_DOT.sub(".", _SPELLED_AT.sub("@", plain.casefold()))
    numbers = _WORD.sub(lambda word: _NUMBER_WORDS.get(word.group().casefold(), word.group()), plain)
    decoded = " ".join(_decoded(plain))
    forms = (text, plain, spelled, numbers, decoded, codecs.encode(plain, "rot13"), plain[::-1])
    return tuple(dict.fromkeys(form for form in forms if form))


def mentions(text: str, identifier: str) -> bool:
    """Whether ``text`` contains the e-mail address, phone number, name or other identifier in any reading. Identifiers
    too short to be telling (under 6 letters or 7 digits) never match."""
    wanted = comparison_form(identifier)
    if not wanted or len(wanted) < (SHORTEST_DIGITS if wanted.isdecimal() else SHORTEST_WORDS):
        return False
    tails = {wanted}
    if wanted.isdecimal() and len(wanted) >= 10:
        tails.add(wanted[-9:])  # the number without country code and trunk zero
    return any(tail in form for form in map(comparison_form, readings(text)) for tail in tails)


def _decoded(text: str) -> list[str]:
    """Runs that are base64 or hex of readable text."""
    found = []
    for match in _CODED.finditer(text):
        for raw in _raw_forms(match.group()):
            words = raw.decode("utf-8", errors="ignore")
            if len(words) >= SHORTEST_WORDS and words.isprintable():
                found.append(words)
    return found


def _raw_forms(run: str) -> list[bytes]:
    forms = []
    bare = run.rstrip("=")
    standard = bare.replace("-", "+").replace("_", "/")
    with contextlib.suppress(ValueError):
        forms.append(base64.b64decode(standard + "=" * (-len(standard) % 4), validate=True))
    with contextlib.suppress(ValueError):
        forms.append(bytes.fromhex(bare))
    return forms

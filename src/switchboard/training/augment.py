"""Writes a message as another customer might: other punctuation, slips of the finger, short forms."""

from __future__ import annotations

import random
import re

SHARE = 0.5
"""Share of messages that stay as they are."""
_WORD = re.compile(r"[a-z]{5,20}", re.IGNORECASE)
_ENDS = re.compile(r"[.!]+(?=\s|$)")
SHORT = (
    ("please", "pls"),
    ("please", "plz"),
    ("you", "u"),
    ("your", "ur"),
    ("are", "r"),
    ("thanks", "thx"),
    ("because", "cuz"),
    ("and", "&"),
    ("cannot", "cant"),
    ("going to", "gonna"),
    ("something", "smth"),
    ("with", "w/"),
)


def vary(text: str, draw: random.Random) -> str:
    """The text itself in half of all cases, else with one to three small changes that leave its meaning alone."""
    if draw.random() < SHARE:
        return text
    for change in draw.sample(CHANGES, draw.choice((1, 1, 2, 3))):
        text = change(text, draw)
    return text


def _slip(text: str, draw: random.Random) -> str:
    """One word loses, doubles or swaps a letter."""
    words = list(_WORD.finditer(text))
    if not words:
        return text
    found = draw.choice(words)
    word, place = found.group(), draw.randrange(1, len(found.group()) - 1)
    slips = (
        word[:place] + word[place + 1 :],
        word[:place] + word[place] + word[place:],
        word[:place] + word[place + 1] + word[place] + word[place + 2 :],
    )
    return text[: found.start()] + draw.choice(slips) + text[found.end() :]


def _unpunctuated(text: str, draw: random.Random) -> str:
    return _ENDS.sub("", text).replace(",", "")


def _unquoted(text: str, draw: random.Random) -> str:
    return text.replace("'", "").replace("’", "")


def _shortened(text: str, draw: random.Random) -> str:
    for long, short in draw.sample(SHORT, 4):
        text = re.sub(rf"\b{long}\b", short, text, flags=re.IGNORECASE)
    return text


def _lower(text: str, draw: random.Random) -> str:
    return text.lower()


def _unasked(text: str, draw: random.Random) -> str:
    """A question without its mark, as spoken words come in."""
    return text.rstrip("? ") if text.count("?") == 1 else text


CHANGES = (_slip, _slip, _unpunctuated, _unquoted, _shortened, _lower, _unasked)

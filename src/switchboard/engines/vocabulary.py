"""Which words the model knows as a whole: the share of the others tells when customers begin to speak of new things."""

from __future__ import annotations

import re
from functools import cached_property
from pathlib import Path

import orjson

LONGEST = 4000
"""Characters of a text that are looked at."""
_WORD = re.compile(r"[^\W\d_]+")


class Vocabulary:
    """The whole words of a model folder's tokenizer; read from disk at the first question."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def unknown_share(self, text: str) -> float:
        """Of the words of a text (letters only), the share that the model reads in pieces; 0 for a text without words."""
        found = _WORD.findall(text[:LONGEST].lower())
        return round(sum(word not in self._words for word in found) / len(found), 4) if found else 0.0

    @cached_property
    def _words(self) -> frozenset[str]:
        document = orjson.loads((self._folder / "tokenizer.json").read_bytes())
        return frozenset(word for word in document["model"]["vocab"] if not word.startswith("##"))

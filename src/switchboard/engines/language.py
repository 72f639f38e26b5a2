"""Tells the language of a message: rules for short texts, letter statistics for the rest, loaded when first needed."""

from __future__ import annotations

import threading
from functools import cached_property
from typing import TYPE_CHECKING

from switchboard.domain.reading import Language
from switchboard.understanding.language import LANGUAGES, UNKNOWN, language_by_rules, settled
from switchboard.understanding.text import plain, tidy, words

if TYPE_CHECKING:
    from lingua import LanguageDetector

ENOUGH = 400
"""Characters looked at: more does not change the answer."""
SURE = 0.55
"""Below this share of the evidence the answer is "und"."""

BRIEF = 8
WORDS_DECIDE = 0.5
MIDDLING = 40
CLEAR = 0.65
"""In texts of up to forty words, common words that speak clearly for one language outweigh the letters."""
SURE_OF_FEW = 0.75
UNCONFIRMED = 0.75
"""Most confidence in a text of up to eight words whose common words do not confirm the letters."""


class LanguageTeller:
    """Detects one of ten languages; other scripts by their letters; never raises."""

    def __init__(self) -> None:
        self._loading = threading.Lock()

    def tell(self, text: str) -> Language:
        """The language of a text as received."""
        if (known := settled(text)) is not None:
            return known
        with self._loading:
            detector = self._detector
        found = detector.compute_language_confidence_values(tidy(text)[:ENOUGH])
        return _agreed(text, found[0].language.iso_code_639_1.name.lower(), found[0].value) if found else UNKNOWN

    @cached_property
    def _detector(self) -> LanguageDetector:
        from lingua import IsoCode639_1, LanguageDetectorBuilder

        codes = [getattr(IsoCode639_1, code.upper()) for code in LANGUAGES]
        builder = LanguageDetectorBuilder.from_iso_codes_639_1(*codes)
        return builder.with_low_accuracy_mode().build()


def _agreed(text: str, code: str, share: float) -> Language:
    """Letters and common words together: in a brief text the words decide, in a longer one the letters, unless the words are
    clear."""
    by_words = language_by_rules(text)
    if by_words.code == code:
        return Language(code=code, confidence=round(min(1.0, max(share, by_words.confidence)), 3))
    size = len(words(plain(text)))
    if (size <= BRIEF and by_words.confidence >= WORDS_DECIDE) or (size <= MIDDLING and by_words.confidence >= CLEAR):
        return by_words
    if share < (SURE if size > 3 else SURE_OF_FEW):
        return by_words
    return Language(code=code, confidence=round(min(1.0 if size > BRIEF else UNCONFIRMED, share), 3))

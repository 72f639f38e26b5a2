"""Tells the language of a message: rules for short texts, letter statistics for the rest, loaded when first needed."""

from __future__ import annotations

import threading
from functools import cached_property
from typing import TYPE_CHECKING

from switchboard.domain.reading import Language
from switchboard.understanding.language import LANGUAGES, language_by_rules, settled
from switchboard.understanding.text import tidy

if TYPE_CHECKING:
    from lingua import LanguageDetector

ENOUGH = 400
"""Characters looked at: more does not change the answer."""
SURE = 0.55
"""Below this share of the evidence the answer is "und"."""


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
        best = found[0] if found else None
        if best is None or best.value < SURE:
            return language_by_rules(text)
        return Language(code=best.language.iso_code_639_1.name.lower(), confidence=round(min(1.0, best.value), 3))

    @cached_property
    def _detector(self) -> LanguageDetector:
        from lingua import IsoCode639_1, LanguageDetectorBuilder

        codes = [getattr(IsoCode639_1, code.upper()) for code in LANGUAGES]
        builder = LanguageDetectorBuilder.from_iso_codes_639_1(*codes)
        return builder.with_low_accuracy_mode().build()

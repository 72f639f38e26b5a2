"""Tells the language of a message: small words first, letter statistics where they leave doubt, loaded when first needed."""

from __future__ import annotations

import threading
from functools import cached_property
from typing import TYPE_CHECKING

from switchboard.domain.reading import Language
from switchboard.understanding.language import LANGUAGES, opinion, readable, with_letters
from switchboard.understanding.text import words

if TYPE_CHECKING:
    from lingua import LanguageDetector


class LanguageTeller:
    """Detects one of ten languages; other scripts by their letters; ``und`` when it cannot tell; never raises."""

    def __init__(self) -> None:
        self._loading = threading.Lock()

    def tell(self, text: str) -> Language:
        """The language of a text as received."""
        certain, found = opinion(text)
        if certain is not None:
            return certain
        with self._loading:
            detector = self._detector
        low = readable(text)
        told = detector.compute_language_confidence_values(low)
        shares = {one.language.iso_code_639_1.name.lower(): one.value for one in told}
        return with_letters(found, shares, len(words(low)))

    @cached_property
    def _detector(self) -> LanguageDetector:
        from lingua import IsoCode639_1, LanguageDetectorBuilder

        codes = [getattr(IsoCode639_1, code.upper()) for code in LANGUAGES]
        builder = LanguageDetectorBuilder.from_iso_codes_639_1(*codes)
        return builder.with_low_accuracy_mode().build()

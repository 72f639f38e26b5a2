"""Reads messages with the shipped models beside the event loop, and by rules when the models are missing, slow or broken."""

from __future__ import annotations

import asyncio
import logging
import threading
from array import array
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from switchboard.domain.reading import Entity, Language, MentionedIdentity, Reading, RulesReason
from switchboard.engines.embedder import OnnxEmbedder
from switchboard.engines.encoder_heads import Heads, load_heads
from switchboard.engines.language import LanguageTeller
from switchboard.engines.onnx_encoder import MODELS, OnnxEncoder
from switchboard.engines.tagger_model import FILE, load_tagger
from switchboard.engines.vocabulary import Vocabulary
from switchboard.ports.engines import TextToRead
from switchboard.trust.redaction import PersonalKind, find_personal_data
from switchboard.understanding.combine import combine
from switchboard.understanding.entities import SEARCHED, extract_entities
from switchboard.understanding.identities import mentioned_identities, settled
from switchboard.understanding.language import language_by_rules
from switchboard.understanding.products import Catalogue
from switchboard.understanding.rules import read_by_rules
from switchboard.understanding.tagger import Tagger

logger = logging.getLogger(__name__)

TIMEOUT = 5.0
"""Seconds a batch of up to ``TIMED_BATCH`` messages may take before the rules answer instead; more for larger ones."""
TIMED_BATCH = 16
HINT_CONFIDENCE = 0.6
FEWEST_DIGITS = 7
"""Digits of the shortest phone number."""
_GONE = frozenset(
    {
        "FileNotFoundError",
        "NotADirectoryError",
        "PermissionError",
        "IsADirectoryError",
        "OSError",
        "ValueError",
        "Exception",
    }
)
"""Errors of a model folder that cannot be used, by name: the reading process tells no more of them. The tokenizer's
library raises a bare ``Exception`` for a file that it cannot read."""


def no_products() -> Sequence[str]:
    return ()


class OnnxUnderstanding:
    """Fulfils ``ports.engines.Understanding``: one encoder pass a batch in a thread of its own."""

    def __init__(
        self,
        encoder: OnnxEncoder,
        *,
        model_dir: Path | None = None,
        products: Callable[[], Sequence[str]] = no_products,
        timeout: float = TIMEOUT,
        workers: int = 1,
    ) -> None:
        self._encoder, self._folder = encoder, model_dir or MODELS
        self._products, self._timeout = products, timeout
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="understanding")
        self._language = LanguageTeller()
        self._vocabulary = Vocabulary(self._folder)
        self._loading = threading.Lock()
        self._loaded = False
        self._catalogue: tuple[tuple[str, ...], Catalogue | None] = ((), None)

    async def read(self, texts: Sequence[TextToRead]) -> list[Reading]:
        """One reading for each text, in order. Never raises on any text: the rules answer when the model does not."""
        if not texts:
            return []
        try:
            loop = asyncio.get_running_loop()
            if not self._loaded:  # the first batch after a start waits for the model: loading is no hanging
                await loop.run_in_executor(self._pool, self.load)
            run = loop.run_in_executor(self._pool, self.read_now, texts)
            return await asyncio.wait_for(run, self._timeout * max(1.0, len(texts) / TIMED_BATCH))
        except Exception as error:
            logger.warning("rules read %d messages: the model failed with %s", len(texts), type(error).__name__)
            return [self.by_rules(text, why_rules(error)) for text in texts]

    def by_rules(self, message: TextToRead, because: RulesReason | None = None) -> Reading:
        """The reading without any model, in well under a millisecond for an ordinary message."""
        language = self._hinted(message, language_by_rules(message.text))
        entities, identities = self._named(message, language)
        found = read_by_rules(message.text, language=language, entities=entities)
        return replace(found, rules_because=because, identities=identities)

    def load(self) -> None:
        """Load models now, so that the first customer does not wait. Raises what loading raises."""
        self._encoder.load()
        with self._loading:
            _ = self._heads, self._tagger
        self._loaded = True

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)

    @cached_property
    def _heads(self) -> Heads:
        return load_heads(self._folder)

    def read_now(self, messages: Sequence[TextToRead]) -> list[Reading]:
        """``read`` on the caller's thread. A message of several on which the models fail is read by the rules, the others are
        not; raises what loading them raises, and what they raise on an only message."""
        self.load()
        try:
            return self._read_together(messages)
        except Exception:
            if len(messages) == 1:
                raise
            return [self._read_alone(message) for message in messages]

    def _read_alone(self, message: TextToRead) -> Reading:
        try:
            return self._read_together([message])[0]
        except Exception as error:
            logger.warning("rules read a message: the model failed with %s", type(error).__name__)
            return self.by_rules(message, why_rules(error))

    def _read_together(self, messages: Sequence[TextToRead]) -> list[Reading]:
        texts = [message.text for message in messages]
        windows = self._encoder.encode_whole(texts)
        views, embeddings = self._heads.views(self._heads.network.read(windows, texts)), windows.embedding
        readings = []
        for row, message in enumerate(messages):
            language = self._hinted(message, self._language.tell(message.text))
            entities, identities = self._named(message, language)
            reading = combine(
                views[row],
                message.text,
                language=language,
                entities=entities,
                embedding=array("f", embeddings[row].tobytes()),
                version=self._heads.version,
                present_from=self._heads.calibration.present_from,
            )
            unknown = self._vocabulary.unknown_share(message.text)
            readings.append(replace(reading, unknown_words=unknown, identities=identities))
        return readings

    def _named(
        self, message: TextToRead, language: Language
    ) -> tuple[tuple[Entity, ...], tuple[MentionedIdentity, ...]]:
        """What the message names, and the phone numbers and addresses in it, without overlaps."""
        entities = extract_entities(
            message.text,
            at=message.at,
            catalogue=self._catalogue_now(),
            language=language.code,
            tagger=self._tagger,
        )
        return settled(entities, _mentioned(message, language))

    @cached_property
    def _tagger(self) -> Tagger | None:
        """The trained reader of names; without its file only patterns find them."""
        try:
            return load_tagger(self._folder if (self._folder / FILE).exists() else MODELS)
        except (OSError, ValueError, KeyError) as error:
            logger.warning("names are read by patterns only: the tagger failed with %s", type(error).__name__)
            return None

    def _catalogue_now(self) -> Catalogue | None:
        """The catalogue's pattern, built again only when the names change."""
        names = tuple(self._products())
        if names != self._catalogue[0]:
            self._catalogue = (names, Catalogue.of(names, self._tagger.common if self._tagger else None))
        return self._catalogue[1]

    @staticmethod
    def _hinted(message: TextToRead, told: Language) -> Language:
        """A hint (the conversation's language) decides where the text itself does not."""
        if told.code == "und" and message.language_hint:
            return Language(code=message.language_hint.lower()[:2], confidence=HINT_CONFIDENCE)
        return told


def _mentioned(message: TextToRead, language: Language) -> tuple[MentionedIdentity, ...]:
    """Identities are looked for where masking finds phone numbers and addresses: what is told is also what is masked."""
    head = message.text[:SEARCHED]
    if "@" not in head and sum(map(str.isdecimal, head)) < FEWEST_DIGITS:
        return ()
    places: dict[PersonalKind, list[tuple[int, int]]] = {PersonalKind.PHONE: [], PersonalKind.EMAIL: []}
    for span in find_personal_data(head):
        if span.kind in places:
            places[span.kind].append((span.start, span.end))
    return mentioned_identities(
        head,
        phones=places[PersonalKind.PHONE],
        emails=places[PersonalKind.EMAIL],
        regions=message.regions,
        language=language.code,
    )


def why_rules(error: Exception) -> RulesReason:
    """What kept the model from reading, by the error that it raised here or in the reading process."""
    if isinstance(error, TimeoutError):
        return RulesReason.SLOW
    told = str(error) if type(error) is RuntimeError else type(error).__name__
    gone = isinstance(error, OSError | ValueError) or told in _GONE
    return RulesReason.MISSING if gone else RulesReason.FAILED


def build_engines(
    model_dir: Path | None = None,
    *,
    threads: int = 1,
    products: Callable[[], Sequence[str]] = no_products,
    timeout: float = TIMEOUT,
) -> tuple[OnnxUnderstanding, OnnxEmbedder]:
    """Understanding and embedder that share one loaded encoder. Nothing is read from disk before the first message."""
    encoder = OnnxEncoder(model_dir, threads=threads)
    reader = OnnxUnderstanding(encoder, model_dir=model_dir, products=products, timeout=timeout)
    return reader, OnnxEmbedder(encoder)


def build_understanding(
    model_dir: Path | None = None,
    threads: int = 1,
    products: Callable[[], Sequence[str]] = no_products,
    *,
    timeout: float = TIMEOUT,
    encoder: OnnxEncoder | None = None,
) -> OnnxUnderstanding:
    """Understanding alone, or around an ``encoder`` that is already loaded. ``products`` is asked at every batch."""
    shared = encoder or OnnxEncoder(model_dir, threads=threads)
    return OnnxUnderstanding(shared, model_dir=model_dir, products=products, timeout=timeout)

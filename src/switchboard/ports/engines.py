"""The machines that read and write: the understanding model, the embedder, the language model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from switchboard.domain.drafting import Completion as Completion
from switchboard.domain.drafting import Prompt as Prompt
from switchboard.domain.reading import Reading

EMBEDDING_WIDTH = 384


@dataclass(frozen=True, slots=True, kw_only=True)
class TextToRead:
    """One message for the model. ``at`` resolves relative dates; ``key`` (the conversation) keeps a conversation with one
    model version where two read side by side; ``regions`` are the countries whose national phone numbers it may mention,
    likeliest first ("DE")."""

    text: str
    at: datetime
    language_hint: str | None = None
    key: str = ""
    regions: tuple[str, ...] = ()


class Understanding(Protocol):
    """Reads messages. Never raises on any text; falls back to rules by itself and says so in ``Reading.source``."""

    async def read(self, texts: Sequence[TextToRead]) -> list[Reading]: ...


class Embedder(Protocol):
    """Texts to unit vectors of ``EMBEDDING_WIDTH`` floats. Raises ``Unavailable`` when the model cannot run."""

    async def embed(self, texts: Sequence[str]) -> list[Sequence[float]]: ...


class LanguageModel(Protocol):
    """An outside writer. Raises ``Unavailable`` (timeout, limits, rubbish): the caller falls back or hands over."""

    @property
    def name(self) -> str: ...

    async def complete(self, prompt: Prompt) -> Completion: ...

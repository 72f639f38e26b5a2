"""Automation's past answers with the help articles they rested on, so that "Why this answer?" can show them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from switchboard.domain.ids import DocumentId, new_id
from switchboard.domain.knowledge import KnowledgeDocument, Passage
from switchboard.domain.message import ConversationMessage
from switchboard.domain.reply import Check, GeneratedResponse, Source, SourceKind, ValidationResult
from switchboard.domain.words import sentence_spans
from switchboard.ports.records import DraftOrigin, DraftRecord

GENERATOR = "demo history"
CONFIDENCE = 0.9
SHARED = 2
"""A sentence with fewer words in common with every source is courtesy and claims nothing."""
_WORD = re.compile(r"[^\W_]{3,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceTexts:
    """The documents by id, each with its passages as they are indexed."""

    documents: Mapping[DocumentId, tuple[KnowledgeDocument, tuple[Passage, ...]]]


@dataclass(frozen=True, slots=True)
class _Sentence:
    passage: Passage
    document: KnowledgeDocument
    text: str
    words: frozenset[str]


def draft_of(
    message: ConversationMessage, sources: Sequence[DocumentId], asked: ConversationMessage | None, texts: SourceTexts
) -> DraftRecord:
    """The draft behind an automatic message of the past: each sentence with the article's sentence nearest to it."""
    cited, claims = _cited(message.content.text, sources, texts)
    note = Check(name="history", passed=True, detail="part of the demo's past: written with the sources shown")
    return DraftRecord(
        draft_id=new_id("drf"),
        conversation_id=message.conversation_id,
        customer_id=message.customer_id,
        message_id=asked.message_id if asked else None,
        origin=DraftOrigin.AUTOMATION,
        at=message.timestamp,
        response=GeneratedResponse(
            text=message.content.text,
            confidence=CONFIDENCE,
            sources=cited,
            generator=GENERATOR,
            prompt_version="-",
            claims=claims,
        ),
        validation=ValidationResult(is_valid=True, violations=(), contains_pii=False, checks=(note,)),
        sent_as=message.message_id,
    )


def _cited(
    text: str, sources: Sequence[DocumentId], texts: SourceTexts
) -> tuple[tuple[Source, ...], tuple[tuple[str, int], ...]]:
    known = [_sentences(*texts.documents[source]) for source in sources if source in texts.documents]
    found: list[Source] = []
    claims: list[tuple[str, int]] = []
    for number, candidates in enumerate(known, start=1):
        best = max(candidates, key=lambda c: len(c.words & _words(text)))
        found.append(_source(number, best))
    pool = [(number, c) for number, candidates in enumerate(known, start=1) for c in candidates]
    for start, end in sentence_spans(text):
        sentence = text[start:end].strip()
        number, near = max(pool, key=lambda p: len(p[1].words & _words(sentence)), default=(0, None))
        if near is not None and len(near.words & _words(sentence)) >= SHARED:
            claims.append((sentence, number))
    return tuple(found), tuple(claims)


def _source(number: int, sentence: _Sentence) -> Source:
    return Source(
        number=number,
        kind=SourceKind.KNOWLEDGE,
        reference=sentence.passage.passage_id,
        title=sentence.document.title,
        quote=sentence.text,
        url=sentence.document.url,
    )


def _sentences(document: KnowledgeDocument, passages: Sequence[Passage]) -> list[_Sentence]:
    return [
        _Sentence(passage, document, text, _words(text))
        for passage in passages
        for start, end in sentence_spans(passage.text)
        if (text := passage.text[start:end].strip())
    ]


def _words(text: str) -> frozenset[str]:
    return frozenset(word.casefold() for word in _WORD.findall(text))

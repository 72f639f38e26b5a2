"""Pick the sentences of the knowledge base that answer the question, and say how sure that is."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from switchboard.domain.knowledge import KnowledgeResult
from switchboard.domain.words import content_words, sentences
from switchboard.replies.context import ResponseContext, question
from switchboard.replies.plain import visible
from switchboard.replies.suspicion import suspicions

MOST_SENTENCES = 3
_LONGEST_SENTENCE = 500
_LIST_MARK = re.compile(r"^\s{0,12}(?:[-*+•]|\d{1,2}[.)])\s+")
_LINK = re.compile(r"!?\[([^\]\n]{0,200})\]\([^)\s]{0,500}\)")
_LEANS_BACK = re.compile(r"(?:it|this|that|these|those|they|he|she|then|otherwise|however|but|also)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One sentence of a passage: as it stands (``quote``) and as it is said (``text``)."""

    result: KnowledgeResult
    order: int
    quote: str
    text: str
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The chosen sentences, best passage first. ``fit`` in [0, 1]: how likely they answer the question."""

    sentences: tuple[Candidate, ...] = ()
    fit: float = 0.0


def tell(sentence: str) -> str:
    """A sentence of a document as plain words: no list marks, emphasis, tables or link targets."""
    plain = _LINK.sub(r"\1", _LIST_MARK.sub("", visible(sentence)))
    return " ".join(plain.replace("**", "").replace("__", "").replace("`", "").strip("#>|* ").split())


def passage_sentences(results: Iterable[KnowledgeResult]) -> tuple[str, ...]:
    """All sentences that an answer could use: what to compare with the question by embedding."""
    found = (tell(sentence) for result in results for sentence in sentences(result.passage.text))
    return tuple(dict.fromkeys(sentence for sentence in found if _usable(sentence)))


def find_answer(context: ResponseContext) -> Answer:
    """One to three sentences from the passages that answer best; none when no passage is about the question."""
    results = [result for result in context.relevant if not suspicions(result.passage.text)]
    asked = _Question.of(question(context.messages), results)
    ranked = sorted(
        ((result, _candidates(context, asked, result)) for result in results),
        key=lambda pair: -_passage_score(*pair),
    )
    ranked = [pair for pair in ranked if pair[1]]
    if not ranked:
        return Answer()
    chosen = _lead(asked, *ranked[0])
    chosen += _addition(asked, chosen, ranked[1:])
    return Answer(sentences=tuple(chosen), fit=_fit(asked, chosen, context))


@dataclass(frozen=True, slots=True)
class _Question:
    """The question's words with their weights: a word that all passages share tells little."""

    weights: dict[str, float]

    @classmethod
    def of(cls, text: str, results: list[KnowledgeResult]) -> _Question:
        seen = Counter(word for result in results for word in set(content_words(_everything(result))))
        return cls({word: math.log(2 + len(results)) - math.log(1 + seen[word]) + 0.3 for word in content_words(text)})

    def covered_by(self, text: str) -> float:
        """Share of the question's weight that a text holds."""
        held = set(content_words(text))
        total = sum(self.weights.values())
        return sum(weight for word, weight in self.weights.items() if word in held) / total if total else 0.0


def _everything(result: KnowledgeResult) -> str:
    return f"{result.title}\n{result.passage.heading}\n{result.passage.text}"


def _about(result: KnowledgeResult) -> str:
    return f"{result.title}\n{result.passage.heading}"


def _candidates(context: ResponseContext, asked: _Question, result: KnowledgeResult) -> list[Candidate]:
    found: list[Candidate] = []
    for order, quote in enumerate(sentences(result.passage.text)):
        text = tell(quote)
        if _usable(text):
            words = asked.covered_by(text)
            score = 0.5 * words + 0.5 * context.similarity[text] if text in context.similarity else words
            found.append(Candidate(result=result, order=order, quote=quote, text=text, score=score))
    return found


def _usable(text: str) -> bool:
    """Full statements only: no questions, no bare links, no fragments."""
    return (
        len(text.split()) >= 3
        and len(text) <= _LONGEST_SENTENCE
        and not text.endswith(("?", ":"))
        and "://" not in text
    )


def _passage_score(result: KnowledgeResult, candidates: list[Candidate]) -> float:
    return 0.7 * result.score + 0.3 * max((c.score for c in candidates), default=0.0)


def _lead(asked: _Question, result: KnowledgeResult, candidates: list[Candidate]) -> list[Candidate]:
    """The best passage's part of the answer. Under a heading that asks the question, the first sentence answers it."""
    best = max(candidates, key=lambda candidate: (candidate.score, -candidate.order))
    first = candidates[0] if asked.covered_by(_about(result)) >= max(0.5, best.score) else best
    chosen = {first.order: first, best.order: best}
    at = candidates.index(first)
    if at > 0 and _LEANS_BACK.match(first.text):
        chosen[candidates[at - 1].order] = candidates[at - 1]
    for candidate in candidates[at + 1 : at + MOST_SENTENCES]:
        near = candidate.score >= 0.5 * best.score or len(candidates) <= MOST_SENTENCES
        if near and len(chosen) < MOST_SENTENCES:
            chosen[candidate.order] = candidate
    return [chosen[order] for order in sorted(chosen)][:MOST_SENTENCES]


def _addition(
    asked: _Question, chosen: list[Candidate], others: list[tuple[KnowledgeResult, list[Candidate]]]
) -> list[Candidate]:
    """One sentence of another passage, if it covers a part of the question that the answer so far leaves out."""
    if len(chosen) >= MOST_SENTENCES or not others:
        return []
    said = " ".join(candidate.text for candidate in chosen)
    candidate = max(others[0][1], key=lambda other: other.score)
    gain = asked.covered_by(f"{said} {candidate.text}") - asked.covered_by(said)
    close = others[0][0].score >= 0.85 * chosen[0].result.score
    return [candidate] if close and gain >= 0.25 and candidate.text not in said else []


def _fit(asked: _Question, chosen: list[Candidate], context: ResponseContext) -> float:
    """How likely the answer is right, from the passage's score, the words covered, and the lead over other documents."""
    top = chosen[0].result
    covered = asked.covered_by(" ".join((_about(top), *(candidate.text for candidate in chosen))))
    rivals = [r.score for r in context.results if r.passage.document_id != top.passage.document_id]
    lead = min(1.0, max(0.0, top.score - max(rivals, default=0.0)) / 0.2)
    logit = FIT_BASE + FIT_SCORE * top.score + FIT_COVERED * covered + FIT_LEAD * lead
    return 1 / (1 + math.exp(-logit))


FIT_BASE, FIT_SCORE, FIT_COVERED, FIT_LEAD = -4.6, 5.0, 2.4, 1.1
"""Weights of the estimate."""

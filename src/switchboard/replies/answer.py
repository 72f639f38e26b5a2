"""Pick the sentences of the knowledge base that answer the question, and say how sure that is."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from switchboard.domain.knowledge import KnowledgeResult
from switchboard.domain.words import content_words, sentence_spans, sentences
from switchboard.replies.context import ResponseContext, question
from switchboard.replies.plain import folded, visible
from switchboard.replies.suspicion import suspicions

MOST_SENTENCES = 3
MOST_STEPS = 4
"""A guide may be a little longer than a fact."""
_LONGEST_SENTENCE = 500
_BLANK_LINE = re.compile(r"\n[ \t]*\n")
_LIST_MARK = re.compile(r"^\s{0,12}(?:[-*+•]|\d{1,2}[.)])\s+")
_LINK = re.compile(r"!?\[([^\]\n]{0,200})\]\([^)\s]{0,500}\)")
_LEANS_BACK = re.compile(
    r"(?:it|this|that|these|those|they|he|she|then|otherwise|however|but|also|\w{1,12} (?:this|that|these|those))\b",
    re.IGNORECASE,
)

_CODE = re.compile(r"\b(?:[a-z]{1,4}-?\d{1,6}|[a-z]{3,20} \d{1,3})\b(?![.,]\d)")
_ASKS_HOW = re.compile(
    r"\bhow (?:do|can|could|should|would|must|to|does one)\b|\bwhat (?:can|should|must|do) (?:i|we)\b|\bwhat now\b|"
    r"\bsteps?\b|\bguide\b|\binstructions?\b|\bwie (?:kann|muss|soll|geht|mache|\w+e) (?:ich|man|das)\b|"
    r"\bwas (?:kann|muss|soll) ich\b|\banleitung\b|\bcomment (?:puis|dois|faire|je)\b|\bque (?:faire|dois)\b|"
    r"\bcomo (?:puedo|debo|se|hago|hacer)\b|\bque (?:hago|debo)\b"
)
"""Wants to be told what to do, as against "how long" or "how much"."""
_VERBS = (
    "add aim allow ask attach book bring brush buy call change check choose clean clear click close collect confirm "
    "connect contact descale dip download draw dry empty enter fill fit follow forward give go grind hang hold install "
    "keep let lift lock log look loosen lower make mix move open order pack pay place plug pour press print pull push put "
    "reach read register release remove repeat replace reply report reset restart return rinse rub run save scan screw "
    "search select send set sign slide soak start stir stop store swirl switch take tap tell tighten try turn twist type "
    "uninstall unlock unplug unscrew update upload use wait warm wash wipe withdraw write"
)
_STEP = re.compile(
    rf"(?:(?:then|next|first|now|finally|simply|please|afterwards)[ ,]+)?(?:{_VERBS.replace(' ', '|')})\b|"
    r"(?:to|if|when|once|after|before|for|by|on|with|until)\b[^,]{3,120},\s(?:then |please |simply |first )?"
    rf"(?:{_VERBS.replace(' ', '|')})\b|you (?:can|need to|must|should)\b|"
    r"\w{2,20}en sie\b|\w{2,20}ez\b|(?:wenn|um)\b[^,]{3,120},\s\w{2,20}en sie\b"
)
"""A sentence that tells the reader what to do, folded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One sentence of a passage: as it stands (``quote``) and as it is said (``text``). ``likeness``: closeness to the
    question by embedding, where one ran; ``paragraph``: the number of its paragraph."""

    result: KnowledgeResult
    order: int
    paragraph: int
    quote: str
    text: str
    score: float
    likeness: float | None = None

    @property
    def is_step(self) -> bool:
        return bool(_STEP.match(folded(self.text)))


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
    """One to four sentences from the passages that answer best; none when no passage is about the question."""
    results = [result for result in context.relevant if not suspicions(result.passage.text)]
    text = question(context.messages)
    asked = _Question.of(text, results)
    ranked = sorted(
        ((result, _candidates(context, asked, result)) for result in results),
        key=lambda pair: -_passage_score(*pair),
    )
    ranked = [pair for pair in ranked if pair[1]]
    if not ranked:
        return Answer()
    steps = _steps(*ranked[0]) if _ASKS_HOW.search(folded(text)) else []
    chosen = steps or _lead(asked, *ranked[0])
    if not steps:
        chosen += _addition(asked, chosen, ranked[1:])
    return Answer(sentences=tuple(chosen), fit=_fit(asked, chosen, context))


def codes(text: str) -> frozenset[str]:
    """What a text calls by a number: "e2", "sp-14", "otto 2". A bare number is none: it may be a price or a time."""
    return frozenset(match.group() for match in _CODE.finditer(folded(text)))


@dataclass(frozen=True, slots=True)
class _Question:
    """The question's words with their weights: a word that all passages share tells little."""

    weights: dict[str, float]
    codes: frozenset[str] = frozenset()

    @classmethod
    def of(cls, text: str, results: list[KnowledgeResult]) -> _Question:
        seen = Counter(word for result in results for word in set(content_words(_everything(result))))
        return cls(
            {word: math.log(2 + len(results)) - math.log(1 + seen[word]) + 0.3 for word in content_words(text)},
            codes(text),
        )

    def names_what_is_meant(self, text: str) -> int:
        """1 for a text that names a code of the question ("E2", "Otto 2"), -1 for one that names only its neighbours."""
        asked, named = self.codes, codes(text)
        if asked & named:
            return 1
        families = {code.split()[0] for code in asked if " " in code}
        return -1 if any(code.split()[0] in families for code in named if " " in code) else 0

    def covered_by(self, text: str) -> float:
        """Share of the question's weight that a text holds."""
        held = set(content_words(text))
        total = sum(self.weights.values())
        return sum(weight for word, weight in self.weights.items() if word in held) / total if total else 0.0


def _telling(asked: _Question, body: str) -> _Question:
    """The question's words as one passage uses them: those in few of its sentences tell which sentence is meant."""
    said = [set(content_words(sentence)) for sentence in sentences(body)]
    seen = {word: sum(word in held for held in said) for word in asked.weights}
    return _Question({word: math.log((2 + len(said)) / (1 + count)) for word, count in seen.items() if count})


def _everything(result: KnowledgeResult) -> str:
    return f"{result.title}\n{result.passage.heading}\n{result.passage.text}"


def _about(result: KnowledgeResult) -> str:
    return f"{result.title}\n{result.passage.heading}"


def _candidates(context: ResponseContext, asked: _Question, result: KnowledgeResult) -> list[Candidate]:
    found: list[Candidate] = []
    body = result.passage.text
    telling = _telling(asked, body)
    for order, (start, end) in enumerate(sentence_spans(body)):
        quote = body[start:end]
        text = tell(quote)
        if _usable(text):
            likeness = context.similarity.get(text)
            words = telling.covered_by(text)
            named = CODE_WEIGHT * asked.names_what_is_meant(text)
            found.append(
                Candidate(
                    result=result,
                    order=order,
                    paragraph=len(_BLANK_LINE.findall(body, 0, start)),
                    quote=quote,
                    text=text,
                    score=named + (words if likeness is None else 0.3 * words + 0.7 * likeness),
                    likeness=likeness,
                )
            )
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


def _steps(result: KnowledgeResult, candidates: list[Candidate]) -> list[Candidate]:
    """The paragraph that tells what to do: up to four sentences in order. Nothing where no paragraph about the question
    gives steps."""
    paragraphs: dict[int, list[Candidate]] = {}
    for candidate in candidates:
        paragraphs.setdefault(candidate.paragraph, []).append(candidate)
    best = max(max(candidate.score for candidate in candidates), 1e-6)
    near = [group for group in paragraphs.values() if max(c.score for c in group) >= 0.6 * best]
    guide = max(
        near, key=lambda group: max(c.score for c in group) / best + 0.3 * _share_of_steps(group), default=candidates
    )
    if not any(candidate.is_step for candidate in guide):
        return []
    at = _place_of_best(guide)
    start = 0 if at < MOST_STEPS else at
    return _without_asides(guide[start : start + MOST_STEPS], best)


def _without_asides(guide: list[Candidate], best: float) -> list[Candidate]:
    """Sentences at the end that neither tell what to do nor are about the question add nothing."""
    while len(guide) > 1 and not guide[-1].is_step and guide[-1].score < 0.5 * best:
        guide = guide[:-1]
    return guide


def _share_of_steps(group: list[Candidate]) -> float:
    return min(2, sum(candidate.is_step for candidate in group)) / 2


def _place_of_best(group: list[Candidate]) -> int:
    return max(range(len(group)), key=lambda at: group[at].score)


def _lead(asked: _Question, result: KnowledgeResult, candidates: list[Candidate]) -> list[Candidate]:
    """The best passage's part of the answer. Under a heading that asks the question, the first sentence answers it."""
    best = max(candidates, key=lambda candidate: (candidate.score, -candidate.order))
    headed = bool(result.passage.heading) or len(candidates) <= MOST_SENTENCES
    first = candidates[0] if headed and asked.covered_by(_about(result)) >= max(0.5, best.score) else best
    chosen = {first.order: first, best.order: best}
    at = candidates.index(first)
    if at > 0 and _LEANS_BACK.match(first.text):
        chosen[candidates[at - 1].order] = candidates[at - 1]
    for candidate in candidates[at + 1 :]:
        goes_on = candidate.paragraph == first.paragraph and (candidate.is_step or candidate.score >= 0.6 * best.score)
        if len(chosen) >= MOST_SENTENCES or not (goes_on or len(candidates) <= MOST_SENTENCES):
            break
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
    """How likely the answer is right: from the passage's score and its share of the question's words, the closeness of
    the sentences (or, without an embedder, the words they hold), and the lead over other documents."""
    top = chosen[0].result
    covered = asked.covered_by(" ".join((_about(top), *(candidate.text for candidate in chosen))))
    likeness = max((candidate.likeness for candidate in chosen if candidate.likeness is not None), default=None)
    rivals = [r.score for r in context.results if r.passage.document_id != top.passage.document_id]
    lead = min(1.0, max(0.0, top.score - max(rivals, default=0.0)) / 0.2)
    meaning = covered if likeness is None else likeness
    grounds = (1.0 if likeness is not None else 0.4) * top.score + 0.5 * top.text_score + 0.5 * meaning
    logit = FIT_BASE + FIT_GROUNDS * grounds + FIT_LEAD * lead
    return 1 / (1 + math.exp(-logit))


CODE_WEIGHT = 0.25
"""What naming the code that was asked for is worth to a sentence."""
FIT_BASE, FIT_GROUNDS, FIT_LEAD = -8.8, 8.0, 0.4
"""Weights of the estimate, chosen on half of the questions of ``benchmarks/answers.py``."""

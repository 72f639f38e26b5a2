"""How well automation answers from the demo shop's help, without a language model.

Run ``python -m benchmarks.answers`` (half a minute); prints one JSON object for each half of the questions: the weights were
chosen on the first half (``chosen_on``), so the second (``held_out``) says what to expect. ``answered``: share of answerable
questions whose reply passed every check at confidence 0.80 or more. ``right_article``: of those, how many cite the article
that answers first. ``wrongly_answered``: share of questions that belong to a person and got a reply all the same; with
``_routed`` routing has its say first, as in the running system. ``--list`` shows the misses.
"""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from benchmarks.answers_questions import INSIDE, OUTSIDE
from switchboard.demo.catalogue import load_demo
from switchboard.demo.shapes import DemoBusiness
from switchboard.domain.conversation import Conversation, ConversationState
from switchboard.domain.customer import CustomerProfile
from switchboard.domain.ids import ConversationId, CustomerId, MessageId
from switchboard.domain.knowledge import KnowledgeDocument, Passage
from switchboard.domain.message import Author, ChannelType, ConversationMessage, Direction, MessageContent, MessageKind
from switchboard.domain.reading import Reading
from switchboard.domain.reply import GeneratedResponse
from switchboard.engines.cached_embedder import CachedEmbedder
from switchboard.engines.understanding import build_engines
from switchboard.knowledge.cut import cut, text_to_embed
from switchboard.knowledge.index import KnowledgeIndex, build_index
from switchboard.ports.engines import Embedder, TextToRead
from switchboard.replies.compose import candidate_sentences, compose
from switchboard.replies.context import Brand, ResponseContext
from switchboard.replies.validate import Approval, approve, facts_for
from switchboard.routing.rules import RoutingFacts, RoutingSettings, choose_route
from switchboard.urgency.score import UrgencySignals, score_urgency

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
CHANNEL = ChannelType.WHATSAPP
BRAND = Brand(
    business_name="Larkfield Coffee",
    help_url="https://larkfield.example/help",
    link_hosts=frozenset({"larkfield.example"}),
    published_contacts=frozenset({"help@larkfield.example", "+442079460100"}),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One question with what would have become of it. ``articles`` is empty for a question that belongs to a person."""

    question: str
    articles: tuple[str, ...]
    draft: GeneratedResponse
    approval: Approval
    routed: bool

    @property
    def sent(self) -> bool:
        return self.approval.reply is not None

    @property
    def cited(self) -> str:
        source = next(iter(self.draft.sources), None)
        return (source.url or "").rpartition("/")[2] if source else ""

    @property
    def right(self) -> bool:
        return self.cited in self.articles


class Desk:
    """The shop's help, indexed, and the machines that read questions and write replies."""

    def __init__(self, business: DemoBusiness) -> None:
        self._business = business
        self._understanding, embedder = build_engines(threads=2, timeout=120.0)
        self._embedder: Embedder = CachedEmbedder(embedder)
        self._index = KnowledgeIndex()

    async def open(self) -> None:
        pieces = [(document, passage) for document in self._business.documents for passage in cut(document)]
        vectors = await self._embedder.embed([text_to_embed(document.title, passage) for document, passage in pieces])
        held: dict[str, tuple[KnowledgeDocument, list[Passage]]] = {}
        for (document, passage), vector in zip(pieces, vectors, strict=True):
            held.setdefault(document.document_id, (document, []))[1].append(replace(passage, embedding=vector))
        self._index = build_index(held.values())

    async def ask(self, questions: Sequence[tuple[str, tuple[str, ...]]]) -> list[Outcome]:
        readings = await self._understanding.read([TextToRead(text=text, at=NOW) for text, _ in questions])
        return [
            await self._answer(text, asked, reading) for (text, asked), reading in zip(questions, readings, strict=True)
        ]

    async def _answer(self, text: str, articles: tuple[str, ...], reading: Reading) -> Outcome:
        context = _context(text, reading)
        context = replace(context, results=self._index.search(text, reading.embedding))
        context = replace(context, similarity=await self._similarity(text, context))
        draft = compose(context)
        facts = RoutingFacts(
            intent=reading.primary.category,
            topic=reading.primary.subcategory,
            confidence=reading.primary.confidence,
            urgency=score_urgency(_signals(reading)).score,
            text=text,
            channel=CHANNEL.value,
            language=reading.language.code if reading.language.code != "und" else "en",
            sentiment=reading.sentiment.score,
            wants_human=reading.wants_human,
        )
        routed = choose_route(facts, RoutingSettings(patterns=self._business.brand.automation)).automate
        approval = approve(draft, facts_for(context, draft))
        return Outcome(question=text, articles=articles, draft=draft, approval=approval, routed=routed)

    async def _similarity(self, text: str, context: ResponseContext) -> dict[str, float]:
        sentences = candidate_sentences(context)
        if not sentences:
            return {}
        target, *vectors = await self._embedder.embed([text, *sentences])
        return {
            sentence: max(0.0, sum(a * b for a, b in zip(target, vector, strict=True)))
            for sentence, vector in zip(sentences, vectors, strict=True)
        }


def _signals(reading: Reading) -> UrgencySignals:
    return UrgencySignals(
        sentiment=reading.sentiment.score,
        intent=reading.primary.category,
        intent_confidence=reading.primary.confidence,
        time_sensitive=reading.time_sensitive,
    )


def _context(text: str, reading: Reading) -> ResponseContext:
    customer, conversation = CustomerId("cus_1"), ConversationId("cnv_1")
    message = ConversationMessage(
        message_id=MessageId("msg_1"),
        conversation_id=conversation,
        customer_id=customer,
        channel=CHANNEL,
        account="",
        direction=Direction.INBOUND,
        author=Author.CUSTOMER,
        kind=MessageKind.TEXT,
        content=MessageContent(text=text),
        timestamp=NOW,
        sequence=1,
    )
    return ResponseContext(
        conversation=Conversation(
            conversation_id=conversation,
            customer_id=customer,
            state=ConversationState(),
            channels=(CHANNEL,),
            created_at=NOW,
            last_activity_at=NOW,
        ),
        profile=CustomerProfile(customer_id=customer, name="Mia Chen", created_at=NOW),
        messages=(message,),
        reading=reading,
        channel=CHANNEL,
        brand=BRAND,
    )


def measure(inside: Sequence[Outcome], outside: Sequence[Outcome]) -> dict[str, object]:
    sent = [outcome for outcome in inside if outcome.sent]
    wrong = [outcome for outcome in outside if outcome.sent]
    return {
        "questions": len(inside),
        "answered": round(len(sent) / len(inside), 3),
        "right_article": round(sum(outcome.right for outcome in sent) / max(1, len(sent)), 3),
        "answered_routed": round(sum(outcome.routed for outcome in sent) / len(inside), 3),
        "outside": len(outside),
        "wrongly_answered": round(len(wrong) / len(outside), 3),
        "wrongly_answered_routed": round(sum(outcome.routed for outcome in wrong) / len(outside), 3),
    }


def show(outcomes: Sequence[Outcome]) -> None:
    """What people look at when they change the weights."""
    for outcome in outcomes:
        good = outcome.sent and outcome.right if outcome.articles else not outcome.sent
        if not good:
            failed = ", ".join(check.name for check in outcome.approval.result.checks if not check.passed)
            wanted = "|".join(outcome.articles) or "nobody"
            print(
                f"{outcome.draft.confidence:.2f} {outcome.question}\n     {outcome.cited} for {wanted}; {failed or 'sent'}"
            )


async def run(listing: bool) -> None:
    desk = Desk(load_demo(now=NOW))
    await desk.open()
    inside = await desk.ask([(text, tuple(articles.split("|"))) for text, articles in INSIDE])
    outside = await desk.ask([(text, ()) for text in OUTSIDE])
    for name, half in (("chosen_on", 0), ("held_out", 1)):
        print(json.dumps({"half": name, **measure(inside[half::2], outside[half::2])}))
    if listing:
        show([*inside[0::2], *outside[0::2]])


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--list", action="store_true", help="show the misses of the half the weights were chosen on")
    asyncio.run(run(arguments.parse_args().list))


if __name__ == "__main__":
    main()

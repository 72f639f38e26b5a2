"""Write a personal reply from templates and quoted passages: the generator that needs no language model."""

from __future__ import annotations

import re
from dataclasses import dataclass

from switchboard.domain.advice import ActionType
from switchboard.domain.customer import Purchase
from switchboard.domain.knowledge import KnowledgeResult
from switchboard.domain.message import ChannelType
from switchboard.domain.reading import IntentCategory
from switchboard.domain.reply import GeneratedResponse, Source, SourceKind
from switchboard.replies.answer import Answer, find_answer, passage_sentences
from switchboard.replies.context import (
    REPLY_LIMITS,
    ResponseContext,
    ResponseTemplate,
    order_numbers,
    purchase_in_question,
    question,
)
from switchboard.replies.links import host_is_allowed
from switchboard.replies.phrases import (
    acknowledgement,
    customer_name,
    fill,
    greeting,
    phrase,
    sign_off,
    speaks,
    subject,
)
from switchboard.replies.plain import folded
from switchboard.replies.reserved import reserved

GENERATOR = "built-in"
VERSION = "compose-1"

_ORDER_TOPICS = frozenset({"delivery_fulfilment", "order_booking", "refund_return"})
_STATUS_QUESTION = re.compile(
    r"\bwhere\b|\bstatus\b|\btrack|\bwhen (?:will|does|is|can)\b|\barriv|\breceived?\b|\bshipped|\bdispatch|"
    r"\bon its way\b|"
    r"\bstill waiting\b|\bany news\b|\bupdate on\b|\bdelivered\b"
)
"""Words of somebody who wants to know how far their order is."""
_ABOUT_AN_ORDER = re.compile(
    rf"{_STATUS_QUESTION.pattern}|\bmy (?:\w+ )?(?:order|parcel|package|delivery|purchase|machine)\b"
)
_CALM = {
    IntentCategory.INQUIRY: 1.0,
    IntentCategory.REQUEST: 0.97,
    IntentCategory.FEEDBACK: 0.95,
    IntentCategory.COMPLAINT: 0.9,
    IntentCategory.ESCALATION: 0.5,
}
"""How far quoted help can settle each kind of message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One factual sentence with the source that it rests on."""

    text: str
    source: Source


def candidate_sentences(context: ResponseContext) -> tuple[str, ...]:
    """The sentences worth comparing with the question by embedding; put the result into ``context.similarity``."""
    return passage_sentences(context.relevant)[:60]


def compose(context: ResponseContext) -> GeneratedResponse:
    """A reply with greeting, acknowledgement, cited answer and next step. Its confidence is an honest estimate that it
    settles the message: below 0.80 when neither passages nor profile answer it."""
    answer = find_answer(context)
    statements = [*order_statements(context), *_quoted(answer)]
    template = matching_template(context)
    confidence = estimate(context, answer, template)
    return assemble(context, statements, confidence, generator=GENERATOR, version=VERSION, template=template)


def assemble(
    context: ResponseContext,
    statements: list[Statement],
    confidence: float,
    *,
    generator: str,
    version: str,
    template: ResponseTemplate | None = None,
) -> GeneratedResponse:
    """Put the brand's frame around cited statements; drops the last statements until the channel can carry the text."""
    numbered = _numbered(statements)
    while True:
        sources = tuple({s.source.number: s.source for s in numbered}.values())
        text = _text(context, numbered, sources, template)
        if len(text.encode()) <= REPLY_LIMITS[context.channel] or not numbered:
            break
        numbered = numbered[:-1]
    claims, extra = _template_claims(context, template, len(sources))
    return GeneratedResponse(
        text=text,
        confidence=round(min(max(confidence, 0.0), 1.0), 3),
        sources=(*sources, *extra),
        generator=generator,
        prompt_version=version,
        claims=(*((s.text, s.source.number) for s in numbered), *claims),
        suggested_actions=_suggestions(context, confidence),
    )


def own_lines(context: ResponseContext, sources: tuple[Source, ...]) -> tuple[str, ...]:
    """Every line that the frame around the statements may hold: what validation takes as the business's own words."""
    lines = (greeting(context), acknowledgement(context), *_next_step(context, sources), *sign_off(context))
    heading = phrase(context.brand, context.language, "sources")
    return tuple(line for line in (*lines, heading, *map(_source_line, sources)) if line)


def order_statements(context: ResponseContext) -> list[Statement]:
    """The order the message is about, from the verified customer's own profile."""
    purchase = purchase_in_question(context)
    asks = order_numbers(context.reading) or _ABOUT_AN_ORDER.search(folded(question(context.messages)))
    if purchase is None or not purchase.order_number or not asks:
        return []
    fields = {"order": purchase.order_number, "product": purchase.product, "status": purchase.status or ""}
    key = "order" if purchase.status else "order.plain"
    text = phrase(context.brand, context.language, key, **fields)
    return [Statement(text=text, source=purchase_source(purchase))]


def purchase_source(purchase: Purchase) -> Source:
    quote = f"Order {purchase.order_number}: {purchase.product}, {purchase.status or 'no status'}"
    return Source(
        number=0,
        kind=SourceKind.PROFILE,
        reference=purchase.purchase_id,
        title=f"Order {purchase.order_number}",
        quote=quote,
    )


def passage_source(result: KnowledgeResult, quote: str) -> Source:
    return Source(
        number=0,
        kind=SourceKind.KNOWLEDGE,
        reference=result.passage.passage_id,
        title=result.title,
        quote=quote,
        url=result.url,
    )


def matching_template(context: ResponseContext) -> ResponseTemplate | None:
    """The first of the brand's templates that is meant for this kind of message."""
    return next((template for template in context.brand.templates if _fits(template, context)), None)


def estimate(context: ResponseContext, answer: Answer, template: ResponseTemplate | None) -> float:
    """Probability that the reply settles the message, from the best ground it stands on and how well we understood."""
    grounds = [answer.fit, _order_ground(context)]
    if template is not None and "{answer}" not in template.text:
        grounds.append(0.97)
    understood = 0.85 + 0.15 * context.reading.intent.confidence
    calm = _CALM[context.reading.primary.category] * (0.5 if context.reading.wants_human else 1.0)
    framed = 1.0 if speaks(context.language) else 0.4
    ours = 0.4 if reserved(question(context.messages)) else 1.0
    return max(grounds) * understood * calm * framed * ours


def _order_ground(context: ResponseContext) -> float:
    purchase = purchase_in_question(context)
    asks_status = _STATUS_QUESTION.search(folded(question(context.messages)))
    if purchase is None or purchase.status is None or not asks_status:
        return 0.0
    return 0.93 if order_numbers(context.reading) else 0.88


def _quoted(answer: Answer) -> list[Statement]:
    return [Statement(text=c.text, source=passage_source(c.result, c.quote)) for c in answer.sentences]


def _numbered(statements: list[Statement]) -> list[Statement]:
    """Number the sources in order of use; statements from one passage share a number and its quotes."""
    numbers: dict[str, int] = {}
    quotes: dict[str, list[str]] = {}
    for statement in statements:
        numbers.setdefault(statement.source.reference, len(numbers) + 1)
        quotes.setdefault(statement.source.reference, []).append(statement.source.quote)
    return [Statement(text=s.text, source=_with(s.source, numbers, quotes)) for s in statements]


def _with(source: Source, numbers: dict[str, int], quotes: dict[str, list[str]]) -> Source:
    return Source(
        number=numbers[source.reference],
        kind=source.kind,
        reference=source.reference,
        title=source.title,
        quote="\n".join(dict.fromkeys(quotes[source.reference])),
        url=source.url,
    )


def _text(
    context: ResponseContext,
    statements: list[Statement],
    sources: tuple[Source, ...],
    template: ResponseTemplate | None,
) -> str:
    body = " ".join(_cited(context, s) for s in statements)
    if template is not None:
        body = fill(template.text, {**template_fields(context), "answer": body}).strip()
        parts = [body] if "{name}" in template.text else [greeting(context), body]
    else:
        parts = [greeting(context), acknowledgement(context), body]
    parts += [" ".join(_next_step(context, sources)), "\n".join(sign_off(context)), _source_list(context, sources)]
    parts = [part for part in parts if part]
    return (" " if context.channel is ChannelType.VOICE else "\n\n").join(parts)


def template_fields(context: ResponseContext) -> dict[str, str]:
    return {
        "name": customer_name(context) or "",
        "business": context.brand.business_name,
        "subject": subject(context),
        "order": next(iter(order_numbers(context.reading)), ""),
    }


def _cited(context: ResponseContext, statement: Statement) -> str:
    ended = statement.text if statement.text.endswith((".", "!", "。")) else f"{statement.text}."
    return ended if context.channel is ChannelType.VOICE else f"{ended} [{statement.source.number}]"


def _source_list(context: ResponseContext, sources: tuple[Source, ...]) -> str:
    if context.channel is ChannelType.VOICE or not sources:
        return ""
    return "\n".join((phrase(context.brand, context.language, "sources"), *map(_source_line, sources)))


def _source_line(source: Source) -> str:
    return f"[{source.number}] {source.title}"


def _next_step(context: ResponseContext, sources: tuple[Source, ...]) -> tuple[str, ...]:
    """What the customer can do now: a link or document, and always a way on (Property 27)."""
    spoken = ".voice" if context.channel is ChannelType.VOICE else ""
    further = phrase(context.brand, context.language, f"next.reply{spoken}")
    document = next((source for source in sources if source.kind is SourceKind.KNOWLEDGE), None)
    if document is not None:
        return (_document_step(context, document, spoken), further)
    if sources:
        return (further,)
    asks_order = context.topic in _ORDER_TOPICS and not order_numbers(context.reading)
    return (phrase(context.brand, context.language, "next.order_number" if asks_order else "next.details"),)


def _document_step(context: ResponseContext, source: Source, spoken: str) -> str:
    if source.url and not spoken and host_is_allowed(source.url, context.brand.link_hosts):
        return phrase(context.brand, context.language, "next.link", url=source.url)
    return phrase(context.brand, context.language, f"next.article{spoken}", title=source.title)


def _fits(template: ResponseTemplate, context: ResponseContext) -> bool:
    primary = context.reading.primary
    return (
        template.enabled
        and template.language == context.language
        and (not template.intents or primary.category in template.intents)
        and (not template.topics or context.topic in template.topics)
        and (not template.channels or context.channel in template.channels)
    )


def _template_claims(
    context: ResponseContext, template: ResponseTemplate | None, before: int
) -> tuple[tuple[tuple[str, int], ...], tuple[Source, ...]]:
    """A template's own words are the business's statement: they are cited, and its text is the source."""
    if template is None:
        return (), ()
    text = fill(template.text, {**template_fields(context), "answer": "\n"})
    source = Source(
        number=before + 1,
        kind=SourceKind.KNOWLEDGE,
        reference=f"template:{template.name}",
        title=f"Approved answer: {template.name}",
        quote=text,
    )
    return tuple((line.strip(), source.number) for line in text.splitlines() if line.strip()), (source,)


def _suggestions(context: ResponseContext, confidence: float) -> tuple[str, ...]:
    category = context.reading.primary.category
    escalates = category in (IntentCategory.ESCALATION, IntentCategory.COMPLAINT) or confidence < 0.5
    return (ActionType.SEND_RESPONSE.value, *((ActionType.ESCALATE.value,) if escalates else ()))

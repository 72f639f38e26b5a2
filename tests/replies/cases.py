"""Conversations to answer: a small shop's knowledge, its customers, and the questions they ask."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from switchboard.domain.conversation import Conversation, ConversationState
from switchboard.domain.customer import CustomerProfile, Evidence, Identity, Purchase
from switchboard.domain.ids import ConversationId, CustomerId, DocumentId, MessageId
from switchboard.domain.knowledge import KnowledgeDocument, KnowledgeResult
from switchboard.domain.message import (
    Author,
    ChannelType,
    ConversationMessage,
    Direction,
    MessageContent,
    MessageKind,
)
from switchboard.domain.reading import (
    Entity,
    EntityType,
    Intent,
    IntentCategory,
    IntentResult,
    Language,
    Reading,
    SentimentResult,
    sentiment_label,
)
from switchboard.knowledge.cut import cut
from switchboard.knowledge.index import KnowledgeIndex, build_index
from switchboard.replies.context import Brand, ResponseContext

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
HOST = "help.larkfield.example"
BRAND = Brand(
    business_name="Larkfield Coffee",
    link_hosts=frozenset({HOST}),
    published_contacts=frozenset({"help@larkfield.example"}),
)
OTTO = Purchase(
    purchase_id="pur_1",
    product="Otto 2",
    amount=Decimal("249.00"),
    currency="EUR",
    purchased_at=NOW,
    order_number="LC-48213",
    status="shipped",
)


def article(key: str, title: str, content: str, language: str = "en") -> KnowledgeDocument:
    return KnowledgeDocument(
        document_id=DocumentId(key),
        title=title,
        content=content,
        category="help",
        tags=(),
        last_updated=NOW,
        url=f"https://{HOST}/{key}",
        language=language,
    )


ARTICLES = (
    article(
        "returns",
        "Returns and refunds",
        "## How long can I return a machine?\n\nYou can return a machine within 30 days of delivery. The box must be "
        "complete. We refund the price within 5 working days after the machine arrives.\n\n"
        "## Who pays for return postage?\n\nWe pay for return postage inside the European Union.\n",
    ),
    article(
        "descaling",
        "Descaling your machine",
        "## How do I descale the Otto 2?\n\nFill the tank with 500 ml of descaler. Hold the steam button for 10 seconds. "
        "Never use vinegar in the machine.\n",
    ),
    article(
        "delivery",
        "Delivery times",
        "## How long does delivery take?\n\nStandard delivery takes 2 to 4 working days. Express delivery arrives on the "
        "next working day.\n\n## Can I change the delivery address?\n\nYou cannot change the delivery address after the "
        "parcel is dispatched.\n",
    ),
    article(
        "contact",
        "How to reach us",
        "## How can I contact you?\n\nWrite to help@larkfield.example or call +49 30 901820. We never ask for your password.\n",
    ),
)


def index_of(*documents: KnowledgeDocument) -> KnowledgeIndex:
    return build_index([(document, cut(document)) for document in documents])


INDEX = index_of(*ARTICLES)


def reading(
    category: IntentCategory = IntentCategory.INQUIRY,
    topic: str = "general",
    *,
    confidence: float = 0.95,
    score: float = 0.0,
    language: str = "en",
    order: str | None = None,
) -> Reading:
    entities = (
        (Entity(type=EntityType.ORDER_NUMBER, value=order, confidence=0.9, start=0, end=len(order)),) if order else ()
    )
    return Reading(
        intent=IntentResult(primary_intent=Intent(category=category, confidence=confidence, subcategory=topic)),
        sentiment=SentimentResult(score=score, label=sentiment_label(score), confidence=0.9),
        language=Language(code=language, confidence=0.95),
        entities=entities,
    )


def profile(name: str | None = "Mia Chen", *, orders: tuple[Purchase, ...] = (OTTO,)) -> CustomerProfile:
    return CustomerProfile(
        customer_id=CustomerId("cus_1"),
        name=name,
        created_at=NOW,
        email="mia.chen@example.com",
        phone="+4915123456789",
        location="Lindenweg 12, Berlin",
        identities=(
            Identity(
                channel=ChannelType.EMAIL,
                address="mia.chen@example.com",
                verified=True,
                evidence=Evidence.SENDER_CHECKED,
            ),
        ),
        purchase_history=orders,
    )


def said(
    text: str, channel: ChannelType = ChannelType.EMAIL, *, by_us: bool = False, sequence: int = 1
) -> ConversationMessage:
    return ConversationMessage(
        message_id=MessageId(f"msg_{sequence}"),
        conversation_id=ConversationId("cnv_1"),
        customer_id=CustomerId("cus_1"),
        channel=channel,
        account="",
        direction=Direction.OUTBOUND if by_us else Direction.INBOUND,
        author=Author.AGENT if by_us else Author.CUSTOMER,
        kind=MessageKind.TEXT,
        content=MessageContent(text=text),
        timestamp=NOW,
        sequence=sequence,
    )


def context(
    text: str = "How long can I return a machine?",
    *,
    understood: Reading | None = None,
    customer: CustomerProfile | None = None,
    channel: ChannelType = ChannelType.EMAIL,
    verified: bool = True,
    channel_name: str | None = None,
    brand: Brand = BRAND,
    results: tuple[KnowledgeResult, ...] | None = None,
) -> ResponseContext:
    return ResponseContext(
        conversation=Conversation(
            conversation_id=ConversationId("cnv_1"),
            customer_id=CustomerId("cus_1"),
            state=ConversationState(),
            channels=(channel,),
            created_at=NOW,
            last_activity_at=NOW,
        ),
        profile=customer or profile(),
        messages=(said(text, channel),),
        reading=understood or reading(topic="refund_return"),
        channel=channel,
        results=INDEX.search(text) if results is None else results,
        brand=brand,
        verified=verified,
        channel_name=channel_name,
    )

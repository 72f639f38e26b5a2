"""What the API takes and gives, in snake_case JSON."""

from switchboard.api.shapes.base import LONGEST_TEXT, Listing, Shape, Short, Text, clean, listing
from switchboard.api.shapes.conversation import (
    CandidateShape,
    ConversationShape,
    DecisionShape,
    RecommendationShape,
    StateShape,
    TraceShape,
)
from switchboard.api.shapes.customer import CustomerShape, IdentityShape, IssueShape, PurchaseShape
from switchboard.api.shapes.message import (
    AttachmentShape,
    MessageAccepted,
    MessageFate,
    MessageShape,
    NewMessage,
    Sender,
)
from switchboard.api.shapes.reading import (
    Analysis,
    AnalyzeRequest,
    EntityShape,
    FactorShape,
    IntentShape,
    IntentsShape,
    LanguageShape,
    ReadingShape,
    SentimentShape,
    UrgencyShape,
)
from switchboard.api.shapes.work import AgentShape, DocumentShape, ResultShape

__all__ = [
    "LONGEST_TEXT",
    "AgentShape",
    "Analysis",
    "AnalyzeRequest",
    "AttachmentShape",
    "CandidateShape",
    "ConversationShape",
    "CustomerShape",
    "DecisionShape",
    "DocumentShape",
    "EntityShape",
    "FactorShape",
    "IdentityShape",
    "IntentShape",
    "IntentsShape",
    "IssueShape",
    "LanguageShape",
    "Listing",
    "MessageAccepted",
    "MessageFate",
    "MessageShape",
    "NewMessage",
    "PurchaseShape",
    "ReadingShape",
    "RecommendationShape",
    "ResultShape",
    "Sender",
    "SentimentShape",
    "Shape",
    "Short",
    "StateShape",
    "Text",
    "TraceShape",
    "UrgencyShape",
    "clean",
    "listing",
]

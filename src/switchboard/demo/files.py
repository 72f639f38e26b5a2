"""What the demo's content files look like; a file that strays from this is refused with the place and the reason."""

from __future__ import annotations

from datetime import time
from decimal import Decimal
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field, model_validator

from switchboard.domain.agent import AgentStatus
from switchboard.domain.conversation import ConversationStatus, Handler
from switchboard.domain.customer import CustomerValue
from switchboard.domain.message import Author, ChannelType
from switchboard.domain.reading import IntentCategory, Topic


class EntryKind(StrEnum):
    """What can stand in a conversation's story."""

    MESSAGE = "message"
    NOTE = "note"
    ESCALATION = "escalation"
    RESOLUTION = "resolution"
    REOPENING = "reopening"


class Record(BaseModel):
    """Unknown or misspelt fields are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class HoursRecord(Record):
    weekdays: list[int] = Field(min_length=1)
    start: time
    end: time


class AgentRecord(Record):
    key: str
    name: str
    email: str
    skills: list[str]
    languages: list[str]
    performance: float = Field(ge=0, le=1)
    status: AgentStatus
    hours: list[HoursRecord]
    success: dict[Topic, tuple[int, int]] = {}


class StaffRecord(Record):
    key: str
    name: str
    email: str
    role: str


class PeopleFile(Record):
    agents: list[AgentRecord]
    staff: list[StaffRecord]


class ProductRecord(Record):
    key: str
    name: str
    kind: str
    price_eur: Decimal
    price_gbp: Decimal


class ProductsFile(Record):
    products: list[ProductRecord]


class IdentityRecord(Record):
    channel: ChannelType
    address: str
    verified: bool
    display_name: str | None = None


class OrderRecord(Record):
    """``closed_days_ago``: when it was delivered, returned or cancelled; absent while it is under way."""

    number: str = Field(pattern=r"^LC-\d{5}$")
    product: str
    amount: Decimal
    currency: str = Field(pattern=r"^(EUR|GBP)$")
    ordered_days_ago: int
    status: str
    closed_days_ago: int | None = None


class CustomerRecord(Record):
    key: str
    name: str
    town: str | None = None
    country: str | None = None
    value: CustomerValue
    language: str
    since_days_ago: int
    preferred_channel: ChannelType
    identities: list[IdentityRecord] = Field(min_length=1, max_length=4)
    orders: list[OrderRecord] = []


class CustomersFile(Record):
    customers: list[CustomerRecord]


class LabelsRecord(Record):
    intent: IntentCategory
    topic: Topic
    sentiment: float = Field(ge=-1, le=1)


class EntryRecord(Record):
    """``after``: minutes since the entry before."""

    after: int = Field(ge=0)
    kind: EntryKind
    channel: ChannelType | None = None
    author: Author | None = None
    agent: str | None = None
    text: str = ""
    subject: str | None = None
    sources: list[str] = []
    labels: LabelsRecord | None = None
    satisfaction: int | None = Field(default=None, ge=1, le=5)

    @model_validator(mode="after")
    def _message_is_complete(self) -> EntryRecord:
        if self.kind is EntryKind.MESSAGE and not (self.channel and self.author and self.text):
            raise ValueError("a message needs channel, author and text")
        if (self.author is Author.CUSTOMER) != (self.labels is not None):
            raise ValueError("customer messages, and only those, carry labels")
        return self


class HistoryRecord(Record):
    """Starts either ``minutes_ago`` or at the clock time ``at`` (business time zone), ``days_ago`` days back."""

    key: str
    customer: str
    minutes_ago: int | None = None
    days_ago: int | None = None
    at: time | None = None
    language: str
    status: ConversationStatus
    handler: Handler
    agent: str | None = None
    entries: list[EntryRecord] = Field(min_length=1)

    @model_validator(mode="after")
    def _has_one_start(self) -> HistoryRecord:
        by_clock = self.days_ago is not None and self.at is not None
        if by_clock == (self.minutes_ago is not None):
            raise ValueError("give either minutes_ago, or days_ago with at")
        return self


class FollowUpRecord(Record):
    """What the customer writes next, ``wait`` seconds after an answer."""

    text: str
    wait: int = Field(default=20, ge=1)


class LiveRecord(Record):
    """A message for the live stream. ``who``: a customer's key, ``customer`` (any known one on this channel with this
    language) or ``stranger``. ``{order}`` in the text becomes one of the customer's own order numbers."""

    key: str
    channel: ChannelType
    who: str
    name: str | None = None
    language: str = "en"
    text: str
    subject: str | None = None
    labels: LabelsRecord
    follow_ups: list[FollowUpRecord] = []


class PatternRecord(Record):
    name: str
    intents: list[IntentCategory] = []
    topics: list[Topic] = []
    channels: list[ChannelType] = []
    languages: list[str] = ["en"]


class BrandFile(Record):
    name: str
    sign_off: str
    site: str
    time_zone: str
    allowed_hosts: list[str]
    vip_skill: str
    greetings: dict[str, str]
    hours: list[HoursRecord]
    accounts: dict[ChannelType, str]
    skills: dict[Topic, str]
    automation: list[PatternRecord]


class DocumentHead(Record):
    """The front matter of a knowledge document."""

    title: str
    category: str
    tags: str
    language: str
    url: str
    updated_days_ago: int

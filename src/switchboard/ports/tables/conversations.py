"""What is kept of customers, their conversations, messages, calls and files."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from switchboard.domain.call import Call
from switchboard.domain.conversation import Conversation, SentimentPoint
from switchboard.domain.customer import CustomerProfile, Identity, Purchase
from switchboard.domain.ids import AgentId, ConversationId, CustomerId, MessageId
from switchboard.domain.inbound import SenderAddress
from switchboard.domain.message import (
    Attachment,
    ChannelType,
    ConversationMessage,
    DeliveryState,
    Direction,
    MessageContent,
)
from switchboard.domain.reading import Reading
from switchboard.domain.urgency import UrgencyScore
from switchboard.ports.records import LockedFile, MergeRecord, Page, PastReading, UploadRecord, View
from switchboard.ports.tables.rows import Rows


class Customers(Protocol):
    def get(self, customer_id: CustomerId) -> CustomerProfile | None:
        """The whole profile (identities, purchases, issues), also of a merged one; None if unknown. Erased: names None."""
        ...

    def brief(self, customer_id: CustomerId) -> CustomerProfile | None:
        """Without purchases and issues: what the hot path needs."""
        ...

    def standing(self, customer_id: CustomerId) -> CustomerProfile | None:
        """Only the customer's own row, without identities, purchases and issues: what routing looks at."""
        ...

    def current(self, customer_id: CustomerId) -> CustomerId:
        """Follows merges to the customer who counts now."""
        ...

    def owners(self, addresses: Sequence[SenderAddress]) -> dict[tuple[ChannelType, str, str], CustomerId]:
        """(channel, account, address) as given -> current customer, for those known. Phone channels also match each other."""
        ...

    def add(self, profile: CustomerProfile) -> None: ...

    def save(self, profile: CustomerProfile) -> None:
        """Everything but identities and purchases. Issues are added or replaced by id, never removed."""
        ...

    def add_identity(self, customer_id: CustomerId, identity: Identity) -> None:
        """Raises ``Conflict`` if the address belongs to another customer; upgrades evidence if it is this one's."""
        ...

    def remove_identity(self, customer_id: CustomerId, channel: ChannelType, account: str, address: str) -> None: ...

    def add_purchase(self, customer_id: CustomerId, purchase: Purchase) -> None:
        """Insert or replace by ``purchase_id``."""
        ...

    def merge(self, record: MergeRecord) -> MergeRecord:
        """Moves identities, purchases and conversations of ``merged`` to ``kept``; returns the record with what moved.
        The texts stay sealed under the key they were written with. Raises ``Conflict`` if one of them is merged or erased
        already, or if both have an open conversation (resolve one of them first)."""
        ...

    def unmerge(self, merge_id: str, at: datetime) -> MergeRecord: ...

    def merges(self, customer_id: CustomerId) -> tuple[MergeRecord, ...]: ...

    def page(self, page: Page, query: str | None = None) -> Rows[CustomerProfile]:
        """Newest first; ``query`` is an exact address, phone, order number or words of a name (by keyed look-up)."""
        ...

    def knows_address(self, normalised: str) -> CustomerId | None:
        """Whose e-mail, phone or handle is this? For the check that a reply names nobody else's data."""
        ...

    def erase(self, customer_id: CustomerId, at: datetime) -> Mapping[str, int]:
        """Destroys the data key(s), identities, purchases, drafts, search terms and payloads; keeps counts without
        identity and anonymised texts handed in by the flow beforehand. Returns what was removed (table -> rows)."""
        ...


class Conversations(Protocol):
    def get(self, conversation_id: ConversationId) -> Conversation | None: ...

    def open_for(self, customer_id: CustomerId) -> Conversation | None: ...

    def latest_for(self, customer_id: CustomerId) -> Conversation | None: ...

    def of_customer(self, customer_id: CustomerId) -> tuple[Conversation, ...]:
        """All of the customer's conversations, oldest first."""
        ...

    def add(self, conversation: Conversation) -> None:
        """Raises ``Conflict`` when the customer already has an open one (unique constraint)."""
        ...

    def save(self, conversation: Conversation) -> Conversation:
        """Compare and set on ``version``; returns it with the next version. Raises ``Conflict``."""
        ...

    def page(
        self, view: View, page: Page, *, agent_id: AgentId | None = None, customer_id: CustomerId | None = None
    ) -> Rows[Conversation]:
        """By priority (queue, mine, automation, open), by last activity (waiting, resolved, all), highest or newest first."""
        ...

    def counts(self, agent_id: AgentId | None = None) -> Mapping[View, int]: ...

    def inactive(self, before: datetime, limit: int) -> tuple[Conversation, ...]:
        """Open or resolved conversations whose last activity was before the given time, oldest first."""
        ...

    def due_for_retention(
        self, before: datetime, limit: int, *, readable_only: bool = False
    ) -> tuple[Conversation, ...]:
        """Archived ones without activity since, oldest first. ``readable_only``: those not anonymised yet."""
        ...

    def anonymise(self, conversation_id: ConversationId) -> None:
        """Takes the words away (texts, readings, drafts, reasons); only what ``Messages.anonymise`` set aside stays."""
        ...

    def delete(self, conversation_id: ConversationId) -> None:
        """With its messages, drafts, decisions and search terms; events stay (they hold no text)."""
        ...


class Messages(Protocol):
    def find_external(self, channel: ChannelType, account: str, external_id: str) -> ConversationMessage | None:
        """By the provider's id: the key of deduplication (inbound) and the target of statuses (outbound)."""
        ...

    def find_by_thread_keys(self, channel: ChannelType, keys: Sequence[str]) -> ConversationId | None:
        """The conversation in which one of these external ids (strongest first) occurs."""
        ...

    def add(self, message: ConversationMessage, thread_keys: Sequence[str] = ()) -> None:
        """Seals, stores and makes it searchable. Raises ``Conflict`` if (channel, account, external_id) exists."""
        ...

    def get(self, message_id: MessageId) -> ConversationMessage | None: ...

    def of_conversation(
        self, conversation_id: ConversationId, *, after: int = 0, before: int | None = None, limit: int = 50
    ) -> tuple[ConversationMessage, ...]:
        """In order of sequence. With ``before``: the newest ``limit`` ones below it."""
        ...

    def newest(
        self, conversation_id: ConversationId, limit: int = 50, *, readings: bool = True
    ) -> tuple[ConversationMessage, ...]:
        """The last ``limit`` messages, in order of sequence; with ``readings`` False what was read of them stays sealed."""
        ...

    def of_customer(
        self, customer_id: CustomerId, *, before: datetime | None = None, limit: int = 50
    ) -> tuple[ConversationMessage, ...]:
        """The unified timeline over all conversations, oldest first; the newest ``limit`` before the given time."""
        ...

    def save_reading(
        self,
        message_id: MessageId,
        reading: Reading,
        urgency: UrgencyScore | None,
        *,
        customer_id: CustomerId | None = None,
    ) -> None:
        """``customer_id``: the message's own, where it is at hand."""
        ...

    def set_processing_dead(self, message_id: MessageId) -> None: ...

    def set_delivery(
        self, message_id: MessageId, state: DeliveryState, *, error: str | None = None, external_ids: Sequence[str] = ()
    ) -> None: ...

    def mark_sending(self, message_id: MessageId, token: str) -> bool:
        """Notes durably that a provider call is about to start. False if another token stands there already: the earlier
        try died between the provider's acceptance and our commit."""
        ...

    def clear_sending(self, message_id: MessageId) -> None:
        """The provider surely did not take it; a later try may send."""
        ...

    def replace_content(
        self,
        message_id: MessageId,
        content: MessageContent,
        at: datetime,
        *,
        withdrawn: bool = False,
        noted: Mapping[str, str] | None = None,
    ) -> None:
        """An edit or withdrawal; the old text stays in the sealed history. ``noted`` joins the metadata."""
        ...

    def versions(self, message_id: MessageId) -> tuple[tuple[datetime, MessageContent], ...]:
        """What it said before it was edited or withdrawn: (until when, what), oldest first."""
        ...

    def set_attachments(self, message_id: MessageId, attachments: Sequence[Attachment]) -> None:
        """What became of the files (stored, refused ...). Words and history stay; nothing happens if it was erased."""
        ...

    def add_reaction(self, message_id: MessageId, who: str, emoji: str | None) -> None: ...

    def last_at(self, channel: ChannelType, direction: Direction) -> datetime | None:
        """When the channel last carried a message this way; outgoing ones count once the provider took them."""
        ...

    def sentiment_points(self, conversation_id: ConversationId) -> tuple[SentimentPoint, ...]:
        """Every scored customer message in order (Property 9)."""
        ...

    def past_readings(self, customer_id: CustomerId, since: datetime, limit: int = 50) -> tuple[PastReading, ...]: ...

    def search(self, words: Sequence[str], page: Page) -> Rows[ConversationMessage]:
        """Messages that contain every word (by keyed tokens), newest first."""
        ...

    def anonymise(self, message_id: MessageId, text: str) -> None:
        """What stays of the text for analytics once the customer is erased; the caller took everything personal out."""
        ...


class Calls(Protocol):
    """Telephone calls. Callers who were erased are unknown again."""

    def get(self, call_id: str) -> Call | None: ...

    def save(self, call: Call) -> Call:
        """Insert, or compare and set on ``version``; returns it with the next version. Raises ``Conflict``."""
        ...

    def of_conversation(self, conversation_id: ConversationId) -> tuple[Call, ...]:
        """Oldest first."""
        ...

    def live_of(self, conversation_id: ConversationId) -> Call | None:
        """The call that goes on now."""
        ...

    def silent(self, before: datetime, limit: int = 100) -> tuple[Call, ...]:
        """Calls that seem to go on, but of which nothing was heard since."""
        ...

    def purge(self, before: datetime) -> int:
        """Calls in which nobody said anything."""
        ...


class Uploads(Protocol):
    """Files handed in for a reply that is not sent yet."""

    def add(self, record: UploadRecord) -> None: ...

    def take(self, upload_id: str, conversation_id: ConversationId) -> UploadRecord | None:
        """Removes and returns it; None if it is unknown, of another conversation or taken before."""
        ...

    def purge(self, before: datetime, limit: int) -> tuple[str, ...]:
        """Forgets those handed in earlier; returns their blob ids."""
        ...


class Files(Protocol):
    """Which stored files are needed. Rows come and go with the messages and uploads that name them."""

    def lock(self, file: LockedFile, customer_id: CustomerId | None) -> None:
        """Takes over a file that lies sealed on the disk already: its key is kept under the customer's, or under the
        one of what belongs to nobody. Raises ``Erased``."""
        ...

    def doom(self, blob_ids: Sequence[str]) -> None:
        """Marks files that nobody needs and forgets their keys; erasing, anonymising and deleting conversations does so
        by itself."""
        ...

    def doomed(self, limit: int) -> tuple[str, ...]:
        """Ids of files that are to be deleted."""
        ...

    def forget(self, blob_ids: Sequence[str]) -> None:
        """The files are gone."""
        ...

    def known(self, fingerprints: Collection[str]) -> frozenset[str]:
        """Those of the fingerprints (SHA-256 of the id) that belong to a file with a row, doomed or not."""
        ...

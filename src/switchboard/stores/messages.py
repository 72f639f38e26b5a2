"""Messages: sealed text in order of acceptance, found again by provider id, thread and word."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from switchboard.domain.conversation import SentimentPoint
from switchboard.domain.ids import AgentId, ConversationId, CustomerId, MessageId
from switchboard.domain.message import (
    Attachment,
    Author,
    ChannelType,
    ConversationMessage,
    DeliveryState,
    Direction,
    MessageContent,
    MessageKind,
    ProcessingState,
)
from switchboard.domain.reading import Reading
from switchboard.domain.urgency import UrgencyScore
from switchboard.errors import Conflict, NotFound
from switchboard.ports.records import Page, PastReading
from switchboard.ports.tables.rows import Rows
from switchboard.stores import message_statements as statements
from switchboard.stores.codec import decode, maybe_micros, maybe_moment, micros, moment, pack, unpack
from switchboard.stores.database import Row, Statement
from switchboard.stores.files import note_files
from switchboard.stores.message_index import MessageIndex, searchable
from switchboard.stores.message_versions import versions_of
from switchboard.stores.session import Session, cursor_of, number_cursor, page_limit
from switchboard.trust.blind_index import search_tokens

ERASED_TEXT = "[erased]"


class SqlMessages:
    """Fulfils ``ports.store.Messages``."""

    def __init__(self, session: Session) -> None:
        self._db = session
        self._index = MessageIndex(session)

    def find_external(self, channel: ChannelType, account: str, external_id: str) -> ConversationMessage | None:
        row = self._db.one(statements.BY_EXTERNAL, key=self._db.index.external(channel, account, external_id))
        return None if row is None else self._message(row)

    def find_by_thread_keys(self, channel: ChannelType, keys: Sequence[str]) -> ConversationId | None:
        found = self._index.conversation_of(channel, keys)
        return None if found is None else ConversationId(found)

    def add(self, message: ConversationMessage, thread_keys: Sequence[str] = ()) -> None:
        given = message.external_id
        if given is not None and not self._index.claim_external(
            message.channel, message.account, given, message.message_id
        ):
            raise Conflict("this message of the provider is stored already")
        seq = self._db.number(statements.INSERT, **self._row(message))
        note_files(self._db, message.conversation_id, message.customer_id, message.content.attachments)
        keys = [*thread_keys, *([given] if given is not None else [])]
        self._index.add_threads(message.channel, message.conversation_id, keys)
        if "notice" not in message.metadata:  # nobody searches for "you are being connected"
            self._index.add_words(seq, searchable(message.content))

    def get(self, message_id: MessageId) -> ConversationMessage | None:
        row = self._db.one(statements.GET, id=message_id)
        return None if row is None else self._message(row)

    def of_conversation(
        self, conversation_id: ConversationId, *, after: int = 0, before: int | None = None, limit: int = 50
    ) -> tuple[ConversationMessage, ...]:
        if before is None:
            return self._messages(self._db.all(statements.FORWARD, id=conversation_id, after=after, limit=limit))
        rows = self._db.all(statements.BACKWARD, id=conversation_id, after=after, before=before, limit=limit)
        return self._messages(rows[::-1])

    def newest(
        self, conversation_id: ConversationId, limit: int = 50, *, readings: bool = True
    ) -> tuple[ConversationMessage, ...]:
        rows = self._db.all(statements.BACKWARD, id=conversation_id, after=0, before=2**31 - 1, limit=limit)
        return self._messages(rows[::-1], readings=readings)

    def of_customer(
        self, customer_id: CustomerId, *, before: datetime | None = None, limit: int = 50
    ) -> tuple[ConversationMessage, ...]:
        end = 2**62 if before is None else micros(before)
        return self._messages(self._db.all(statements.OF_CUSTOMER, id=customer_id, before=end, limit=limit)[::-1])

    def save_reading(
        self,
        message_id: MessageId,
        reading: Reading,
        urgency: UrgencyScore | None,
        *,
        customer_id: CustomerId | None = None,
    ) -> None:
        owner = customer_id or self._owner(message_id).customer_id
        self._db.run(
            statements.READ,
            id=message_id,
            intent=reading.primary.category,
            topic=reading.primary.subcategory,
            sentiment=reading.sentiment.score,
            language=reading.language.code,
            score=urgency.score if urgency else None,
            priority=urgency.priority if urgency else None,
            **self._sealed_reading(owner, message_id, reading),
        )

    def set_processing_dead(self, message_id: MessageId) -> None:
        self._db.run(statements.DEAD, id=message_id)

    def set_delivery(
        self, message_id: MessageId, state: DeliveryState, *, error: str | None = None, external_ids: Sequence[str] = ()
    ) -> None:
        owner = self._owner(message_id)
        sealed = self._seal(owner.customer_id, message_id, "error", {"error": error}) if error else None
        self._db.run(statements.DELIVERY, id=message_id, state=state, error=sealed)
        for external_id in external_ids:
            self._index.claim_external(owner.channel, owner.account, external_id, message_id)
        self._index.add_threads(owner.channel, owner.conversation_id, external_ids)

    def mark_sending(self, message_id: MessageId, token: str) -> bool:
        if self._db.run(statements.MARK, id=message_id, token=token):
            return True
        row = self._db.one(statements.TOKEN, id=message_id)
        return row is not None and row.sending_token == token

    def clear_sending(self, message_id: MessageId) -> None:
        self._db.run(statements.CLEAR, id=message_id)

    def replace_content(
        self,
        message_id: MessageId,
        content: MessageContent,
        at: datetime,
        *,
        withdrawn: bool = False,
        noted: Mapping[str, str] | None = None,
    ) -> None:
        row = self._db.one(statements.GET, id=message_id)
        document = None if row is None else self._document(row)
        if row is None or document is None:
            raise NotFound("the message is unknown or erased")
        past = self._db.sealer.open_or_none(_place(message_id, "history"), row.sealed_history) or {"versions": []}
        past["versions"].append({"until": at, "content": document["content"]})
        self._index.drop_words(row.seq, searchable(decode(MessageContent, document["content"])))
        document["content"] = content
        document["metadata"] = {**document["metadata"], **(noted or {})}
        self._db.run(
            statements.CONTENT,
            id=message_id,
            sealed=self._seal(row.customer_id, message_id, "content", document),
            history=self._seal(row.customer_id, message_id, "history", past),
            withdrawn=int(withdrawn),
        )
        self._index.add_words(row.seq, searchable(content))

    def versions(self, message_id: MessageId) -> tuple[tuple[datetime, MessageContent], ...]:
        return versions_of(self._db, message_id)

    def set_attachments(self, message_id: MessageId, attachments: Sequence[Attachment]) -> None:
        row = self._db.one(statements.GET, id=message_id)
        document = None if row is None else self._document(row)
        if row is None or document is None:
            return
        content = decode(MessageContent, document["content"])
        document["content"] = replace(content, attachments=tuple(attachments))
        note_files(self._db, row.conversation_id, row.customer_id, attachments)
        self._db.run(
            statements.RESEAL, id=message_id, sealed=self._seal(row.customer_id, message_id, "content", document)
        )

    def add_reaction(self, message_id: MessageId, who: str, emoji: str | None) -> None:
        """Kept in the metadata as ``reaction:<who>``; None takes it back."""
        row = self._db.one(statements.GET, id=message_id)
        document = None if row is None else self._document(row)
        if row is None or document is None:
            return
        metadata = {key: value for key, value in document["metadata"].items() if key != f"reaction:{who}"}
        document["metadata"] = metadata | ({f"reaction:{who}": emoji} if emoji else {})
        self._db.run(
            statements.RESEAL, id=message_id, sealed=self._seal(row.customer_id, message_id, "content", document)
        )

    def last_at(self, channel: ChannelType, direction: Direction) -> datetime | None:
        row = self._db.one(statements.LAST, channel=channel, direction=direction)
        return None if row is None else moment(row.at)

    def sentiment_points(self, conversation_id: ConversationId) -> tuple[SentimentPoint, ...]:
        rows = self._db.all(statements.POINTS, id=conversation_id)
        return tuple(SentimentPoint(timestamp=moment(r.at), score=r.sentiment, message_id=r.message_id) for r in rows)

    def past_readings(self, customer_id: CustomerId, since: datetime, limit: int = 50) -> tuple[PastReading, ...]:
        rows = self._db.all(statements.PAST, id=customer_id, since=micros(since), limit=limit)
        self._db.sealer.preload(row.sealed_embedding for row in rows)
        return tuple(
            PastReading(
                message_id=MessageId(row.message_id),
                conversation_id=ConversationId(row.conversation_id),
                at=moment(row.at),
                intent=row.intent,
                topic=row.topic or "",
                embedding=self._embedding(row),
            )
            for row in rows
        )

    def search(self, words: Sequence[str], page: Page) -> Rows[ConversationMessage]:
        tokens = search_tokens(*words)[: statements.MOST_WORDS]
        if not tokens:
            return Rows(items=())
        limit, before = page_limit(page), number_cursor(page)
        terms = {f"term{n}": self._db.index.term("message", token) for n, token in enumerate(tokens)}
        bound = 2**62 if before is None else before
        rows = self._db.all(statements.search(len(tokens)), before=bound, limit=limit + 1, **terms)
        following = cursor_of(rows[limit - 1].seq) if len(rows) > limit else None
        return Rows(items=self._messages(rows[:limit]), next_cursor=following)

    def anonymise(self, message_id: MessageId, text: str) -> None:
        """What stays of the text for analytics after the customer is erased; the caller took everything personal out."""
        self._db.run(statements.ANONYMISE, id=message_id, text=text)

    # --- rows and values

    def _row(self, message: ConversationMessage) -> Mapping[str, object]:
        message_id, customer_id, reading = message.message_id, message.customer_id, message.reading
        document = {"content": message.content, "metadata": message.metadata, "external_id": message.external_id}
        error = message.delivery_error
        sealed_reading = self._sealed_reading(customer_id, message_id, reading) if reading else {}
        return {
            "message_id": message_id,
            "conversation_id": message.conversation_id,
            "customer_id": customer_id,
            "channel": message.channel,
            "account": message.account,
            "direction": message.direction,
            "author": message.author,
            "kind": message.kind,
            "at": micros(message.timestamp),
            "sequence": message.sequence,
            "sent_at": maybe_micros(message.sent_at),
            "processing": message.processing,
            "delivery": message.delivery,
            "agent_id": message.agent_id,
            "reply_to": message.reply_to,
            "verified": int(message.verified),
            "withdrawn": int(message.withdrawn),
            "automatic": int(message.automatic),
            "intent": reading.primary.category if reading else None,
            "topic": reading.primary.subcategory if reading else None,
            "sentiment": reading.sentiment.score if reading else None,
            "language": reading.language.code if reading else None,
            "sealed": self._seal(customer_id, message_id, "content", document),
            "sealed_reading": sealed_reading.get("reading"),
            "sealed_embedding": sealed_reading.get("embedding"),
            "sealed_error": self._seal(customer_id, message_id, "error", {"error": error}) if error else None,
        }

    def _messages(self, rows: Sequence[Row], *, readings: bool = True) -> tuple[ConversationMessage, ...]:
        self._db.sealer.preload(row.sealed for row in rows)
        return tuple(self._message(row, readings=readings) for row in rows)

    def _message(self, row: Row, *, readings: bool = True) -> ConversationMessage:
        document = self._document(row) or {"content": {"text": row.anonymised_text or ERASED_TEXT}}
        sealer, message_id = self._db.sealer, row.message_id
        error = sealer.open_or_none(_place(message_id, "error"), row.sealed_error)
        return ConversationMessage(
            message_id=MessageId(message_id),
            conversation_id=ConversationId(row.conversation_id),
            customer_id=CustomerId(row.customer_id),
            channel=ChannelType(row.channel),
            account=row.account,
            direction=Direction(row.direction),
            author=Author(row.author),
            kind=MessageKind(row.kind),
            content=decode(MessageContent, document["content"]),
            timestamp=moment(row.at),
            sequence=row.sequence,
            sent_at=maybe_moment(row.sent_at),
            reading=self._reading(row) if readings else None,
            processing=ProcessingState(row.processing) if row.processing else None,
            delivery=DeliveryState(row.delivery) if row.delivery else None,
            delivery_error=error["error"] if error else None,
            agent_id=AgentId(row.agent_id) if row.agent_id else None,
            reply_to=MessageId(row.reply_to) if row.reply_to else None,
            external_id=document.get("external_id"),
            verified=bool(row.verified),
            withdrawn=bool(row.withdrawn),
            automatic=bool(row.automatic),
            metadata=document.get("metadata") or {},
        )

    def _document(self, row: Row) -> dict[str, Any] | None:
        return self._db.sealer.open_or_none(_place(row.message_id, "content"), row.sealed)

    def _reading(self, row: Row) -> Reading | None:
        document = self._db.sealer.open_or_none(_place(row.message_id, "reading"), row.sealed_reading)
        return None if document is None else replace(decode(Reading, document), embedding=self._embedding(row))

    def _embedding(self, row: Row) -> tuple[float, ...]:
        packed = self._db.sealer.bytes_or_none(_place(row.message_id, "embedding"), row.sealed_embedding)
        return unpack(packed) if packed else ()

    def _sealed_reading(self, customer_id: str, message_id: str, reading: Reading) -> dict[str, bytes | None]:
        packed = pack(reading.embedding) if len(reading.embedding) else None
        place = _place(message_id, "embedding")
        return {
            "reading": self._seal(customer_id, message_id, "reading", replace(reading, embedding=())),
            "embedding": self._db.sealer.seal_bytes(customer_id, place, packed) if packed else None,
        }

    def _seal(self, customer_id: str, message_id: str, column: str, value: object) -> bytes:
        return self._db.sealer.seal(customer_id, _place(message_id, column), value)

    def _owner(self, message_id: MessageId) -> Row:
        row = self._db.one(statements.OWNER, id=message_id)
        if row is None:
            raise NotFound("no such message")
        return row

    def forget_terms(self, statement: Statement, **parameters: object) -> None:
        """Takes every message that the statement selects (``SELECT m.* ...``) out of the word index."""
        for row in self._db.all(statement, **parameters):
            document = self._document(row)
            if document is not None:
                self._index.drop_words(row.seq, searchable(decode(MessageContent, document["content"])))


def _place(message_id: str, column: str) -> str:
    return f"messages|{message_id}|{column}"

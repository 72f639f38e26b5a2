"""The statements over the table of messages: one place for what is asked of it."""

from __future__ import annotations

from functools import lru_cache

from switchboard.stores.database import Statement, insert, sql

MOST_WORDS = 8
"""Words of a search that count."""

_PLAIN = [
    "message_id",
    "conversation_id",
    "customer_id",
    "channel",
    "account",
    "direction",
    "author",
    "kind",
    "at",
    "sequence",
    "sent_at",
    "processing",
    "delivery",
    "agent_id",
    "reply_to",
    "verified",
    "withdrawn",
    "automatic",
    "intent",
    "topic",
    "sentiment",
    "language",
]
_SEALED = ["sealed", "sealed_reading", "sealed_embedding", "sealed_history", "sealed_error"]
_COLUMNS = ", ".join(f"m.{name}" for name in ["seq", *_PLAIN, "anonymised_text", *_SEALED])
_SELECT = f"SELECT {_COLUMNS} FROM messages m"

INSERT = insert("messages", [*_PLAIN, *_SEALED[:3], "sealed_error"], returning="seq")
GET = sql(f"{_SELECT} WHERE m.message_id = :id")
BY_EXTERNAL = sql(f"{_SELECT} JOIN external_ids x ON x.message_id = m.message_id WHERE x.external_key = :key")
FORWARD = sql(f"{_SELECT} WHERE m.conversation_id = :id AND m.sequence > :after ORDER BY m.sequence LIMIT :limit")
BACKWARD = sql(
    f"{_SELECT} WHERE m.conversation_id = :id AND m.sequence > :after AND m.sequence < :before "
    "ORDER BY m.sequence DESC LIMIT :limit"
)
OF_CUSTOMER = sql(f"{_SELECT} WHERE m.customer_id = :id AND m.at < :before ORDER BY m.at DESC, m.seq DESC LIMIT :limit")
READ = sql(
    "UPDATE messages SET processing = 'understood', intent = :intent, topic = :topic, sentiment = :sentiment, "
    "language = :language, urgency_score = :score, priority = :priority, sealed_reading = :reading, "
    "sealed_embedding = :embedding WHERE message_id = :id"
)
OWNER = sql("SELECT seq, customer_id, conversation_id, channel, account FROM messages WHERE message_id = :id")
DEAD = sql("UPDATE messages SET processing = 'dead' WHERE message_id = :id")
DELIVERY = sql("UPDATE messages SET delivery = :state, sealed_error = :error WHERE message_id = :id")
MARK = sql("UPDATE messages SET sending_token = :token WHERE message_id = :id AND sending_token IS NULL")
TOKEN = sql("SELECT sending_token FROM messages WHERE message_id = :id")
CLEAR = sql("UPDATE messages SET sending_token = NULL WHERE message_id = :id")
CONTENT = sql(
    "UPDATE messages SET sealed = :sealed, sealed_history = :history, withdrawn = :withdrawn WHERE message_id = :id"
)
RESEAL = sql("UPDATE messages SET sealed = :sealed WHERE message_id = :id")
LAST = sql(
    "SELECT at FROM messages WHERE channel = :channel AND direction = :direction AND kind <> 'note' "
    "AND (delivery IS NULL OR delivery IN ('sent', 'delivered', 'read')) ORDER BY seq DESC LIMIT 1"
)
POINTS = sql(
    "SELECT at, sentiment, message_id FROM messages WHERE conversation_id = :id AND sentiment IS NOT NULL "
    "AND direction = 'inbound' ORDER BY sequence"
)
PAST = sql(
    "SELECT message_id, conversation_id, at, intent, topic, sealed_embedding FROM messages WHERE customer_id = :id "
    "AND at >= :since AND direction = 'inbound' AND intent IS NOT NULL ORDER BY at DESC, seq DESC LIMIT :limit"
)
ANONYMISE = sql("UPDATE messages SET anonymised_text = :text WHERE message_id = :id")


@lru_cache(maxsize=MOST_WORDS)
def search(words: int) -> Statement:
    joins = "".join(
        f" JOIN search_terms t{n} ON t{n}.message_seq = t0.message_seq AND t{n}.term = :term{n}"
        for n in range(1, words)
    )
    return sql(
        f"SELECT {_COLUMNS} FROM search_terms t0{joins} JOIN messages m ON m.seq = t0.message_seq "
        "WHERE t0.term = :term0 AND t0.message_seq < :before ORDER BY t0.message_seq DESC LIMIT :limit"
    )

"""Finds messages again without storing what finds them: provider ids, thread keys and words as keyed fingerprints."""

from __future__ import annotations

from collections.abc import Sequence

from switchboard.domain.message import MessageContent
from switchboard.stores.database import insert, sql
from switchboard.stores.session import Session
from switchboard.trust.blind_index import search_tokens

MOST_KEYS = 100
"""More thread keys than that in one mail are a loop or an attack."""

_CLAIM_EXTERNAL = insert("external_ids", ["external_key", "message_id"], or_ignore=["external_key"])
_ADD_THREAD = insert("thread_keys", ["thread_key", "conversation_id"], or_ignore=["thread_key", "conversation_id"])
_ADD_TERM = insert("search_terms", ["term", "message_seq"], or_ignore=["term", "message_seq"])
_DROP_TERM = sql("DELETE FROM search_terms WHERE term = :term AND message_seq = :message_seq")
_THREADS = sql("SELECT thread_key, conversation_id FROM thread_keys WHERE thread_key IN :keys", "keys")


def searchable(content: MessageContent) -> list[str]:
    """The words that find a message."""
    return search_tokens(content.subject, content.words)


class MessageIndex:
    """The look-up tables beside the messages."""

    def __init__(self, session: Session) -> None:
        self._db = session

    def claim_external(self, channel: str, account: str, external_id: str, message_id: str) -> bool:
        """False if a message with this id of the provider is known already."""
        key = self._db.index.external(channel, account, external_id)
        return bool(self._db.run(_CLAIM_EXTERNAL, external_key=key, message_id=message_id))

    def conversation_of(self, channel: str, keys: Sequence[str]) -> str | None:
        hashed = [self._thread_key(channel, key) for key in keys[:MOST_KEYS]]
        if not hashed:
            return None
        found = {row.thread_key: row.conversation_id for row in self._db.all(_THREADS, keys=hashed)}
        return next((found[key] for key in hashed if key in found), None)

    def add_threads(self, channel: str, conversation_id: str, keys: Sequence[str]) -> None:
        hashed = dict.fromkeys(self._thread_key(channel, key) for key in keys[:MOST_KEYS])
        self._db.many(_ADD_THREAD, [{"thread_key": key, "conversation_id": conversation_id} for key in hashed])

    def add_words(self, seq: int, words: Sequence[str]) -> None:
        self._db.many(_ADD_TERM, self._terms(seq, words))

    def drop_words(self, seq: int, words: Sequence[str]) -> None:
        self._db.many(_DROP_TERM, self._terms(seq, words))

    def _thread_key(self, channel: str, key: str) -> str:
        return self._db.index.opaque(f"thread:{channel}", key)

    def _terms(self, seq: int, words: Sequence[str]) -> list[dict[str, int]]:
        # In the order of the table's key, so that the pages touched lie side by side.
        return [{"term": t, "message_seq": seq} for t in sorted({self._db.index.term("message", w) for w in words})]

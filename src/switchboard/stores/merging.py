"""Making two customers one, and taking it back."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import datetime

from switchboard.domain.ids import ConversationId, CustomerId
from switchboard.errors import Conflict, NotFound
from switchboard.ports.records import MergeRecord
from switchboard.stores.codec import loads, maybe_moment, micros, moment, text_dumps
from switchboard.stores.database import Row, insert, sql
from switchboard.stores.session import Session

_ADD = insert("merges", ["merge_id", "kept", "merged", "at", "document", "sealed"])
_GET = sql("SELECT merge_id, kept, merged, at, undone_at, document, sealed FROM merges WHERE merge_id = :id")
_OF = sql(
    "SELECT merge_id, kept, merged, at, undone_at, document, sealed FROM merges "
    "WHERE kept = :id OR merged = :id ORDER BY at, merge_id"
)
_UNDONE = sql("UPDATE merges SET undone_at = :at WHERE merge_id = :id AND undone_at IS NULL")
_POINT = sql("UPDATE customers SET merged_into = :into WHERE customer_id = :id AND merged_into IS NULL")
_UNPOINT = sql("UPDATE customers SET merged_into = NULL WHERE customer_id = :id AND merged_into = :into")
_STATE = sql("SELECT merged_into, erased_at FROM customers WHERE customer_id = :id")
_OPEN = sql("SELECT count(*) FROM conversations WHERE is_open = 1 AND customer_id IN :ids", "ids")
_TERMS = "SELECT term, source FROM customer_terms WHERE customer_id = :id"

# What moves: table, its key, and where a row's address is also claimed.
_MOVED = {"identities": "identity_id", "address_owners": "address_key", "purchases": "purchase_key"}
_LIST = {
    table: sql(f"SELECT {key} FROM {table} WHERE customer_id = :id ORDER BY {key}") for table, key in _MOVED.items()
}
_MOVE = {
    table: sql(f"UPDATE {table} SET customer_id = :into WHERE {key} IN :keys AND customer_id = :owner", "keys")
    for table, key in _MOVED.items()
}
_CONVERSATIONS = sql("SELECT conversation_id FROM conversations WHERE customer_id = :id ORDER BY conversation_id")
_WITH_CONVERSATION = tuple(
    sql(f"UPDATE {table} SET customer_id = :into WHERE conversation_id IN :keys AND customer_id = :owner", "keys")
    for table in ("conversations", "messages", "issues", "decisions", "drafts", "offers", "queue")
)
_TERMS_OF = sql(_TERMS)
_ADD_TERM = insert("customer_terms", ["term", "customer_id", "source"], or_ignore=["term", "customer_id", "source"])
_DROP_TERM = sql("DELETE FROM customer_terms WHERE term = :term AND customer_id = :customer_id AND source = :source")


def merge(db: Session, record: MergeRecord) -> MergeRecord:
    """Raises ``Conflict`` if one of them is merged, erased or the same, or if both have an open conversation."""
    _check(db, record)
    moved = {table: [row[0] for row in db.all(statement, id=record.merged)] for table, statement in _LIST.items()}
    conversations = [row.conversation_id for row in db.all(_CONVERSATIONS, id=record.merged)]
    for table, keys in moved.items():
        _move_rows(db, table, keys, record.merged, record.kept)
    _move_conversations(db, conversations, record.merged, record.kept)
    terms = _copy_terms(db, record)
    if not db.run(_POINT, id=record.merged, into=record.kept):
        raise Conflict("the customer was merged meanwhile")
    done = replace(
        record,
        moved_identities=tuple(moved["identities"]),
        moved_conversations=tuple(ConversationId(each) for each in conversations),
    )
    document = asdict(done) | {"addresses": moved["address_owners"], "purchases": moved["purchases"], "terms": terms}
    values = {"merge_id": done.merge_id, "kept": done.kept, "merged": done.merged, "at": micros(done.at)}
    # Why they are one person may name an address: that is sealed, the ids that moved are not.
    words = {"evidence": document.pop("evidence")}
    db.run(
        _ADD, document=text_dumps(document), sealed=db.sealer.seal(done.kept, _place(done.merge_id), words), **values
    )
    return done


def unmerge(db: Session, merge_id: str, at: datetime) -> MergeRecord:
    """Moves back what the merge moved. Raises ``NotFound``; ``Conflict`` if it was undone, or both have an open one."""
    row = db.one(_GET, id=merge_id)
    if row is None:
        raise NotFound("no such merge")
    record, document = _record(db, row), loads(row.document)
    if record.undone_at is not None or not db.run(_UNPOINT, id=record.merged, into=record.kept):
        raise Conflict("this merge was undone already")
    db.run(_UNDONE, id=merge_id, at=micros(at))
    for table, name in (
        ("identities", "moved_identities"),
        ("address_owners", "addresses"),
        ("purchases", "purchases"),
    ):
        _move_rows(db, table, document[name], record.kept, record.merged)
    _move_conversations(db, list(record.moved_conversations), record.kept, record.merged)
    for term, source in document["terms"]:
        db.run(_DROP_TERM, term=term, customer_id=record.kept, source=source)
    return replace(record, undone_at=at)


def merges_of(db: Session, customer_id: CustomerId) -> tuple[MergeRecord, ...]:
    return tuple(_record(db, row) for row in db.all(_OF, id=customer_id))


def _check(db: Session, record: MergeRecord) -> None:
    if record.kept == record.merged:
        raise Conflict("a customer cannot be merged with themselves")
    for customer_id in (record.kept, record.merged):
        row = db.one(_STATE, id=customer_id)
        if row is None:
            raise NotFound("no such customer")
        if row.merged_into is not None or row.erased_at is not None:
            raise Conflict("one of the customers was merged or erased already")
    if db.number(_OPEN, ids=[record.kept, record.merged]) > 1:
        raise Conflict("both customers have an open conversation: resolve one of them first")


def _move_rows(db: Session, table: str, keys: list[str], owner: str, into: str) -> None:
    if keys:
        db.run(_MOVE[table], keys=keys, owner=owner, into=into)


def _move_conversations(db: Session, conversations: list[str], owner: str, into: str) -> None:
    if conversations:
        for statement in _WITH_CONVERSATION:
            db.run(statement, keys=conversations, owner=owner, into=into)


def _copy_terms(db: Session, record: MergeRecord) -> list[list[int | str]]:
    """The words of the merged customer lead to the kept one too; returns those that were new there."""
    known = {(row.term, row.source) for row in db.all(_TERMS_OF, id=record.kept)}
    new = sorted({(row.term, row.source) for row in db.all(_TERMS_OF, id=record.merged)} - known)
    db.many(_ADD_TERM, [{"term": term, "customer_id": record.kept, "source": source} for term, source in new])
    return [[term, source] for term, source in new]


def _record(db: Session, row: Row) -> MergeRecord:
    document = loads(row.document)
    words = db.sealer.open_or_none(_place(row.merge_id), row.sealed) or {"evidence": "[erased]"}
    return MergeRecord(
        merge_id=row.merge_id,
        kept=CustomerId(row.kept),
        merged=CustomerId(row.merged),
        at=moment(row.at),
        actor=document["actor"],
        evidence=words["evidence"],
        moved_identities=tuple(document["moved_identities"]),
        moved_conversations=tuple(ConversationId(each) for each in document["moved_conversations"]),
        undone_at=maybe_moment(row.undone_at),
    )


def _place(merge_id: str) -> str:
    return f"merges|{merge_id}|words"

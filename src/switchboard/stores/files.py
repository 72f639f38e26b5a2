"""Which conversation each stored file belongs to, and which files nobody needs any more."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Sequence

from switchboard.domain.message import Attachment
from switchboard.stores.database import sql, upsert
from switchboard.stores.session import Session

_KEEP = upsert("blobs", ["blob_id"], ["fingerprint", "conversation_id", "customer_id", "doomed"])
_DOOM = sql("UPDATE blobs SET doomed = 1 WHERE blob_id IN :ids", "ids")
_DOOMED = sql("SELECT blob_id FROM blobs WHERE doomed = 1 ORDER BY blob_id LIMIT :limit")
_FORGET = sql("DELETE FROM blobs WHERE doomed = 1 AND blob_id IN :ids", "ids")
_KNOWN = sql("SELECT fingerprint FROM blobs WHERE fingerprint IN :prints", "prints")
DOOM_OF_CUSTOMERS = (
    "UPDATE blobs SET doomed = 1 WHERE customer_id IN :ids "
    "OR conversation_id IN (SELECT conversation_id FROM conversations WHERE customer_id IN :ids)"
)
DOOM_OF_CONVERSATION = "UPDATE blobs SET doomed = 1 WHERE conversation_id = :id"


def note_files(db: Session, conversation_id: str, customer_id: str, attachments: Iterable[Attachment]) -> None:
    """These stored files are needed by this conversation."""
    for attachment in attachments:
        if attachment.blob_id is not None:
            db.run(
                _KEEP,
                blob_id=attachment.blob_id,
                fingerprint=hashlib.sha256(attachment.blob_id.encode()).hexdigest(),
                conversation_id=conversation_id,
                customer_id=customer_id,
                doomed=0,
            )


class SqlFiles:
    """Fulfils ``ports.store.Files``."""

    def __init__(self, session: Session) -> None:
        self._db = session

    def doom(self, blob_ids: Sequence[str]) -> None:
        if blob_ids:
            self._db.run(_DOOM, ids=list(blob_ids))

    def doomed(self, limit: int) -> tuple[str, ...]:
        return tuple(row.blob_id for row in self._db.all(_DOOMED, limit=limit))

    def forget(self, blob_ids: Sequence[str]) -> None:
        if blob_ids:
            self._db.run(_FORGET, ids=list(blob_ids))

    def known(self, fingerprints: Collection[str]) -> frozenset[str]:
        if not fingerprints:
            return frozenset()
        return frozenset(row.fingerprint for row in self._db.all(_KNOWN, prints=list(fingerprints)))

"""Which conversation each stored file belongs to, and which files nobody needs any more."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Sequence

from switchboard.domain.ids import CustomerId
from switchboard.domain.message import Attachment
from switchboard.errors import Erased
from switchboard.ports.records import LockedFile
from switchboard.stores.database import sql, upsert
from switchboard.stores.sealing import PAYLOADS
from switchboard.stores.session import Session

_KEEP = upsert("blobs", ["blob_id"], ["fingerprint", "conversation_id", "customer_id", "doomed"])
_LOCK = sql(
    "INSERT INTO blobs (blob_id, fingerprint, conversation_id, customer_id, doomed, sealed_key) "
    "VALUES (:blob_id, :fingerprint, '', :customer_id, 0, :sealed_key) "
    "ON CONFLICT (blob_id) DO UPDATE SET sealed_key = excluded.sealed_key"
)
_KEY = sql("SELECT sealed_key FROM blobs WHERE blob_id = :id")
DOOMED = "UPDATE blobs SET doomed = 1, sealed_key = NULL"
_DOOM = sql(f"{DOOMED} WHERE blob_id IN :ids", "ids")
_DOOMED = sql("SELECT blob_id FROM blobs WHERE doomed = 1 ORDER BY blob_id LIMIT :limit")
_FORGET = sql("DELETE FROM blobs WHERE doomed = 1 AND blob_id IN :ids", "ids")
_KNOWN = sql("SELECT fingerprint FROM blobs WHERE fingerprint IN :prints", "prints")
DOOM_OF_CUSTOMERS = (
    f"{DOOMED} WHERE customer_id IN :ids "
    "OR conversation_id IN (SELECT conversation_id FROM conversations WHERE customer_id IN :ids)"
)
DOOM_OF_CONVERSATION = f"{DOOMED} WHERE conversation_id = :id"


def note_files(db: Session, conversation_id: str, customer_id: str, attachments: Iterable[Attachment]) -> None:
    """These stored files are needed by this conversation."""
    for attachment in attachments:
        if attachment.blob_id is not None:
            db.run(
                _KEEP,
                blob_id=attachment.blob_id,
                fingerprint=_fingerprint(attachment.blob_id),
                conversation_id=conversation_id,
                customer_id=customer_id,
                doomed=0,
            )


class SqlFiles:
    """Fulfils ``ports.store.Files``."""

    def __init__(self, session: Session) -> None:
        self._db = session

    def lock(self, file: LockedFile, customer_id: CustomerId | None) -> None:
        self._db.run(
            _LOCK,
            blob_id=file.blob_id,
            fingerprint=_fingerprint(file.blob_id),
            customer_id=customer_id or "",
            sealed_key=self._db.sealer.seal_bytes(customer_id or PAYLOADS, _place(file.blob_id), file.key),
        )

    def key(self, blob_id: str) -> bytes:
        """What opens this file. Raises ``Erased`` when its key was destroyed."""
        row = self._db.one(_KEY, id=blob_id)
        if row is None or row.sealed_key is None:
            raise Erased
        return self._db.sealer.open_bytes(_place(blob_id), row.sealed_key)

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


def _fingerprint(blob_id: str) -> str:
    return hashlib.sha256(blob_id.encode()).hexdigest()


def _place(blob_id: str) -> str:
    return f"blobs|{blob_id}|key"

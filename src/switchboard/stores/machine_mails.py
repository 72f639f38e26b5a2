"""What a machine of ours wrote to whom, for every process that sends and over restarts."""

from __future__ import annotations

from datetime import datetime

from switchboard.domain.ids import ConversationId
from switchboard.ports.machine_mails import MachineMail
from switchboard.stores.codec import micros, moment
from switchboard.stores.database import insert, sql
from switchboard.stores.session import Session

_COLUMNS = ["address_key", "mail_key", "conversation_id", "at"]
_ADD = insert("machine_mails", _COLUMNS, or_ignore=["address_key", "mail_key"])
_TO = sql(
    f"SELECT {', '.join(_COLUMNS)} FROM machine_mails WHERE address_key = :address AND at > :after ORDER BY at, mail_key"
)
_PURGE = sql("DELETE FROM machine_mails WHERE at < :before")


class SqlMachineMails:
    """Fulfils ``ports.machine_mails.MachineMails``."""

    def __init__(self, session: Session) -> None:
        self._db = session

    def to(self, address: str, after: datetime) -> tuple[MachineMail, ...]:
        rows = self._db.all(_TO, address=self._key(address), after=micros(after))
        return tuple(
            MachineMail(
                key=row.mail_key,
                conversation_id=ConversationId(row.conversation_id) if row.conversation_id else None,
                at=moment(row.at),
            )
            for row in rows
        )

    def add(self, address: str, mail: MachineMail) -> None:
        self._db.run(
            _ADD,
            address_key=self._key(address),
            mail_key=mail.key,
            conversation_id=mail.conversation_id,
            at=micros(mail.at),
        )

    def purge(self, before: datetime) -> int:
        return self._db.run(_PURGE, before=micros(before))

    def _key(self, address: str) -> str:
        return self._db.index.opaque("machine-mail", address.lower())

"""Stops two machines that answer each other: automatic mails to one address are counted, and end where people would."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from switchboard.domain.ids import ConversationId
from switchboard.errors import Undeliverable
from switchboard.ports.machine_mails import MachineMail
from switchboard.ports.store import Store, Work

DAY, HOUR = timedelta(hours=24), timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class AutomaticLimits:
    """Automatic mails to one address: ``per_thread`` in a day within one conversation, ``per_hour`` over all."""

    per_thread: int = 2
    per_hour: int = 6


@dataclass(frozen=True, slots=True)
class AutomaticMails:
    """Counts what a machine of ours sent, in the store: restarts and further workers go on counting."""

    store: Store
    limits: AutomaticLimits

    async def count(self, address: str, thread: str, key: str, now: datetime) -> None:
        """Notes one automatic mail; the same ``key`` again is another try of the same. Raises ``Undeliverable`` over
        the limits: then a person takes over."""
        mail = MachineMail(key=key, conversation_id=ConversationId(thread) if thread else None, at=now)
        if not await self.store.write(lambda work: self._noted(work, address, mail)):
            raise Undeliverable(
                "Enough automatic mails went to this address for now: it may be a machine that answers."
            )

    def _noted(self, work: Work, address: str, mail: MachineMail) -> bool:
        """Whether the mail may go (and counts from now on)."""
        sent = work.machine_mails.to(address, mail.at - DAY)
        if any(one.key == mail.key for one in sent):
            return True
        in_thread = sum(one.conversation_id == mail.conversation_id for one in sent)
        in_hour = sum(mail.at - one.at < HOUR for one in sent)
        if in_thread >= self.limits.per_thread or in_hour >= self.limits.per_hour:
            return False
        work.machine_mails.add(address, mail)
        return True

"""Everything a story can touch: the repositories, all inside the same transaction."""

from __future__ import annotations

from functools import cached_property

from switchboard.domain.ids import CustomerId
from switchboard.stores.access import SqlAccess
from switchboard.stores.advice import SqlAdvice
from switchboard.stores.agents import SqlAgents
from switchboard.stores.answers import SqlAnswers, SqlSchedules
from switchboard.stores.audit import SqlAudit
from switchboard.stores.calls import SqlCalls
from switchboard.stores.config import SqlConfig
from switchboard.stores.conversations import SqlConversations
from switchboard.stores.customers import SqlCustomers
from switchboard.stores.decisions import SqlDecisions
from switchboard.stores.drafts import SqlDrafts
from switchboard.stores.events import SqlEvents
from switchboard.stores.files import SqlFiles
from switchboard.stores.jobs import SqlJobs
from switchboard.stores.knowledge import SqlKnowledge
from switchboard.stores.machine_mails import SqlMachineMails
from switchboard.stores.messages import SqlMessages
from switchboard.stores.payloads import SqlPayloads
from switchboard.stores.queue import SqlQueue
from switchboard.stores.session import Session
from switchboard.stores.uploads import SqlUploads
from switchboard.stores.webhooks import SqlWebhooks
from switchboard.trust.sealed_file import in_pieces, open_sealed_file


class SqlWork:
    """Fulfils ``ports.store.Work``. Repositories are made on first use."""

    def __init__(self, session: Session) -> None:
        self._session = session

    @property
    def session(self) -> Session:
        """For the stores' own upkeep, such as locking the keys anew."""
        return self._session

    def flush(self) -> None:
        """At the end of a story: what was only noted is written."""
        if "events" in self.__dict__:
            self.events.flush()

    @cached_property
    def customers(self) -> SqlCustomers:
        return SqlCustomers(self._session)

    @cached_property
    def conversations(self) -> SqlConversations:
        return SqlConversations(self._session)

    @cached_property
    def messages(self) -> SqlMessages:
        return SqlMessages(self._session)

    @cached_property
    def jobs(self) -> SqlJobs:
        return SqlJobs(self._session)

    @cached_property
    def events(self) -> SqlEvents:
        return SqlEvents(self._session)

    @cached_property
    def agents(self) -> SqlAgents:
        return SqlAgents(self._session)

    @cached_property
    def queue(self) -> SqlQueue:
        return SqlQueue(self._session)

    @cached_property
    def calls(self) -> SqlCalls:
        return SqlCalls(self._session)

    @cached_property
    def decisions(self) -> SqlDecisions:
        return SqlDecisions(self._session)

    @cached_property
    def drafts(self) -> SqlDrafts:
        return SqlDrafts(self._session)

    @cached_property
    def advice(self) -> SqlAdvice:
        return SqlAdvice(self._session)

    @cached_property
    def knowledge(self) -> SqlKnowledge:
        return SqlKnowledge(self._session)

    @cached_property
    def payloads(self) -> SqlPayloads:
        return SqlPayloads(self._session)

    @cached_property
    def audit(self) -> SqlAudit:
        return SqlAudit(self._session)

    @cached_property
    def access(self) -> SqlAccess:
        return SqlAccess(self._session)

    @cached_property
    def config(self) -> SqlConfig:
        return SqlConfig(self._session)

    @cached_property
    def answers(self) -> SqlAnswers:
        return SqlAnswers(self._session)

    @cached_property
    def webhooks(self) -> SqlWebhooks:
        return SqlWebhooks(self._session)

    @cached_property
    def uploads(self) -> SqlUploads:
        return SqlUploads(self._session)

    @cached_property
    def machine_mails(self) -> SqlMachineMails:
        return SqlMachineMails(self._session)

    @cached_property
    def files(self) -> SqlFiles:
        return SqlFiles(self._session)

    @cached_property
    def schedules(self) -> SqlSchedules:
        return SqlSchedules(self._session)

    def seal_blob(self, customer_id: CustomerId, blob_id: str, data: bytes) -> bytes:
        return self._session.sealer.seal_bytes(customer_id, f"blobs|{blob_id}|body", data)

    def open_blob(self, customer_id: CustomerId, blob_id: str, data: bytes) -> bytes:
        """``customer_id`` is who it belonged to when it was sealed or now: the record itself names its key."""
        if in_pieces(data):
            return open_sealed_file(self.files.key(blob_id), blob_id, data)
        return self._session.sealer.open_bytes(f"blobs|{blob_id}|body", data)

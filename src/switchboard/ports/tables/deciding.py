"""What is kept of the machine's decisions, drafts and advice, and of what the team knows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from switchboard.domain.advice import ActionOutcome, ActionRecommendation, PastCase
from switchboard.domain.ids import ActionId, ConversationId, CustomerId, DecisionId, DocumentId, MessageId
from switchboard.domain.knowledge import KnowledgeDocument, Passage
from switchboard.ports.records import AgentDraft, DecisionRecord, DraftRecord, Page
from switchboard.ports.tables.rows import Rows


class Decisions(Protocol):
    def add(self, record: DecisionRecord) -> None: ...

    def get(self, decision_id: DecisionId) -> DecisionRecord | None: ...

    def of_conversation(self, conversation_id: ConversationId) -> tuple[DecisionRecord, ...]: ...

    def of_message(self, message_id: MessageId) -> DecisionRecord | None: ...


class Drafts(Protocol):
    def add(self, record: DraftRecord) -> None: ...

    def latest(self, conversation_id: ConversationId) -> DraftRecord | None: ...

    def sent_as(self, message_id: MessageId) -> DraftRecord | None:
        """The draft behind a sent automatic message, with sources and checks."""
        ...

    def save_typed(self, draft: AgentDraft) -> None: ...

    def typed(self, agent_id: str, conversation_id: ConversationId) -> tuple[AgentDraft, ...]: ...

    def clear_typed(self, agent_id: str, conversation_id: ConversationId, kind: str) -> None: ...


class Advice(Protocol):
    def offer(
        self,
        conversation_id: ConversationId,
        customer_id: CustomerId,
        offers: Sequence[ActionRecommendation],
        at: datetime,
    ) -> None: ...

    def offered(self, conversation_id: ConversationId) -> tuple[ActionRecommendation, ...]: ...

    def conversation_of(self, action_id: ActionId) -> ConversationId | None: ...

    def record(self, outcome: ActionOutcome, case: PastCase) -> None: ...

    def outcome(self, action_id: ActionId) -> ActionOutcome | None: ...

    def past_cases(self, limit: int = 2000) -> tuple[PastCase, ...]: ...


class Knowledge(Protocol):
    def add(self, document: KnowledgeDocument, passages: Sequence[Passage]) -> None:
        """Insert or replace by ``document_id``; raises the generation so that indexes reload."""
        ...

    def get(self, document_id: DocumentId) -> KnowledgeDocument | None: ...

    def page(self, page: Page) -> Rows[KnowledgeDocument]: ...

    def remove(self, document_id: DocumentId) -> bool: ...

    def passages(self) -> tuple[tuple[KnowledgeDocument, Passage], ...]: ...

    def generation(self) -> int: ...

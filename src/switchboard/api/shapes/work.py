"""Agents and knowledge, as JSON."""

from __future__ import annotations

from datetime import datetime

from switchboard.api.shapes.base import Shape
from switchboard.domain.agent import Agent, AgentStatus
from switchboard.domain.knowledge import KnowledgeDocument, KnowledgeResult


class AgentShape(Shape):
    agent_id: str
    name: str
    skills: list[str]
    languages: list[str]
    status: AgentStatus
    current_workload: int
    max_workload: int
    performance_score: float

    @classmethod
    def of(cls, a: Agent) -> AgentShape:
        return cls(
            agent_id=a.agent_id,
            name=a.name,
            skills=sorted(a.skills),
            languages=sorted(a.languages),
            status=a.status,
            current_workload=a.current_workload,
            max_workload=a.max_workload,
            performance_score=a.performance_score,
        )


class DocumentShape(Shape):
    document_id: str
    title: str
    category: str
    tags: list[str]
    url: str | None
    language: str
    version: int
    last_updated: datetime
    content: str | None = None

    @classmethod
    def of(cls, d: KnowledgeDocument, *, content: bool = False) -> DocumentShape:
        return cls(
            document_id=d.document_id,
            title=d.title,
            category=d.category,
            tags=list(d.tags),
            url=d.url,
            language=d.language,
            version=d.version,
            last_updated=d.last_updated,
            content=d.content if content else None,
        )


class ResultShape(Shape):
    document_id: str
    title: str
    heading: str
    text: str
    score: float
    text_score: float
    vector_score: float
    url: str | None

    @classmethod
    def of(cls, r: KnowledgeResult) -> ResultShape:
        return cls(
            document_id=r.passage.document_id,
            title=r.title,
            heading=r.passage.heading,
            text=r.passage.text,
            score=round(r.score, 4),
            text_score=round(r.text_score, 4),
            vector_score=round(r.vector_score, 4),
            url=r.url,
        )

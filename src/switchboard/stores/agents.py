"""The people who answer; a place with one of them is taken in a single statement, so never twice (Property 22)."""

from __future__ import annotations

from datetime import datetime

from switchboard.domain.agent import MAX_WORKLOAD, Agent, AgentStatus, Shift
from switchboard.domain.ids import AgentId, UserId
from switchboard.stores.codec import decode, load_list, loads, maybe_micros, maybe_moment, micros, text_dumps
from switchboard.stores.database import Row, sql
from switchboard.stores.sealing import ACCESS
from switchboard.stores.session import Session

_SAVED = [
    "status",
    "workload",
    "max_workload",
    "performance_score",
    "skills",
    "languages",
    "success",
    "hours",
    "user_id",
    "status_since",
    "version",
    "sealed",
]
_SELECT = f"SELECT agent_id, {', '.join(_SAVED)} FROM agents"
_KEPT = [name for name in _SAVED if name != "workload"]

_GET = sql(f"{_SELECT} WHERE agent_id = :id")
_ALL = sql(f"{_SELECT} ORDER BY agent_id")
_ADD = sql(
    "INSERT INTO agents (agent_id, workload, status, max_workload, performance_score, skills, languages, success, "
    "hours, version) VALUES (:id, 0, 'offline', 5, 0.5, '[]', '[]', '{}', '[]', 1) ON CONFLICT (agent_id) DO NOTHING"
)
_SAVE = sql(f"UPDATE agents SET {', '.join(f'{name} = :{name}' for name in _KEPT)} WHERE agent_id = :agent_id")
_STATUS = sql("UPDATE agents SET status = :status, status_since = :at, version = version + 1 WHERE agent_id = :id")
_RESERVE = sql(
    "UPDATE agents SET workload = workload + 1 WHERE agent_id = :id AND status = 'available' "
    f"AND workload < max_workload AND workload < {MAX_WORKLOAD}"
)
_RELEASE = sql("UPDATE agents SET workload = workload - 1 WHERE agent_id = :id AND workload > 0")
_SUCCESS = sql("SELECT success FROM agents WHERE agent_id = :id")
_SUCCESS_LOCKED = sql("SELECT success FROM agents WHERE agent_id = :id FOR UPDATE")
_RESULT = sql("UPDATE agents SET success = :success WHERE agent_id = :id")


class SqlAgents:
    """Fulfils ``ports.store.Agents``."""

    def __init__(self, session: Session) -> None:
        self._db = session
        self._known: tuple[Agent, ...] | None = None

    def get(self, agent_id: AgentId) -> Agent | None:
        row = self._db.one(_GET, id=agent_id)
        return None if row is None else self._agent(row)

    def all(self) -> tuple[Agent, ...]:
        if self._known is None:  # asked several times while a message is routed
            self._known = tuple(self._agent(row) for row in self._db.all(_ALL))
        return self._known

    def save(self, agent: Agent) -> None:
        self._known = None
        self._db.run(_ADD, id=agent.agent_id)
        self._db.run(
            _SAVE,
            agent_id=agent.agent_id,
            status=agent.status,
            max_workload=min(agent.max_workload, MAX_WORKLOAD),
            performance_score=agent.performance_score,
            skills=text_dumps(agent.skills),
            languages=text_dumps(agent.languages),
            success=text_dumps(agent.success),
            hours=text_dumps(agent.hours),
            user_id=agent.user_id,
            status_since=maybe_micros(agent.status_since),
            version=agent.version,
            sealed=self._db.sealer.seal(ACCESS, _place(agent.agent_id), {"name": agent.name}),
        )

    def set_status(self, agent_id: AgentId, status: AgentStatus, at: datetime) -> None:
        self._known = None
        self._db.run(_STATUS, id=agent_id, status=status, at=micros(at))

    def reserve(self, agent_id: AgentId) -> bool:
        self._known = None
        return bool(self._db.run(_RESERVE, id=agent_id))

    def release(self, agent_id: AgentId) -> None:
        self._known = None
        self._db.run(_RELEASE, id=agent_id)

    def record_result(self, agent_id: AgentId, topic: str, success: bool) -> None:
        self._known = None
        row = self._db.one(_SUCCESS_LOCKED if self._db.postgres else _SUCCESS, id=agent_id)
        if row is None:
            return
        results = loads(row.success)
        won, tried = results.get(topic, (0, 0))
        results[topic] = [won + int(success), tried + 1]
        self._db.run(_RESULT, id=agent_id, success=text_dumps(results))

    def _agent(self, row: Row) -> Agent:
        return Agent(
            agent_id=AgentId(row.agent_id),
            name=self._db.sealer.open(_place(row.agent_id), row.sealed)["name"],
            skills=frozenset(load_list(row.skills)),
            languages=frozenset(load_list(row.languages)),
            status=AgentStatus(row.status),
            current_workload=row.workload,
            max_workload=row.max_workload,
            performance_score=row.performance_score,
            success={topic: (won, tried) for topic, (won, tried) in loads(row.success).items()},
            hours=tuple(decode(Shift, shift) for shift in load_list(row.hours)),
            user_id=UserId(row.user_id) if row.user_id else None,
            status_since=maybe_moment(row.status_since),
            version=row.version,
        )


def _place(agent_id: str) -> str:
    return f"agents|{agent_id}|name"

"""Work that waits its turn: serial inside a lane, urgent first across lanes, and nobody waits for ever.

Ten minutes of waiting weigh as much as one point of priority. Since every job ages equally fast, the order between two
jobs never changes while they wait: ``rank`` is computed once and an index keeps it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from switchboard.domain.ids import ConversationId, MessageId, new_id
from switchboard.errors import Conflict
from switchboard.ports.records import Backlog, DeadLetter, Job, JobKind, NewJob, Page, PutOff
from switchboard.ports.tables.rows import Rows
from switchboard.stores.codec import load_list, load_texts, maybe_moment, micros, moment, text_dumps
from switchboard.stores.database import Row, insert, sql
from switchboard.stores.session import Session, cursor_of, number_cursor, page_limit

SECONDS_PER_POINT = 600
MOST_ERRORS = 20

_COLUMNS = [
    "kind",
    "lane",
    "priority",
    "rank",
    "due_at",
    "created_at",
    "attempts",
    "failures",
    "conversation_id",
    "message_id",
    "payload",
    "errors",
]
_ADD = insert("jobs", _COLUMNS)
# The plus keeps the planner from walking through every job of lower rank instead of the few of this lane.
_INHERIT = sql("UPDATE jobs SET rank = :rank WHERE kind = :kind AND lane = :lane AND +rank > :rank")
_CLAIM = """
WITH picked AS (
  SELECT j.seq FROM jobs j
  WHERE j.kind IN :kinds AND j.due_at <= :now AND (j.lease_until IS NULL OR j.lease_until <= :now)
    AND NOT EXISTS (SELECT 1 FROM jobs f WHERE f.kind = j.kind AND f.lane = j.lane AND f.seq < j.seq)
  ORDER BY j.rank, j.seq LIMIT :limit {lock})
UPDATE jobs SET attempts = attempts + 1, lease_until = :until WHERE seq IN (SELECT seq FROM picked)
RETURNING seq, kind, lane, priority, rank, attempts, failures, created_at, conversation_id, message_id, payload
"""
_CLAIM_SQLITE = sql(_CLAIM.format(lock=""), "kinds")
_CLAIM_POSTGRES = sql(_CLAIM.format(lock="FOR UPDATE OF j SKIP LOCKED"), "kinds")
_HELD = "seq = :seq AND attempts = :attempts AND lease_until IS NOT NULL"
_FINISH = sql(f"DELETE FROM jobs WHERE {_HELD}")
_ERRORS = sql(f"SELECT errors, failures FROM jobs WHERE {_HELD}")
_RETRY = sql(
    f"UPDATE jobs SET lease_until = NULL, due_at = :due_at, failures = :failures, errors = :errors WHERE {_HELD}"
)
_DROP = sql("DELETE FROM jobs WHERE kind = :kind AND lane = :lane AND lease_until IS NULL")
_PUT_OFF = sql(
    "SELECT message_id, due_at, failures, errors FROM jobs WHERE kind = :kind AND lane = :lane AND errors <> '[]'"
)
_BACKLOG = sql(
    "SELECT count(*) AS waiting, count(lease_until) AS leased, min(created_at) AS oldest FROM jobs WHERE kind = :kind"
)
_LETTER_COLUMNS = [
    "dead_letter_id",
    "kind",
    "lane",
    "priority",
    "created_at",
    "reason",
    "attempts",
    "conversation_id",
    "message_id",
    "payload",
    "state",
]
_BURY = insert("dead_letters", _LETTER_COLUMNS)
_LETTER = f"SELECT seq, {', '.join(_LETTER_COLUMNS)} FROM dead_letters"
_LETTERS = sql(f"{_LETTER} WHERE seq < :before ORDER BY seq DESC LIMIT :limit")
_ONE_LETTER = sql(f"{_LETTER} WHERE dead_letter_id = :id")
_SETTLE = sql("UPDATE dead_letters SET state = :state WHERE dead_letter_id = :id AND state = 'waiting'")
_COUNT_DEAD = sql("SELECT count(*) FROM dead_letters WHERE state = 'waiting'")


def rank_of(priority: float, created_at: datetime) -> float:
    """Lower goes first: the moment of birth, put forward by ten minutes for each point of priority."""
    return created_at.timestamp() - priority * SECONDS_PER_POINT


class SqlJobs:
    """Fulfils ``ports.store.Jobs``."""

    def __init__(self, session: Session) -> None:
        self._db = session

    def add(self, *jobs: NewJob) -> None:
        created = self._db.clock.now()
        for job in jobs:
            self._add(job, min(created, job.due_at))

    def claim(self, kinds: Sequence[JobKind], limit: int, lease: timedelta, now: datetime) -> tuple[Job, ...]:
        if not kinds:
            return ()
        statement = _CLAIM_POSTGRES if self._db.postgres else _CLAIM_SQLITE
        rows = self._db.all(
            statement, kinds=[str(kind) for kind in kinds], limit=limit, now=micros(now), until=micros(now + lease)
        )
        return tuple(_job(row) for row in sorted(rows, key=lambda row: (row.rank, row.seq)))

    def finish(self, job: Job) -> bool:
        return bool(self._db.run(_FINISH, seq=job.job_id, attempts=job.attempts))

    def retry(self, job: Job, due_at: datetime, error: str, *, counts: bool = True) -> bool:
        row = self._db.one(_ERRORS, seq=job.job_id, attempts=job.attempts)
        if row is None:
            return False
        errors = [*load_list(row.errors), [micros(self._db.clock.now()), error]][-MOST_ERRORS:]
        failures = row.failures + int(counts)
        values = {"due_at": micros(due_at), "failures": failures, "errors": text_dumps(errors)}
        return bool(self._db.run(_RETRY, seq=job.job_id, attempts=job.attempts, **values))

    def bury(self, job: Job, reason: str, now: datetime) -> DeadLetter:
        """Raises ``Conflict`` if the lease was lost meanwhile."""
        row = self._db.one(_ERRORS, seq=job.job_id, attempts=job.attempts)
        if row is None or not self.finish(job):
            raise Conflict("the lease of this job was lost")
        attempts = [*load_list(row.errors), [micros(now), reason]]
        dead_letter_id = new_id("dlq")
        self._db.run(
            _BURY,
            dead_letter_id=dead_letter_id,
            kind=job.kind,
            lane=job.lane,
            priority=job.priority,
            created_at=micros(now),
            reason=reason,
            attempts=text_dumps(attempts),
            conversation_id=job.conversation_id,
            message_id=job.message_id,
            payload=text_dumps(job.payload),
            state="waiting",
        )
        buried = self.dead_letter(dead_letter_id)
        assert buried is not None
        return buried

    def drop(self, lane: str, kind: JobKind) -> int:
        return self._db.run(_DROP, kind=kind, lane=lane)

    def put_off(self, conversation_id: ConversationId) -> tuple[PutOff, ...]:
        rows = self._db.all(_PUT_OFF, kind=str(JobKind.SEND), lane=conversation_id)
        return tuple(_put_off(row) for row in rows if row.message_id is not None and load_list(row.errors))

    def backlog(self, kind: JobKind) -> Backlog:
        row = self._db.one(_BACKLOG, kind=kind)
        assert row is not None
        return Backlog(waiting=row.waiting, leased=row.leased, oldest=maybe_moment(row.oldest))

    def dead_letters(self, page: Page) -> Rows[DeadLetter]:
        limit, before = page_limit(page), number_cursor(page)
        rows = self._db.all(_LETTERS, before=2**62 if before is None else before, limit=limit + 1)
        following = cursor_of(rows[limit - 1].seq) if len(rows) > limit else None
        return Rows(items=tuple(_letter(row) for row in rows[:limit]), next_cursor=following)

    def dead_letter(self, dead_letter_id: str) -> DeadLetter | None:
        row = self._db.one(_ONE_LETTER, id=dead_letter_id)
        return None if row is None else _letter(row)

    def replay(self, dead_letter_id: str, now: datetime) -> bool:
        if not self._db.run(_SETTLE, id=dead_letter_id, state="replayed"):
            return False
        row = self._db.one(_ONE_LETTER, id=dead_letter_id)
        assert row is not None
        self._add(
            NewJob(
                kind=JobKind(row.kind),
                lane=row.lane,
                priority=row.priority,
                due_at=now,
                conversation_id=row.conversation_id,
                message_id=row.message_id,
                payload=load_texts(row.payload),
            ),
            now,
        )
        return True

    def discard(self, dead_letter_id: str) -> bool:
        return bool(self._db.run(_SETTLE, id=dead_letter_id, state="discarded"))

    def count_dead(self) -> int:
        return self._db.number(_COUNT_DEAD)

    def _add(self, job: NewJob, created_at: datetime) -> None:
        rank = rank_of(job.priority, created_at)
        self._db.lock(f"jobs|{job.kind}|{job.lane}")  # else a rival's lower number could appear after ours was taken
        if job.lane in self._db.fresh:  # the first job of a new conversation has nobody before it
            self._db.fresh.discard(job.lane)
        else:
            self._db.run(_INHERIT, kind=job.kind, lane=job.lane, rank=rank)
        self._db.run(
            _ADD,
            kind=job.kind,
            lane=job.lane,
            priority=job.priority,
            rank=rank,
            due_at=micros(job.due_at),
            created_at=micros(created_at),
            attempts=0,
            failures=0,
            conversation_id=job.conversation_id,
            message_id=job.message_id,
            payload=text_dumps(job.payload),
            errors="[]",
        )


def _job(row: Row) -> Job:
    return Job(
        job_id=row.seq,
        kind=JobKind(row.kind),
        lane=row.lane,
        priority=row.priority,
        attempts=row.attempts,
        failures=row.failures,
        created_at=moment(row.created_at),
        conversation_id=ConversationId(row.conversation_id) if row.conversation_id else None,
        message_id=MessageId(row.message_id) if row.message_id else None,
        payload=load_texts(row.payload),
    )


def _put_off(row: Row) -> PutOff:
    return PutOff(
        message_id=MessageId(row.message_id),
        due_at=moment(row.due_at),
        failures=row.failures,
        error=str(load_list(row.errors)[-1][1]),
    )


def _letter(row: Row) -> DeadLetter:
    return DeadLetter(
        dead_letter_id=row.dead_letter_id,
        kind=JobKind(row.kind),
        created_at=moment(row.created_at),
        reason=row.reason,
        attempts=tuple((moment(at), error) for at, error in load_list(row.attempts)),
        lane=row.lane,
        conversation_id=ConversationId(row.conversation_id) if row.conversation_id else None,
        message_id=MessageId(row.message_id) if row.message_id else None,
        payload=load_texts(row.payload),
        state=row.state,
    )

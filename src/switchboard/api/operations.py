"""For those who run the system: dead letters, payloads and their fate, audit, people and keys."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import Field

from switchboard.api.caller import Caller, needs, new_key
from switchboard.api.conversations import Cursor, Identifier, Limit
from switchboard.api.messages import TheApp
from switchboard.api.problems import RESPONSES
from switchboard.api.shapes import Listing, Shape, Short, listing
from switchboard.domain.ids import PayloadId
from switchboard.errors import InvalidInput, NotFound
from switchboard.flows.bury import discard_dead_letter, replay_dead_letter
from switchboard.flows.replay import replay_payload
from switchboard.ports.records import ApiKeyRecord, AuditEntry, DeadLetter, Page, PayloadRecord
from switchboard.ports.store import Work
from switchboard.trust.roles import Permission, Role

router = APIRouter(prefix="/v1", responses=RESPONSES)
Operator = Annotated[Caller, Depends(needs(Permission.OPERATE))]
Keeper = Annotated[Caller, Depends(needs(Permission.MANAGE_ACCESS))]


class AttemptShape(Shape):
    at: datetime
    error: str


class DeadLetterShape(Shape):
    dead_letter_id: str
    kind: str
    created_at: datetime
    reason: str
    state: str
    conversation_id: str | None
    message_id: str | None
    attempts: list[AttemptShape]

    @classmethod
    def of(cls, d: DeadLetter) -> DeadLetterShape:
        return cls(
            dead_letter_id=d.dead_letter_id,
            kind=d.kind.value,
            created_at=d.created_at,
            reason=d.reason,
            state=d.state,
            conversation_id=d.conversation_id,
            message_id=d.message_id,
            attempts=[AttemptShape(at=at, error=error) for at, error in d.attempts],
        )


class Replayed(Shape):
    """``done`` false: it was replayed or discarded before."""

    done: bool


class PayloadEventShape(Shape):
    index: int
    kind: str
    external_id: str
    fate: str
    reason: str
    message_id: str | None


class PayloadShape(Shape):
    """What a provider sent and what became of it."""

    payload_id: str
    channel: str
    account: str
    received_at: datetime
    fate: str
    reason: str
    size: int
    events: list[PayloadEventShape]

    @classmethod
    def of(cls, p: PayloadRecord) -> PayloadShape:
        return cls(
            payload_id=p.payload_id,
            channel=p.channel.value,
            account=p.account,
            received_at=p.received_at,
            fate=p.fate.value,
            reason=p.reason,
            size=p.size,
            events=[
                PayloadEventShape(
                    index=e.index, kind=e.kind, external_id=e.external_id, fate=e.fate.value, reason=e.reason,
                    message_id=e.message_id,
                )
                for e in p.events
            ],
        )  # fmt: skip


class AuditShape(Shape):
    sequence: int
    at: datetime
    actor: str
    action: str
    target: str
    conversation_id: str | None
    details: dict[str, str]
    digest: str


class UserShape(Shape):
    user_id: str
    email: str
    name: str
    roles: list[str]
    agent_id: str | None
    disabled: bool


class KeyRequest(Shape):
    role: Role
    name: Short = "unnamed"
    scopes: list[str] = Field(default_factory=list, max_length=40)
    valid_days: int | None = Field(None, ge=1, le=3650)


class KeyShape(Shape):
    key_id: str
    name: str
    role: str
    scopes: list[str]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None

    @classmethod
    def of(cls, k: ApiKeyRecord) -> KeyShape:
        return cls(
            key_id=k.key_id,
            name=k.name,
            role=k.role,
            scopes=sorted(k.scopes),
            created_at=k.created_at,
            expires_at=k.expires_at,
            revoked_at=k.revoked_at,
        )


class NewKeyShape(Shape):
    """``key`` is shown this once."""

    key: str
    record: KeyShape


@router.get("/dead-letters", tags=["operations"])
async def list_dead_letters(
    app: TheApp, _: Operator, limit: Limit = 50, cursor: Cursor = None
) -> Listing[DeadLetterShape]:
    rows = await app.store.read(lambda work: work.jobs.dead_letters(Page(limit=limit, cursor=cursor)))
    return listing(rows, [DeadLetterShape.of(d) for d in rows.items])


@router.get("/dead-letters/{dead_letter_id}", tags=["operations"])
async def get_dead_letter(dead_letter_id: Identifier, app: TheApp, _: Operator) -> DeadLetterShape:
    letter = await app.store.read(lambda work: work.jobs.dead_letter(dead_letter_id))
    if letter is None:
        raise NotFound("there is no such dead letter")
    return DeadLetterShape.of(letter)


@router.post("/dead-letters/{dead_letter_id}/replay", tags=["operations"])
async def post_replay(dead_letter_id: Identifier, app: TheApp, caller: Operator) -> Replayed:
    return Replayed(done=await replay_dead_letter(app, dead_letter_id, caller.actor))


@router.post("/dead-letters/{dead_letter_id}/discard", tags=["operations"])
async def post_discard(dead_letter_id: Identifier, app: TheApp, caller: Operator) -> Replayed:
    return Replayed(done=await discard_dead_letter(app, dead_letter_id, caller.actor))


@router.get("/payloads", tags=["operations"])
async def list_payloads(app: TheApp, _: Operator, limit: Limit = 50, cursor: Cursor = None) -> Listing[PayloadShape]:
    """Every payload that came in, newest first, with its fate."""
    rows = await app.store.read(lambda work: work.payloads.page(Page(limit=limit, cursor=cursor)))
    return listing(rows, [PayloadShape.of(p) for p in rows.items])


@router.post("/payloads/{payload_id}/replay", tags=["operations"])
async def replay(payload_id: Identifier, app: TheApp, caller: Operator) -> PayloadShape:
    """Reads a payload that was a dead letter once more; messages in it are stored once, however often this is asked."""
    taken = await replay_payload(app, PayloadId(payload_id), caller.actor)
    record = await app.store.read(lambda work: work.payloads.get(taken.payload_id))
    if record is None:
        raise NotFound("there is no such payload")
    return PayloadShape.of(record)


@router.get("/audit", tags=["operations"])
async def list_audit(
    app: TheApp,
    _: Annotated[Caller, Depends(needs(Permission.READ_AUDIT))],
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Listing[AuditShape]:
    """Who did what, newest first; each entry's digest covers the one before."""
    rows = await app.store.read(lambda work: work.audit.page(Page(limit=limit, cursor=cursor)))
    return listing(
        rows,
        [
            AuditShape(
                sequence=e.sequence, at=e.at, actor=e.actor, action=e.action, target=e.target,
                conversation_id=e.conversation_id, details=dict(e.details), digest=e.digest,
            )
            for e in rows.items
        ],
    )  # fmt: skip


@router.get("/users", tags=["access"])
async def list_users(app: TheApp, _: Keeper) -> list[UserShape]:
    users = await app.store.read(lambda work: work.access.users())
    return [
        UserShape(
            user_id=u.user_id,
            email=u.email,
            name=u.name,
            roles=sorted(u.roles),
            agent_id=u.agent_id,
            disabled=u.disabled,
        )
        for u in users
    ]


@router.get("/api-keys", tags=["access"])
async def list_keys(app: TheApp, _: Keeper) -> list[KeyShape]:
    return [KeyShape.of(k) for k in await app.store.read(lambda work: work.access.keys())]


@router.post("/api-keys", status_code=201, tags=["access"])
async def post_key(body: KeyRequest, app: TheApp, caller: Keeper) -> NewKeyShape:
    known = {permission.value for permission in Permission}
    if wrong := sorted(set(body.scopes) - known):
        raise InvalidInput(
            "a scope is not known", field="scopes", limit=", ".join(sorted(known)), fix=f"remove {wrong[0]}"
        )
    valid = timedelta(days=body.valid_days) if body.valid_days else None
    now = app.clock.now()
    key, record = new_key(body.role.value, body.name, now, scopes=frozenset(body.scopes), valid_for=valid)

    def story(work: Work) -> None:
        work.access.add_key(record)
        work.audit.append(AuditEntry(at=now, actor=caller.actor, action="key_created", target=record.key_id))

    await app.store.write(story)
    return NewKeyShape(key=key, record=KeyShape.of(record))


@router.delete("/api-keys/{key_id}", status_code=204, tags=["access"])
async def delete_key(key_id: Identifier, app: TheApp, caller: Keeper) -> Response:
    now = app.clock.now()

    def story(work: Work) -> None:
        if not work.access.revoke_key(key_id, now):
            raise NotFound("there is no such key")
        work.audit.append(AuditEntry(at=now, actor=caller.actor, action="key_revoked", target=key_id))

    await app.store.write(story)
    return Response(status_code=204)

"""Customers: profiles, their whole timeline, addresses, merging, erasing."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import datetime
from typing import IO, Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse
from pydantic import Field

from switchboard.api.caller import Caller, needs
from switchboard.api.conversations import Cursor, HighlightShape, Identifier, Limit, Timeline
from switchboard.api.messages import TheApp
from switchboard.api.problems import RESPONSES
from switchboard.api.shapes import CustomerShape, Listing, MessageShape, Shape, Short, listing
from switchboard.domain.customer import CustomerValue, Evidence
from switchboard.domain.ids import CustomerId
from switchboard.domain.message import ChannelType
from switchboard.errors import InvalidInput
from switchboard.exporting.sinks import ArchiveSink
from switchboard.flows.customers import ProfileChange, change_profile, customer_named, erase_customer, link_identity
from switchboard.flows.export import export_customer
from switchboard.flows.merge import merge_customers, unmerge_customers
from switchboard.ports.records import AuditEntry, Page
from switchboard.ports.store import Work
from switchboard.trust.roles import Permission

router = APIRouter(prefix="/v1/customers", responses=RESPONSES, tags=["customers"])
Reader = Annotated[Caller, Depends(needs(Permission.READ_CUSTOMERS))]
Writer = Annotated[Caller, Depends(needs(Permission.WRITE_CUSTOMERS))]
Merger = Annotated[Caller, Depends(needs(Permission.MERGE_CUSTOMERS))]
Exporter = Annotated[Caller, Depends(needs(Permission.EXPORT_CUSTOMERS))]
IN_MEMORY, CHUNK = 8 * 1024 * 1024, 256 * 1024
Eraser = Annotated[Caller, Depends(needs(Permission.ERASE_CUSTOMERS))]


class CustomerChange(Shape):
    """Fields left out stay as they are."""

    name: Short | None = None
    email: Short | None = None
    phone: Short | None = None
    preferred_channel: ChannelType | None = None
    customer_value: CustomerValue | None = None
    language: str | None = Field(None, pattern="^[a-z]{2}$")
    location: Short | None = None
    preferences: dict[Annotated[str, Field(max_length=64)], Short] | None = Field(None, max_length=64)


class NewIdentity(Shape):
    channel: ChannelType
    address: Annotated[str, Field(min_length=1, max_length=320)]
    account: Short = ""


class MergeRequest(Shape):
    other_customer_id: str = Field(max_length=80)
    reason: Short = ""


class MergeShape(Shape):
    merge_id: str
    kept: str
    merged: str
    at: datetime
    actor: str
    evidence: str
    undone_at: datetime | None


class Erased(Shape):
    """What was removed, by kind."""

    customer_id: str
    removed: dict[str, int]


@router.get("")
async def list_customers(
    app: TheApp,
    caller: Reader,
    q: Annotated[str | None, Query(max_length=200)] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Listing[CustomerShape]:
    """``q``: an exact address, number or order, or words of a name."""
    rows = await app.store.read(lambda work: work.customers.page(Page(limit=limit, cursor=cursor), q))
    return listing(rows, [CustomerShape.of(p) for p in rows.items])


@router.get("/{customer_id}")
async def get_customer(customer_id: Identifier, app: TheApp, caller: Reader) -> CustomerShape:
    """The profile; reading it is recorded."""

    def look(work: Work) -> CustomerShape:
        profile = customer_named(work, CustomerId(customer_id))
        work.audit.append(
            AuditEntry(at=app.clock.now(), actor=caller.actor, action="profile_read", target=profile.customer_id)
        )
        return CustomerShape.of(profile)

    return await app.store.write(look)


@router.patch("/{customer_id}")
async def patch_customer(customer_id: Identifier, body: CustomerChange, app: TheApp, caller: Writer) -> CustomerShape:
    """Corrects the profile."""
    change = ProfileChange(**body.model_dump())
    return CustomerShape.of(await change_profile(app, CustomerId(customer_id), change, caller.actor))


@router.delete("/{customer_id}")
async def delete_customer(customer_id: Identifier, app: TheApp, caller: Eraser) -> Erased:
    """Erases everything personal, at once and for good."""
    removed = await erase_customer(app, CustomerId(customer_id), caller.actor)
    return Erased(customer_id=customer_id, removed=dict(removed))


@router.get("/{customer_id}/export", response_class=StreamingResponse)
async def get_export(customer_id: Identifier, app: TheApp, caller: Exporter) -> StreamingResponse:
    """Everything stored about this customer: a ZIP of JSON lines, their files and a manifest with counts and SHA-256.
    Who took it is recorded."""
    target = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115  # closed when it was sent
    try:
        with ArchiveSink(target) as sink:
            await export_customer(app, CustomerId(customer_id), sink, caller.actor)
    except BaseException:
        target.close()
        raise
    target.seek(0)
    name = f"customer-{customer_id}.zip"
    headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "private, no-store"}
    return StreamingResponse(_chunks(target), media_type="application/zip", headers=headers)


def _chunks(target: IO[bytes]) -> Iterator[bytes]:
    with target:
        while chunk := target.read(CHUNK):
            yield chunk


@router.get("/{customer_id}/timeline")
async def get_timeline(
    customer_id: Identifier,
    app: TheApp,
    caller: Annotated[Caller, Depends(needs(Permission.READ_CONVERSATIONS))],
    before: datetime | None = None,
    limit: Limit = 100,
) -> Timeline:
    """Everything of this customer over all conversations and channels, oldest first; the newest before ``before``."""
    if before is not None and before.tzinfo is None:
        raise InvalidInput("the time has no zone", field="before", fix="add one, such as Z or +02:00")

    def look(work: Work) -> Timeline:
        profile = customer_named(work, CustomerId(customer_id))
        messages = work.messages.of_customer(profile.customer_id, before=before, limit=limit)
        no_highlights: list[HighlightShape] = []
        return Timeline(
            conversation_id=None,
            customer_id=profile.customer_id,
            messages=[MessageShape.of(m) for m in messages],
            highlights=no_highlights,
        )

    return await app.store.read(look)


@router.post("/{customer_id}/identities", status_code=201)
async def post_identity(customer_id: Identifier, body: NewIdentity, app: TheApp, caller: Writer) -> CustomerShape:
    """This address is theirs, on the caller's word. If it is another customer's, the two become one (reversible)."""
    evidence = Evidence.LINKED_BY_AGENT if caller.agent_id else Evidence.LINKED_BY_API
    profile = await link_identity(
        app,
        CustomerId(customer_id),
        body.channel,
        body.address,
        account=body.account,
        evidence=evidence,
        actor=caller.actor,
    )
    return CustomerShape.of(profile)


@router.post("/{customer_id}/merge")
async def post_merge(customer_id: Identifier, body: MergeRequest, app: TheApp, caller: Merger) -> CustomerShape:
    """The other customer becomes part of this one. Nothing is lost; it can be undone."""

    def story(work: Work) -> CustomerShape:
        kept, other = CustomerId(customer_id), CustomerId(body.other_customer_id)
        evidence = body.reason or "merged by hand"
        now = app.clock.now()
        merge_customers(work, kept=kept, merged=other, actor=caller.actor, evidence=evidence, now=now)
        return CustomerShape.of(customer_named(work, kept))

    return await app.store.write(story)


@router.get("/{customer_id}/merges")
async def get_merges(customer_id: Identifier, app: TheApp, caller: Reader) -> list[MergeShape]:
    merges = await app.store.read(lambda work: work.customers.merges(CustomerId(customer_id)))
    return [MergeShape.model_validate(m) for m in merges]


@router.post("/merges/{merge_id}/undo")
async def post_unmerge(merge_id: Identifier, app: TheApp, caller: Merger) -> MergeShape:
    """Undoes a merge: both are customers of their own again."""
    record = await app.store.write(
        lambda work: unmerge_customers(work, merge_id, actor=caller.actor, now=app.clock.now())
    )
    return MergeShape.model_validate(record)

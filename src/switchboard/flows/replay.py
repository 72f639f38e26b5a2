"""A payload that nobody could read is read once more: after a fix, nothing that a provider sent is lost."""

from __future__ import annotations

from dataclasses import replace

from switchboard.domain.ids import PayloadId
from switchboard.domain.inbound import Fate
from switchboard.errors import Conflict, InvalidInput, NotFound
from switchboard.flows.app import App
from switchboard.flows.aside import body_of
from switchboard.flows.intake import Taken, receive_events, unpack
from switchboard.ports.channel import RawRequest
from switchboard.ports.records import AuditEntry
from switchboard.ports.store import Work


async def replay_payload(app: App, payload_id: PayloadId, actor: str) -> Taken:
    """Its signature was checked when it came. Twice has one effect: every message is stored once.

    Raises ``NotFound``, ``Conflict`` where it is no dead letter (any more), ``InvalidInput`` if it still cannot be read."""
    record = await app.store.read(lambda work: work.payloads.get(payload_id))
    if record is None:
        raise NotFound("there is no such payload")
    channel = app.channels.get(record.channel)
    if record.fate is not Fate.DEAD_LETTER or channel is None or channel.capabilities.live:
        raise Conflict("only an unreadable payload of a channel that is set up can be read again", field="payload_id")
    body = await body_of(app, record.body, record.body_file)
    request = RawRequest(
        method="POST",
        url="",
        headers={"content-type": record.content_type},
        query={},
        body=body,
        received_at=record.received_at,
    )
    parsed, files = await unpack(channel, request)
    if parsed.unread:
        raise InvalidInput("parts of this payload still cannot be read", field=parsed.unread[0])
    taken = await receive_events(app, record.channel, parsed, body, record.content_type, files)

    def note(work: Work) -> None:
        done = replace(record, fate=Fate.APPLIED, reason=f"read again as {taken.payload_id}", body=b"", body_file=None)
        work.payloads.add(done)
        work.audit.append(AuditEntry(at=app.clock.now(), actor=actor, action="payload_replayed", target=payload_id))

    await app.store.write(note)
    return taken

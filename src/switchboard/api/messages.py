"""Messages in by API, what the machine makes of a text, and where a message is now."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request

from switchboard.api.caller import Caller, needs
from switchboard.api.problems import RESPONSES
from switchboard.api.shapes import (
    Analysis,
    AnalyzeRequest,
    AttachmentShape,
    CorrectionRequest,
    MessageAccepted,
    MessageFate,
    MessageShape,
    NewMessage,
)
from switchboard.domain.customer import Evidence
from switchboard.domain.ids import MessageId, new_id
from switchboard.domain.inbound import Fate, InboundEvent, InboundKind, SenderAddress
from switchboard.domain.message import Attachment, ChannelType, MessageContent
from switchboard.errors import InvalidInput, NotFound
from switchboard.flows.app import App
from switchboard.flows.correct import correct_reading
from switchboard.flows.explain import explain, read_text
from switchboard.flows.identify import normal_address
from switchboard.flows.intake import receive_events
from switchboard.ports.channel import Parsed
from switchboard.ports.store import Work
from switchboard.trust.roles import Permission

router = APIRouter(prefix="/v1", responses=RESPONSES)


async def app_of(request: Request) -> App:  # async: a plain function would cost a hop to another thread each time
    app: App = request.app.state.switchboard
    return app


TheApp = Annotated[App, Depends(app_of)]


@router.post("/analyze", tags=["understanding"])
async def analyze(
    body: AnalyzeRequest, app: TheApp, _: Annotated[Caller, Depends(needs(Permission.LIST_CONVERSATIONS))]
) -> Analysis:
    """What the machine understands of a text. Nothing is stored."""
    at = app.clock.now() if body.at is None else body.at
    if at.tzinfo is None:
        raise InvalidInput("the time has no zone", field="at", fix="add one, such as Z or +02:00")
    if body.explain:
        told = await explain(app, body.text, at, body.customer_value, body.region)
        return Analysis.of_text(told.reading, told.urgency, told.weights)
    return Analysis.of_text(*await read_text(app, body.text, at, body.customer_value, body.region))


@router.post("/messages", status_code=202, tags=["messages"])
async def accept(
    body: NewMessage,
    request: Request,
    app: TheApp,
    caller: Annotated[Caller, Depends(needs(Permission.RECEIVE_MESSAGES))],
) -> MessageAccepted:
    """A customer's message of any channel. 202 means that it is safely stored; reading and answering follow."""
    return await take(app, body, caller, await request.body())


async def take(app: App, message: NewMessage, caller: Caller, body: bytes) -> MessageAccepted:
    """Makes the message durable; ``body`` is the request as it came. Raises ``InvalidInput``, ``Unavailable``."""
    event = to_event(message, caller)
    taken = await receive_events(app, message.channel, Parsed(events=(event,)), body, "application/json")
    accepted = taken.accepted[0]
    return MessageAccepted(
        message_id=accepted.message_id or "",
        conversation_id=accepted.conversation_id or "",
        customer_id=accepted.customer_id or "",
        fate=accepted.fate,
        duplicate=accepted.fate is Fate.DUPLICATE,
    )


def to_event(body: NewMessage, caller: Caller) -> InboundEvent:
    """The message as if a channel had brought it; the API's word stands in for the provider's."""
    if not body.text.strip() and not body.attachments:
        raise InvalidInput("the message is empty", field="text", fix="send text or an attachment")
    if body.sent_at is not None and body.sent_at.tzinfo is None:
        raise InvalidInput("the time has no zone", field="sent_at", fix="add one, such as Z or +02:00")
    sender = SenderAddress(
        channel=body.channel,
        address=normal_address(body.channel, body.sender.address),
        account="" if body.channel in ACCOUNTLESS else body.account,
        verified=body.sender.verified,
        evidence=Evidence.LINKED_BY_API if body.sender.verified else Evidence.CLAIMED,
    )
    return InboundEvent(
        kind=InboundKind.MESSAGE,
        channel=body.channel,
        account=body.account,
        external_id=f"{caller.actor}:{body.external_id}" if body.external_id else new_id("api"),
        senders=(sender,),
        sender_name=body.sender.name,
        content=MessageContent(
            text=body.text, subject=body.subject, attachments=tuple(to_attachment(a) for a in body.attachments)
        ),
        sent_at=body.sent_at,
        metadata=body.metadata,
    )


ACCOUNTLESS = (ChannelType.EMAIL, ChannelType.WHATSAPP, ChannelType.VOICE)
"""Channels whose addresses mean the same person whichever of our accounts they write to."""


def to_attachment(shape: AttachmentShape) -> Attachment:
    return Attachment(
        kind=shape.kind,
        name=shape.name,
        content_type=shape.content_type,
        size=shape.size,
        url=shape.url,
        provider_id=shape.provider_id,
    )


@router.get("/messages/{message_id}", tags=["messages"])
async def fate(
    message_id: str, app: TheApp, _: Annotated[Caller, Depends(needs(Permission.READ_CONVERSATIONS))]
) -> MessageFate:
    """The one place where this message is now."""
    return await app.store.read(lambda work: _fate(work, MessageId(message_id)))


@router.put("/messages/{message_id}/correction", tags=["messages"])
async def correct(
    message_id: str,
    body: CorrectionRequest,
    app: TheApp,
    caller: Annotated[Caller, Depends(needs(Permission.MANAGE_CONVERSATIONS))],
) -> MessageShape:
    """A person's word on how the message should have been read. It is counted, exported and used for training."""
    return MessageShape.of(await correct_reading(app, MessageId(message_id), body.right(), caller.actor))


def _fate(work: Work, message_id: MessageId) -> MessageFate:
    message = work.messages.get(message_id)
    conversation = work.conversations.get(message.conversation_id) if message is not None else None
    if message is None or conversation is None:
        raise NotFound("there is no such message")
    decision = work.decisions.of_message(message_id)
    return MessageFate(
        message=MessageShape.of(message),
        conversation_status=conversation.state.status.value,
        handler=conversation.state.handler.value,
        decision_id=decision.decision_id if decision else None,
    )

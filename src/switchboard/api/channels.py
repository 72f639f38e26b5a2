"""The channels: what each can carry, whether it needs somebody, and its approved texts."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import Field

from switchboard.api.caller import Caller, needs
from switchboard.api.messages import TheApp
from switchboard.api.problems import RESPONSES
from switchboard.api.shapes import Shape
from switchboard.domain.message import ChannelType
from switchboard.flows.attention import Attention
from switchboard.flows.attention import read as attention_of
from switchboard.flows.channel_status import ChannelState, ChannelStatus, ask_provider, channel_states
from switchboard.flows.templates import refresh_templates, templates_of
from switchboard.ports.channel import Capabilities, MessageTemplate
from switchboard.trust.roles import Permission

router = APIRouter(prefix="/v1/channels", responses=RESPONSES, tags=["channels"])
Reader = Annotated[Caller, Depends(needs(Permission.LIST_CONVERSATIONS))]
Keeper = Annotated[Caller, Depends(needs(Permission.MANAGE_CHANNELS))]
Replier = Annotated[Caller, Depends(needs(Permission.REPLY))]


class MediaShape(Shape):
    kind: str
    max_bytes: int
    content_types: list[str]


class ChannelShape(Shape):
    """``attention``: why an operator must act before anything is sent; null: nothing to do. ``reply_window_s``: how long
    after the customer's last message free text may be sent; null: always. ``configured``: settings, stored, settings and
    stored, built in; empty: not set up. ``reasons`` stop it now, ``warnings`` soon will."""

    channel: ChannelType
    attention: str | None
    text_limit: int | None
    text_unit: str
    reply_window_s: float | None
    buttons: int
    list_rows: int
    templates: bool
    public: bool
    media: list[MediaShape]
    state: ChannelState
    configured: str
    reasons: list[str]
    warnings: list[str]
    last_in: datetime | None
    last_out: datetime | None
    access_expires_at: datetime | None
    tested_at: datetime | None

    @classmethod
    def of(cls, status: ChannelStatus, can: Capabilities, attention: Attention | None) -> ChannelShape:
        window = can.reply_window
        return cls(
            channel=status.channel,
            attention=attention.detail if attention else None,
            text_limit=can.text_limit,
            text_unit=can.text_unit,
            reply_window_s=window.total_seconds() if window else None,
            buttons=can.max_buttons,
            list_rows=can.max_rows,
            templates=can.templates,
            public=can.public,
            media=[
                MediaShape(kind=rule.kind, max_bytes=rule.max_bytes, content_types=list(rule.content_types))
                for rule in (can.media if can.attachments else ())
            ],
            state=status.state,
            configured=status.source,
            reasons=list(status.reasons),
            warnings=list(status.warnings),
            last_in=status.last_in,
            last_out=status.last_out,
            access_expires_at=status.expires_at,
            tested_at=status.checked_at,
        )


class FindingShape(Shape):
    """``fix``: how to mend what is not ``well``."""

    what: str
    well: bool
    detail: str
    fix: str


class TestShape(Shape):
    channel: ChannelType
    well: bool
    access_expires_at: datetime | None
    findings: list[FindingShape]


class TemplateShape(Shape):
    """``variables`` are all that need a value, the header's first."""

    name: str
    language: str
    category: str
    text: str
    header: str | None = Field(None)
    footer: str | None = Field(None)
    variables: list[str]

    @classmethod
    def of(cls, t: MessageTemplate) -> TemplateShape:
        return cls(
            name=t.name,
            language=t.language,
            category=t.category,
            text=t.text,
            header=t.header,
            footer=t.footer,
            variables=[*t.header_variables, *t.variables],
        )


@router.get("")
async def list_channels(app: TheApp, _: Reader) -> list[ChannelShape]:
    """Every channel, set up or not: how it is doing and what it can carry."""
    attention = await app.store.read(attention_of)
    return [
        ChannelShape.of(status, _abilities(app, status.channel), attention.get(status.channel))
        for status in await channel_states(app)
    ]


def _abilities(app: TheApp, channel: ChannelType) -> Capabilities:
    known = app.channels.get(channel)
    return known.capabilities if known is not None else Capabilities(attachments=False)


@router.post("/{channel}/test")
async def post_test(channel: ChannelType, app: TheApp, caller: Keeper) -> TestShape:
    """Asks the provider whether our access holds and its notices reach us. 404 for a channel that is not set up."""
    found = await ask_provider(app, channel, caller.actor)
    return TestShape(
        channel=channel,
        well=found.well,
        access_expires_at=found.expires_at,
        findings=[FindingShape(what=f.what, well=f.well, detail=f.detail, fix=f.fix) for f in found.findings],
    )


@router.get("/{channel}/templates")
async def list_templates(channel: ChannelType, app: TheApp, _: Reader) -> list[TemplateShape]:
    """Approved texts that a reply may go out as, as last fetched from the provider."""
    return [TemplateShape.of(t) for t in await app.store.read(lambda work: templates_of(work, channel))]


@router.post("/{channel}/templates/refresh")
async def post_refresh(channel: ChannelType, app: TheApp, _: Replier) -> list[TemplateShape]:
    """Asks the provider anew. 404 for a channel without templates."""
    return [TemplateShape.of(t) for t in await refresh_templates(app, channel)]

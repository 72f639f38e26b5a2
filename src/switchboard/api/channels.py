"""The channels: what each can carry, whether it needs somebody, and its approved texts."""

from __future__ import annotations

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
from switchboard.flows.templates import refresh_templates, templates_of
from switchboard.ports.channel import Capabilities, MessageTemplate
from switchboard.trust.roles import Permission

router = APIRouter(prefix="/v1/channels", responses=RESPONSES, tags=["channels"])
Reader = Annotated[Caller, Depends(needs(Permission.LIST_CONVERSATIONS))]
Replier = Annotated[Caller, Depends(needs(Permission.REPLY))]


class MediaShape(Shape):
    kind: str
    max_bytes: int
    content_types: list[str]


class ChannelShape(Shape):
    """``attention``: why an operator must act before anything is sent; null: nothing to do. ``reply_window_s``: how long
    after the customer's last message free text may be sent; null: always."""

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

    @classmethod
    def of(cls, channel: ChannelType, can: Capabilities, attention: Attention | None) -> ChannelShape:
        window = can.reply_window
        return cls(
            channel=channel,
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
        )


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
    """Every channel that is set up."""
    attention = await app.store.read(attention_of)
    return [ChannelShape.of(kind, channel.capabilities, attention.get(kind)) for kind, channel in app.channels.items()]


@router.get("/{channel}/templates")
async def list_templates(channel: ChannelType, app: TheApp, _: Reader) -> list[TemplateShape]:
    """Approved texts that a reply may go out as, as last fetched from the provider."""
    return [TemplateShape.of(t) for t in await app.store.read(lambda work: templates_of(work, channel))]


@router.post("/{channel}/templates/refresh")
async def post_refresh(channel: ChannelType, app: TheApp, _: Replier) -> list[TemplateShape]:
    """Asks the provider anew. 404 for a channel without templates."""
    return [TemplateShape.of(t) for t in await refresh_templates(app, channel)]

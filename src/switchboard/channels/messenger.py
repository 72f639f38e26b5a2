"""Sending through Meta's Send API, which Messenger and Instagram share."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from switchboard.channels import http, meta
from switchboard.channels.fields import ident, whole
from switchboard.channels.splitting import split_text
from switchboard.domain.message import Attachment
from switchboard.errors import ChannelNeedsAttention, DeliveryUnknown, RateLimited, Unavailable, Undeliverable
from switchboard.ports.channel import Capabilities, Outgoing, Receipt

HUMAN_AGENT_WINDOW = timedelta(days=7)

WINDOW_ADVICE = "Meta takes no free text then: reach the customer on another channel"

FAULTS: http.FaultTable = {
    **meta.GRAPH_FAULTS,
    **http.faults(Unavailable, "Meta has trouble", 1200),
    **http.faults(Undeliverable, "the person cannot be reached at the moment (left or blocked us)", 551),
    **http.faults(Undeliverable, "the person is unknown to this account", 9010),
    **http.faults(Undeliverable, "the person has not agreed to share a profile", 230),
}

SUBCODES: http.FaultTable = {
    **http.faults(Undeliverable, f"the reply window has closed. {WINDOW_ADVICE}", 2018278, 2534022),
    **http.faults(Undeliverable, "the person is unknown to this account", 2018001, 2534014),
    **http.faults(Undeliverable, "the person cannot be reached: blocked us or deleted the chat", 1545041),
    **http.faults(RateLimited, "Meta limits the rate", 2018022),
    **http.faults(ChannelNeedsAttention, "the app may not send: ask Meta for the messaging permission", 2018027),
}
"""Looked up before ``FAULTS``: they tell apart what one code mixes."""


async def send(
    graph: meta.Graph, message: Outgoing, limits: Capabilities, *, speaker: str, now: datetime, human_agent: bool
) -> Receipt:
    """Send text, then each attachment by its link; ``speaker`` is the page's id or ``me``, the owner of the token.

    Raises what ``Channel.send`` names.
    """
    envelope = _envelope(message, limits, now=now, human_agent=human_agent)
    bodies = _bodies(message, limits)
    http.require_something(bodies)

    async def send_one(body: Mapping[str, object]) -> str:
        marked = {**body, "metadata": meta.marker_of(message.key)}
        answer = await graph.post(f"{speaker}/messages", {**envelope, "message": marked}, now=now)
        taken = ident(answer, "message_id")
        if taken is None:
            raise DeliveryUnknown("Meta answered without a message id")
        return taken

    return await http.deliver(bodies, send_one)


def _envelope(message: Outgoing, limits: Capabilities, *, now: datetime, human_agent: bool) -> dict[str, object]:
    """Recipient and kind of message. After the window only a person may write, and only with Meta's permission."""
    opened, window = message.window_opened_at, limits.reply_window
    late = opened is not None and window is not None and now - opened > window
    tagged = late and human_agent and not message.automatic
    if window is not None:
        http.require_window(message, HUMAN_AGENT_WINDOW if tagged else window, now, WINDOW_ADVICE)
    envelope: dict[str, object] = {"recipient": _recipient(message.to), "messaging_type": "RESPONSE"}
    if tagged:
        envelope.update(messaging_type="MESSAGE_TAG", tag="HUMAN_AGENT")
    return envelope


def _recipient(to: str) -> dict[str, str]:
    reference = to.removeprefix("user_ref:")
    return {"id": to} if reference == to else {"user_ref": reference}


def _bodies(message: Outgoing, limits: Capabilities) -> list[Mapping[str, object]]:
    texts = split_text(whole(message.text), limits.text_limit, limits.text_unit)
    return [*({"text": part} for part in texts), *(_linked(item) for item in message.attachments)]


def _linked(attachment: Attachment) -> Mapping[str, object]:
    if attachment.url is None:
        raise Undeliverable("An attachment has no public link: only files that Meta can fetch can be sent")
    kind = attachment.kind if attachment.kind in ("image", "video", "audio") else "file"
    return {"attachment": {"type": kind, "payload": {"url": attachment.url}}}

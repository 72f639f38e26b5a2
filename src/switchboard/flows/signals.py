"""What the customer may see of us: that a message was read, and that somebody is writing. A courtesy, never a duty."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta

from switchboard.domain.ids import ConversationId
from switchboard.domain.message import ConversationMessage, Direction
from switchboard.errors import SwitchboardError
from switchboard.flows.app import App
from switchboard.ports.channel import Channel, Signals

log = logging.getLogger(__name__)
TYPING_EVERY = timedelta(seconds=20)
"""Providers end the sign of writing after some 25 seconds."""
LOOK_BACK = 10
MOST_REMEMBERED = 5000


async def seen(app: App, conversation_id: ConversationId) -> None:
    """An agent opened the conversation: the customer's newest message counts as read."""
    await _signal(app, conversation_id, typing=False)


async def typing(app: App, conversation_id: ConversationId) -> None:
    """An agent is writing an answer."""
    await _signal(app, conversation_id, typing=True)


async def _signal(app: App, conversation_id: ConversationId, *, typing: bool) -> None:
    """Tells the provider once for each message (and each 20 s of writing); trouble is only logged."""
    message = await app.store.read(
        lambda work: next(
            (m for m in reversed(work.messages.newest(conversation_id, LOOK_BACK)) if m.direction is Direction.INBOUND),
            None,
        )
    )
    channel = app.channels.get(message.channel) if message is not None else None
    if message is None or channel is None or not channel.capabilities.signals or "public_id" in message.metadata:
        return
    if not _is_due(app, message, typing=typing):
        return
    try:
        async with asyncio.timeout(5):
            await _tell(channel, message, typing=typing)
    except (SwitchboardError, TimeoutError) as error:
        log.info("%s was not told that we %s: %s", message.channel.value, "write" if typing else "read", error)


async def _tell(channel: Channel, message: ConversationMessage, *, typing: bool) -> None:
    address = message.metadata.get("reply_address")
    if address is not None and isinstance(channel, Signals):
        await channel.signal(message.account, address, message.external_id, typing=typing)


def _is_due(app: App, message: ConversationMessage, *, typing: bool) -> bool:
    now, key = app.clock.now(), f"{'typing' if typing else 'read'}:{message.message_id}"
    last = app.signalled.get(key)
    if last is not None and (not typing or now - last < TYPING_EVERY):
        return False
    app.signalled[key] = now
    while len(app.signalled) > MOST_REMEMBERED:
        del app.signalled[next(iter(app.signalled))]
    return True

"""Reads what Meta sends to any of our addresses: one address may get WhatsApp, Messenger and Instagram together."""

from __future__ import annotations

from switchboard.channels import messenger_events, whatsapp_events
from switchboard.channels.fields import Json, read_object
from switchboard.domain.inbound import FROM_CUSTOMER
from switchboard.domain.message import ChannelType
from switchboard.errors import InvalidInput
from switchboard.ports.channel import Parsed

PRODUCTS = {
    whatsapp_events.OBJECT: ChannelType.WHATSAPP,
    **{name: channel for channel, name in messenger_events.OBJECTS.items()},
}
"""The body's ``object`` and whose events it holds."""

NAMES = {ChannelType.WHATSAPP: "WhatsApp", **messenger_events.NAMES}


def read_webhook(body: bytes, channel: ChannelType, *, own_app: str | None = None, public: bool = False) -> Parsed:
    """Every event of a webhook body, in order. ``channel`` is the one whose address got it; ``public`` holds for it
    alone. Raises ``InvalidInput`` if the body is not Meta's."""
    document = read_object(body, NAMES[channel])
    subject = document.get("object")
    if not isinstance(subject, str):
        raise InvalidInput(f"The body has no object member, so it is not from {NAMES[channel]}", field="object")
    product = PRODUCTS.get(subject)
    if product is None:
        return _of_another_product(document, channel)
    return _read(document, product, own_app, public and product is channel)


def _read(document: Json, product: ChannelType, own_app: str | None, public: bool) -> Parsed:
    if product is ChannelType.WHATSAPP:
        return whatsapp_events.read_document(document)
    return messenger_events.read_document(document, product, own_app=own_app, public=public)


def _of_another_product(document: Json, channel: ChannelType) -> Parsed:
    """Not for us, unless it holds what only a customer's message can be: then an operator should look."""
    found = _read(document, channel, None, False)
    if any(event.kind in FROM_CUSTOMER for event in found.events):
        return Parsed(unread=("object",))
    return Parsed(control=("other object: the subscription of this address is for another product",))

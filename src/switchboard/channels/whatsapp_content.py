"""What a WhatsApp message says, for every type of message that Meta documents."""

from __future__ import annotations

import re
from collections.abc import Callable

from switchboard.channels.fields import Json, flat, ident, obj, objects, text
from switchboard.domain.message import Attachment, MessageContent

MEDIA = ("image", "video", "audio", "document", "sticker")

_VCARD_NUMBER = re.compile(r"waid=([0-9]{5,20})")


def read_content(message: Json) -> MessageContent | None:
    """The content, or None if the type is unknown or its member is missing."""
    kind = text(message, "type") or ""
    if kind in MEDIA:
        return _media(kind, obj(message, kind))
    reader = _READERS.get(kind)
    return reader(message) if reader is not None and kind in message else None


def _text(message: Json) -> MessageContent | None:
    body = text(obj(message, "text"), "body")
    return MessageContent(text=body) if body is not None else None


def _media(kind: str, media: Json) -> MessageContent | None:
    if not media:
        return None
    link = ident(media, "url") or ident(media, "link")
    details = flat(media, "sha256") | {flag: "true" for flag in ("voice", "animated") if media.get(flag) is True}
    attachment = Attachment(
        kind=kind,
        name=text(media, "filename"),
        content_type=text(media, "mime_type"),
        url=link,
        provider_id=ident(media, "id"),
        details=details,
    )
    return MessageContent(
        text=text(media, "caption") or "", attachments=(attachment,), media_urls=(link,) if link else ()
    )


def _location(message: Json) -> MessageContent | None:
    place = obj(message, "location")
    details = flat(place, "latitude", "longitude", "name", "address", "url")
    if not details:
        return None
    return MessageContent(
        text="", attachments=(Attachment(kind="location", name=details.get("name"), details=details),)
    )


def _contacts(message: Json) -> MessageContent | None:
    cards = tuple(_contact(card) for card in objects(message, "contacts"))
    return MessageContent(text="", attachments=cards) if cards else None


def _contact(card: Json) -> Attachment:
    company = obj(card, "org")
    listed = {
        "phones": _all_of(card, "phones", "phone") or _all_of(card, "phones", "wa_id"),
        "emails": _all_of(card, "emails", "email"),
        "addresses": "; ".join(filter(None, map(_postal, objects(card, "addresses")))),
        "urls": _all_of(card, "urls", "url"),
        "org": ", ".join(flat(company, "title", "department", "company").values()),
    }
    details = flat(card, "vcard", "birthday") | {name: value for name, value in listed.items() if value}
    return Attachment(kind="contact", name=_full_name(obj(card, "name")) or listed["org"] or None, details=details)


def _all_of(card: Json, name: str, part: str) -> str:
    return ", ".join(found for item in objects(card, name) if (found := ident(item, part)))


def _postal(address: Json) -> str:
    return ", ".join(flat(address, "street", "zip", "city", "state", "country").values())


def _full_name(name: Json) -> str:
    parts = flat(name, "prefix", "first_name", "middle_name", "last_name", "suffix")
    return ident(name, "formatted_name") or " ".join(parts.values())


def shared_number(message: Json) -> str | None:
    """The number in the customer's answer to our request for it, else None."""
    if text(message, "origin") != "contact_request":
        return None
    for card in objects(message, "contacts"):
        in_vcard = _VCARD_NUMBER.search((text(card, "vcard") or "")[:10_000])
        for phone in objects(card, "phones"):
            found = ident(phone, "wa_id") or (in_vcard and in_vcard.group(1)) or ident(phone, "phone")
            if found:
                return found
    return None


def _button(message: Json) -> MessageContent | None:
    button = obj(message, "button")
    return _choice(text(button, "text"), text(button, "payload"))


def _interactive(message: Json) -> MessageContent | None:
    """A tapped button or list row, a filled-in form (``payload`` is its JSON), an answer to a request for a call."""
    interactive = obj(message, "interactive")
    kind = text(interactive, "type") or ""
    reply = obj(interactive, kind)
    if kind in ("button_reply", "list_reply"):
        return _choice(text(reply, "title"), text(reply, "id"))
    if kind == "nfm_reply":
        return _choice("", text(reply, "response_json"))
    if kind == "call_permission_reply" and text(reply, "response"):
        return _choice("", f"call_permission:{text(reply, 'response')}")
    return None


def _choice(title: str | None, payload: str | None) -> MessageContent | None:
    if title is None and payload is None:
        return None
    return MessageContent(text=title or "", payload=payload)


def _order(message: Json) -> MessageContent | None:
    order = obj(message, "order")
    if not order:
        return None
    wares = objects(order, "product_items")
    details = {**flat(order, "catalog_id"), "items": str(len(wares))}
    for place, ware in enumerate(wares[:100], 1):
        fields = flat(ware, "product_retailer_id", "quantity", "item_price", "currency")
        details[f"item_{place}"] = ", ".join(f"{key}={value}" for key, value in fields.items())
    return MessageContent(text=text(order, "text") or "", attachments=(Attachment(kind="order", details=details),))


_READERS: dict[str, Callable[[Json], MessageContent | None]] = {
    "text": _text,
    "location": _location,
    "contacts": _contacts,
    "button": _button,
    "interactive": _interactive,
    "order": _order,
}

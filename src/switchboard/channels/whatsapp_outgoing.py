"""What we send over WhatsApp: text, choices to tap, approved templates and files, in the order they are read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from switchboard.channels import meta, whatsapp_templates
from switchboard.channels.fields import whole
from switchboard.channels.files import OutgoingFile
from switchboard.channels.phones import phone_address
from switchboard.channels.splitting import split_text
from switchboard.domain.message import Attachment, Choice
from switchboard.ports.channel import Outgoing, with_numbered_choices

MESSAGE_ID = "wamid."
"""WhatsApp's own message ids begin like this."""

TEXT_LIMIT, BODY_LIMIT = 4096, 1024
BUTTONS, BUTTON_TITLE, BUTTON_ID = 3, 20, 256
ROWS, ROW_TITLE, ROW_DESCRIPTION, ROW_ID = 10, 24, 72, 200
LIST_LABEL = "☰"
"""Opens the list of choices: a sign that needs no translation."""

Body = Mapping[str, object]


def envelope_of(message: Outgoing) -> dict[str, object]:
    """Who gets it, and our key, which comes back with every status."""
    envelope: dict[str, object] = {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "biz_opaque_callback_data": meta.marker_of(message.key)[:512],
    }
    phone = phone_address(message.to)
    if phone.startswith("+"):
        envelope["to"] = phone.removeprefix("+")
    else:
        envelope["recipient"] = message.to
    return envelope


def bodies_of(message: Outgoing, uploaded: Sequence[tuple[OutgoingFile, str]]) -> list[Body]:
    """One body for each message that WhatsApp is asked to show. ``uploaded``: our files with WhatsApp's ids."""
    linked = [item for item in message.attachments if item.blob_id is None and item.url is not None]
    bodies: list[Body] = [
        *_said(message),
        *(_linked(item, str(item.url)) for item in linked),
        *(_media(file.kind, {"id": media_id}, file.name) for file, media_id in uploaded),
    ]
    quoted = message.in_reply_to
    if bodies and quoted and quoted.startswith(MESSAGE_ID) and message.template is None:
        bodies[0] = {
            **bodies[0],
            "context": {"message_id": quoted},
        }  # only the first part; made-up ids cannot be quoted
    return bodies


def _said(message: Outgoing) -> list[Body]:
    if message.template is not None:
        return [whatsapp_templates.body_of(message.template)]
    if message.choices and not tappable(message.choices):
        message = with_numbered_choices(message)
    parts = list(split_text(whole(message.text), TEXT_LIMIT))
    if not message.choices or not parts:
        return [_text(part) for part in parts]
    *before, last = [*parts[:-1], *split_text(parts[-1], BODY_LIMIT)]
    return [*(_text(part) for part in before), _interactive(last, message.choices)]


def _text(part: str) -> Body:
    return {"type": "text", "text": {"body": part, "preview_url": False}}


def tappable(choices: Sequence[Choice]) -> bool:
    """Whether WhatsApp can show these as buttons or as a list; else they become numbered text."""
    return _as_buttons(choices) or (
        len(choices) <= ROWS
        and all(
            len(c.title) <= ROW_TITLE and len(c.description or "") <= ROW_DESCRIPTION and len(c.id) <= ROW_ID
            for c in choices
        )
    )


def _as_buttons(choices: Sequence[Choice]) -> bool:
    return len(choices) <= BUTTONS and all(
        len(c.title) <= BUTTON_TITLE and len(c.id) <= BUTTON_ID and not c.description for c in choices
    )


def _interactive(words: str, choices: Sequence[Choice]) -> Body:
    if _as_buttons(choices):
        buttons = [{"type": "reply", "reply": {"id": c.id, "title": c.title}} for c in choices]
        return _shown("button", words, {"buttons": buttons})
    rows = [{"id": c.id, "title": c.title} | ({"description": c.description} if c.description else {}) for c in choices]
    return _shown("list", words, {"button": f"{LIST_LABEL} {len(choices)}", "sections": [{"rows": rows}]})


def _shown(kind: str, words: str, action: Body) -> Body:
    return {"type": "interactive", "interactive": {"type": kind, "body": {"text": words}, "action": action}}


def _linked(attachment: Attachment, link: str) -> Body:
    kind = attachment.kind if attachment.kind in ("image", "video", "audio", "sticker") else "document"
    return _media(kind, {"link": link}, attachment.name)


def _media(kind: str, where: dict[str, str], name: str | None) -> Body:
    if kind == "document" and name:
        where = {**where, "filename": name[:240]}
    return {"type": kind, kind: where}

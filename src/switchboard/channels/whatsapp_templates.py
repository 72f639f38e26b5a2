"""Approved WhatsApp templates: which there are, and how one goes out with its variables filled in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from switchboard.channels import meta
from switchboard.channels.fields import Json, ident, obj, objects, text
from switchboard.ports.channel import MessageTemplate, TemplateUse

MOST_PAGES = 20
_VARIABLE = re.compile(r"\{\{\s{0,8}([A-Za-z0-9_]{1,64})\s{0,8}\}\}")


async def fetch_templates(graph: meta.Graph, business_account_id: str, *, now: datetime) -> tuple[MessageTemplate, ...]:
    """Every template of the account that is approved and made of text alone, by name and language."""
    found: list[MessageTemplate] = []
    after = ""
    for _ in range(MOST_PAGES):
        query = {"fields": "name,language,status,category,components", "limit": "100"}
        answer = await graph.get(f"{business_account_id}/message_templates", query | _from(after), now=now)
        found.extend(template for raw in objects(answer, "data") if (template := read_template(raw)) is not None)
        after = text(obj(obj(answer, "paging"), "cursors"), "after") or ""
        if not after or not text(obj(answer, "paging"), "next"):
            break
    return tuple(sorted(found, key=lambda template: (template.name, template.language)))


def _from(after: str) -> dict[str, str]:
    return {"after": after} if after else {}


def read_template(raw: Json) -> MessageTemplate | None:
    """None for one that cannot be sent from here: not approved, with a picture above, or with a variable in a link."""
    name, language = ident(raw, "name"), ident(raw, "language")
    if name is None or language is None or text(raw, "status") != "APPROVED":
        return None
    parts = {(text(part, "type") or "").upper(): part for part in objects(raw, "components")}
    header, body = parts.get("HEADER", {}), text(parts.get("BODY", {}), "text")
    picture_above = bool(header) and (text(header, "format") or "TEXT").upper() != "TEXT"
    open_links = any(_VARIABLE.search(text(b, "url") or "") for b in objects(parts.get("BUTTONS", {}), "buttons"))
    if body is None or picture_above or open_links:
        return None
    return MessageTemplate(
        name=name,
        language=language,
        text=body,
        category=text(raw, "category") or "",
        variables=variables_of(body),
        header=text(header, "text"),
        header_variables=variables_of(text(header, "text") or ""),
        footer=text(parts.get("FOOTER", {}), "text"),
    )


def variables_of(words: str) -> tuple[str, ...]:
    """Names (or numbers) of the variables, each once, in order."""
    return tuple(dict.fromkeys(_VARIABLE.findall(words[:10_000])))


def body_of(template: TemplateUse) -> Mapping[str, object]:
    """The body that sends it."""
    components = [
        {"type": kind, "parameters": [_parameter(name, value) for name, value in values.items()]}
        for kind, values in (("header", template.header_variables), ("body", template.variables))
        if values
    ]
    chosen: dict[str, object] = {"name": template.name, "language": {"code": template.language}}
    if components:
        chosen["components"] = components
    return {"type": "template", "template": chosen}


def _parameter(name: str, value: str) -> dict[str, str]:
    """Numbered variables go by their place, named ones by their name. Line breaks and runs of blanks are not allowed."""
    words = " ".join(value.split())
    named = {} if name.isdigit() else {"parameter_name": name}
    return {"type": "text", **named, "text": words}

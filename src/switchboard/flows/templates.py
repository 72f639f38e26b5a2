"""Approved texts of a provider: fetched now and then, chosen by an agent, filled in and sent."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Mapping
from dataclasses import asdict

from switchboard.domain.message import ChannelType
from switchboard.errors import InvalidInput, NotFound, SwitchboardError
from switchboard.flows.app import App
from switchboard.ports.channel import HasTemplates, MessageTemplate, TemplateUse
from switchboard.ports.store import Work

log = logging.getLogger(__name__)
LONGEST_VALUE = 1000
_VARIABLE = re.compile(r"\{\{\s{0,8}([A-Za-z0-9_]{1,64})\s{0,8}\}\}")


async def refresh_templates(app: App, kind: ChannelType) -> tuple[MessageTemplate, ...]:
    """Asks the provider which templates may be sent now, and keeps them. Raises ``NotFound`` for a channel without."""
    channel = app.channels.get(kind)
    if channel is None or not channel.capabilities.templates or not isinstance(channel, HasTemplates):
        raise NotFound("this channel has no templates here")
    found = await channel.list_templates()
    document = {"templates": [asdict(template) for template in found]}
    await app.store.write(lambda work: work.config.set(_name(kind), json.loads(json.dumps(document))))
    return found


async def refresh_all_templates(app: App) -> None:
    """The timer's way; a provider in trouble keeps what was known."""
    for kind, channel in app.channels.items():
        if channel.capabilities.templates:
            try:
                await refresh_templates(app, kind)
            except SwitchboardError as error:
                log.warning("templates of %s: %s", kind.value, error.detail)


def templates_of(work: Work, kind: ChannelType) -> tuple[MessageTemplate, ...]:
    """As last fetched."""
    stored = work.config.get(_name(kind))
    listed = stored[0].get("templates") if stored is not None else None
    return tuple(_template(raw) for raw in listed if isinstance(raw, dict)) if isinstance(listed, list) else ()


def _template(raw: Mapping[str, object]) -> MessageTemplate:
    lists = {name: tuple(map(str, _list(raw.get(name)))) for name in ("variables", "header_variables")}
    texts = {name: str(raw[name]) for name in ("name", "language", "text", "status", "category")}
    optional = {name: str(raw[name]) if raw.get(name) is not None else None for name in ("header", "footer")}
    return MessageTemplate(**texts, **lists, **optional)  # type: ignore[arg-type]  # each group has one type


def _list(value: object) -> list[object]:
    return list(value) if isinstance(value, list | tuple) else []


def filled_in(
    work: Work, kind: ChannelType, name: str, language: str | None, values: Mapping[str, str]
) -> tuple[TemplateUse, str]:
    """The template with a value for each variable, and the words that the customer will read.

    Raises ``InvalidInput`` naming the variable that is missing, unknown or too long."""
    known = [t for t in templates_of(work, kind) if t.name == name and language in (None, t.language)]
    if not known:
        raise InvalidInput("there is no such approved template", field="template.name", fix="refresh the list")
    template = known[0]
    wanted = (*template.header_variables, *template.variables)
    missing = [variable for variable in wanted if not values.get(variable, "").strip()]
    unknown = [variable for variable in values if variable not in wanted]
    if missing:
        raise InvalidInput("a variable has no value", field=f"template.variables.{missing[0]}", fix="fill it in")
    if unknown:
        raise InvalidInput("the template has no such variable", field=f"template.variables.{unknown[0][:64]}")
    if any(len(value) > LONGEST_VALUE for value in values.values()):
        raise InvalidInput("a value is too long", field="template.variables", limit=f"{LONGEST_VALUE} characters")
    use = TemplateUse(
        name=template.name,
        language=template.language,
        variables={variable: values[variable] for variable in template.variables},
        header_variables={variable: values[variable] for variable in template.header_variables},
    )
    parts = (_filled(template.header or "", values), _filled(template.text, values), template.footer or "")
    return use, "\n\n".join(part for part in parts if part)


def _filled(words: str, values: Mapping[str, str]) -> str:
    return _VARIABLE.sub(lambda found: values.get(found[1], found[0]), words)


def to_metadata(use: TemplateUse) -> dict[str, str]:
    """How a message remembers the template it goes out as."""
    return {"template": json.dumps(asdict(use), ensure_ascii=False)}


def from_metadata(metadata: Mapping[str, str]) -> TemplateUse | None:
    stored = metadata.get("template")
    return TemplateUse(**json.loads(stored)) if stored else None


def _name(kind: ChannelType) -> str:
    return f"provider-templates:{kind.value}"

"""What an agent's reply can carry besides words: files, answers to tap, a provider's approved template."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from switchboard.domain.conversation import Conversation
from switchboard.domain.message import ChannelType, Choice
from switchboard.errors import InvalidInput
from switchboard.flows.app import App
from switchboard.flows.files import taken_up
from switchboard.flows.outgoing import Speech, channel_for
from switchboard.flows.templates import filled_in, to_metadata
from switchboard.ports.store import Work

MOST_CHOICES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateChoice:
    """An approved text by name (and language, where there are several), with its variables' values."""

    name: str
    language: str | None = None
    variables: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Extras:
    """``uploads`` are ids of files handed in for this conversation. A ``template`` replaces the words; ``subject`` that
    of the mail (default: the customer's own). ``cc``: who gets a copy; None: the others of the customer's mail."""

    uploads: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = ()
    template: TemplateChoice | None = None
    subject: str | None = None
    cc: tuple[str, ...] | None = None


def with_extras(work: Work, app: App, conversation: Conversation, speech: Speech, extras: Extras) -> Speech:
    """The speech with everything that goes along. Raises ``InvalidInput`` or ``TooLarge`` naming what the channel does
    not carry, and what to do."""
    if not (extras.uploads or extras.choices or extras.template):
        return speech
    kind = channel_for(work, conversation, speech)
    if len(extras.choices) > MOST_CHOICES:
        raise InvalidInput("too many choices", field="choices", limit=f"at most {MOST_CHOICES}")
    attachments = taken_up(work, conversation.conversation_id, extras.uploads)
    channel = app.channels.get(kind)
    for attachment in attachments:
        if channel is not None:
            channel.capabilities.carries(attachment)
    speech = replace(speech, attachments=attachments, choices=extras.choices)
    return _as_template(work, app, kind, speech, extras.template) if extras.template else speech


def _as_template(work: Work, app: App, kind: ChannelType, speech: Speech, chosen: TemplateChoice) -> Speech:
    channel = app.channels.get(kind)
    if channel is None or not channel.capabilities.templates:
        raise InvalidInput("this channel sends no templates", field="template", fix="write the words yourself")
    if speech.attachments or speech.choices:
        raise InvalidInput("a template goes out alone", field="template", fix="send the rest when the customer answers")
    use, words = filled_in(work, kind, chosen.name, chosen.language, chosen.variables)
    return replace(speech, text=words, metadata={**speech.metadata, **to_metadata(use)})

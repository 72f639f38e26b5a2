"""Channel accounts that were added by command: sealed in the database, beneath what the settings say."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from pydantic import SecretStr, ValidationError

from switchboard.domain.message import ChannelType
from switchboard.errors import InvalidInput
from switchboard.ports.store import Work
from switchboard.settings import Section, Settings

Value = str | int | float | bool | tuple[str, ...] | list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredAccount:
    """What was added for one channel. ``options`` are those of the settings' section of the same name."""

    options: Mapping[str, Value] = field(default_factory=dict, repr=False)
    added_at: datetime
    expires_at: datetime | None = None


def stored_accounts(work: Work) -> dict[ChannelType, StoredAccount]:
    found: dict[ChannelType, StoredAccount] = {}
    for channel in ChannelType:
        kept = work.config.get_secret(_name(channel))
        document = json.loads(kept) if kept else {}
        if document.get("options"):
            expires = document.get("expires_at")
            found[channel] = StoredAccount(
                options=document["options"],
                added_at=datetime.fromisoformat(document["added_at"]),
                expires_at=datetime.fromisoformat(expires) if expires else None,
            )
    return found


def store_account(work: Work, channel: ChannelType, account: StoredAccount) -> None:
    document = {
        "options": dict(account.options),
        "added_at": account.added_at.isoformat(),
        "expires_at": account.expires_at.isoformat() if account.expires_at else None,
    }
    work.config.set_secret(_name(channel), json.dumps(document).encode())


def forget_account(work: Work, channel: ChannelType) -> None:
    work.config.set_secret(_name(channel), b"{}")


def with_stored(settings: Settings, accounts: Mapping[ChannelType, StoredAccount]) -> Settings:
    """The settings, with stored options where the settings say nothing: what is set there always wins."""
    changed: dict[str, Section] = {}
    for channel, account in accounts.items():
        section = section_of(settings, channel)
        beneath = {name: value for name, value in account.options.items() if name not in section.model_fields_set}
        if beneath:
            changed[channel.value] = checked(channel, section, beneath)
    return settings.model_copy(update=changed) if changed else settings


def checked(channel: ChannelType, section: Section, options: Mapping[str, Value]) -> Section:
    """The section with these options. Raises ``InvalidInput`` naming the option; a value is never repeated."""
    unknown = sorted(set(options) - set(type(section).model_fields))
    if unknown:
        known = ", ".join(type(section).model_fields)
        raise InvalidInput("there is no such option", field=f"{channel.value}.{unknown[0]}", limit=known)
    given = {name: getattr(section, name) for name in section.model_fields_set}
    try:
        return type(section).model_validate({**given, **options})
    except ValidationError as error:
        fault = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(str(part) for part in fault["loc"])
        raise InvalidInput(str(fault["msg"]), field=f"{channel.value}.{place}") from None


def section_of(settings: Settings, channel: ChannelType) -> Section:
    section: Section = getattr(settings, channel.value)
    return section


def sources(settings: Settings, accounts: Mapping[ChannelType, StoredAccount]) -> dict[ChannelType, str]:
    """Where each channel that is set up has its account from. ``settings`` are those before anything stored."""
    found: dict[ChannelType, str] = {}
    merged = with_stored(settings, accounts)
    for channel in ChannelType:
        if not is_set_up(merged, channel):
            continue
        beneath = accounts.get(channel)
        own = section_of(settings, channel).model_fields_set
        stored = beneath is not None and bool(set(beneath.options) - own)
        found[channel] = "settings and stored" if stored and own else "stored" if stored else "settings"
    if not settings.web_chat.model_fields_set and ChannelType.WEB_CHAT not in accounts:
        found[ChannelType.WEB_CHAT] = "built in"
    return found


def is_set_up(settings: Settings, channel: ChannelType) -> bool:
    mail = settings.email
    match channel:
        case ChannelType.WEB_CHAT:
            return True
        case ChannelType.EMAIL:
            return bool(mail.smtp_host or mail.imap_host or mail.listen_port or mail.webhook_provider)
        case ChannelType.TWITTER:
            return bool(settings.twitter.consumer_secret.get_secret_value())
        case ChannelType.VOICE:
            return bool(settings.voice.auth_token.get_secret_value())
        case _:
            secret: SecretStr = getattr(settings, channel.value).app_secret
            return bool(secret.get_secret_value())


def _name(channel: ChannelType) -> str:
    return f"channel-account:{channel.value}"

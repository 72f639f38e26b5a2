"""Every option, typed and read once: environment ``SWITCHBOARD_*`` first, then a TOML file, then these defaults."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource


class Section(BaseModel):
    """A group of options; a misspelt name is an error, never silently ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Server(Section):
    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)
    public_url: str = Field(
        default="", description="Address under which providers reach us; signatures are checked against it."
    )
    trusted_proxies: tuple[str, ...] = ()
    production: bool = Field(default=False, description="Refuses weak secrets and hides the API's interactive page.")


class Limits(Section):
    file_bytes: int = Field(
        default=25 * 1024 * 1024, ge=1024, description="Size of a customer's or an agent's file that is kept."
    )
    body_bytes: int = Field(default=4 * 1024 * 1024, ge=1024)
    mail_bytes: int = Field(default=25 * 1024 * 1024, ge=1024)
    json_depth: int = Field(default=64, ge=4)
    json_keys: int = Field(default=10_000, ge=16)
    requests_per_minute: int = Field(default=60_000, ge=1, description="Per API key or address; beyond it: 429.")
    backlog: int = Field(
        default=200_000, ge=1, description="Waiting messages past which intake answers 503 with Retry-After."
    )


class Work(Section):
    batch: int = Field(default=32, ge=1, le=512, description="Messages read by the model in one pass.")
    lease_s: float = Field(default=60.0, gt=0)
    poll_s: float = Field(default=1.0, gt=0, description="How often workers look when nobody rings.")
    answerers: int = Field(default=4, ge=1)
    senders: int = Field(default=8, ge=1)
    fetchers: int = Field(default=4, ge=1, description="Customers' files fetched at once in one process.")
    undo_s: float = Field(default=5.0, ge=0, description="How long an agent's reply can be taken back.")
    archive_after_s: float = Field(default=24 * 3600.0, gt=0)
    reopen_within_s: float = Field(default=72 * 3600.0, gt=0)
    timer_s: float = Field(default=5.0, gt=0)


class Understanding(Section):
    threads: int = Field(default=1, ge=1)
    timeout_s: float = Field(default=5.0, gt=0)
    model_dir: Path | None = None


class LanguageModel(Section):
    provider: str = Field(default="", pattern="^(|anthropic|openai)$", description="Empty: the built-in generator.")
    model: str = ""
    api_key: SecretStr = SecretStr("")
    base_url: str = ""
    timeout_s: float = Field(default=10.0, gt=0)


READ_MARKS = "Customers see that their messages are read, and that an answer is being written."


class WhatsApp(Section):
    app_secret: SecretStr = SecretStr("")
    verify_token: SecretStr = SecretStr("")
    access_token: SecretStr = SecretStr("")
    phone_number_id: str = ""
    business_account_id: str = Field(default="", description="Owns the approved templates; empty: none are sent.")
    app_id: str = Field(default="", description="Of Meta's app: lets the test ask which notices it gets.")
    read_marks: bool = Field(default=True, description=READ_MARKS)
    base_url: str = "https://graph.facebook.com/v23.0"


class Facebook(Section):
    app_secret: SecretStr = SecretStr("")
    verify_token: SecretStr = SecretStr("")
    access_token: SecretStr = SecretStr("")
    app_id: str = ""
    human_agent: bool = Field(default=False, description="Meta granted the permission to answer for 7 days.")
    public: bool = Field(default=False, description="Comments below posts are taken in, and answered in public.")
    read_marks: bool = Field(default=True, description=READ_MARKS)
    base_url: str = "https://graph.facebook.com/v23.0"


class Instagram(Section):
    app_secret: SecretStr = SecretStr("")
    verify_token: SecretStr = SecretStr("")
    access_token: SecretStr = SecretStr("")
    app_id: str = ""
    human_agent: bool = Field(default=False, description="Meta granted the permission to answer for 7 days.")
    public: bool = Field(default=False, description="Comments below posts are taken in, and answered in public.")
    read_marks: bool = Field(default=True, description=READ_MARKS)
    base_url: str = "https://graph.instagram.com/v23.0"


class Twitter(Section):
    consumer_key: str = ""
    consumer_secret: SecretStr = SecretStr("")
    access_token: SecretStr = SecretStr("")
    access_secret: SecretStr = Field(
        default=SecretStr(""), description="With consumer_key: OAuth 1.0a, whose tokens never expire."
    )
    client_id: str = Field(
        default="", description="Of the app, for renewing an OAuth 2 token; empty: it is not renewed."
    )
    client_secret: SecretStr = Field(default=SecretStr(""), description="Of a confidential app.")
    refresh_token: SecretStr = Field(
        default=SecretStr(""), description="The first one; each works once, and the newest is kept in the store."
    )
    public: bool = Field(default=False, description="Posts that mention us are taken in, and answered in public.")
    base_url: str = "https://api.x.com"


class VoiceLine(Section):
    """How one of our numbers speaks; what is empty is as for all."""

    language: str = Field(default="", max_length=20)
    voice: str = Field(default="", max_length=80)
    greeting: str = Field(default="", max_length=1000)
    hints: tuple[str, ...] = ()


class Voice(Section):
    auth_token: SecretStr = SecretStr("")
    account_sid: str = ""
    number: str = ""
    base_url: str = "https://api.twilio.com"
    language: str = Field(
        default="en-US", min_length=2, max_length=20, description="Spoken and heard on every line: de-DE, fr-FR …"
    )
    voice: str = Field(default="", max_length=80, description="A voice of Twilio's list, such as Polly.Vicki-Neural.")
    greeting: str = Field(default="", max_length=1000, description="Replaces ours; say that a machine answers.")
    hints: tuple[str, ...] = Field(default=(), max_length=500, description="Names and products that callers say.")
    partial_results: bool = Field(default=False, description="Twilio also tells what it hears meanwhile.")
    lines: dict[str, VoiceLine] = Field(
        default={}, description="By number: language, voice, greeting and hints of that number."
    )
    agents: dict[str, str] = Field(
        default={}, description="By agent id: the number, client: or sip: address at which calls reach them."
    )
    hold_music: str = Field(
        default="",
        max_length=500,
        pattern="^(https?://.*)?$",
        description="Address of a piece (10 to 30 s) for those who wait; empty: silence.",
    )
    misses: int = Field(default=2, ge=0, le=10, description="Prompts repeated before a person or a message is offered.")
    holds: int = Field(default=8, ge=1, le=100, description="Rounds of some 3 s in which an answer must come.")
    wait_s: float = Field(default=600.0, ge=0, description="Longest wait for a person on the line; then a call-back.")
    low_confidence: float = Field(
        default=0.4, ge=0, le=1, description="Speech below it counts as not understood: the caller is asked again."
    )
    message_s: int = Field(default=120, ge=5, le=3600, description="Longest voice message.")
    transcribe: bool = Field(default=True, description="Twilio writes voice messages down (English only).")
    delete_recordings: bool = Field(default=False, description="At Twilio, once our sealed copy is stored.")
    relay: bool = Field(default=False, description="Calls go through ConversationRelay, a socket of ours.")


class Mailbox(Section):
    """Another mailbox, named by its address. What is empty is as in ``email`` itself, the login excepted."""

    imap_host: str = ""
    imap_port: int = Field(default=993, ge=1, le=65535)
    imap_tls: str = Field(default="tls", pattern="^(tls|starttls|none)$")
    imap_user: str = Field(default="", description="Empty: the address.")
    imap_password: SecretStr = SecretStr("")
    imap_folder: str = "INBOX"
    imap_sent_folder: str = ""
    oauth_refresh_token: SecretStr = SecretStr("")


class Email(Section):
    address: str = ""
    display_name: str = ""
    trusted_authserv_ids: tuple[str, ...] = ()
    smtp_host: str = ""
    smtp_port: int = Field(default=587, ge=1, le=65535)
    smtp_user: str = ""
    smtp_password: SecretStr = SecretStr("")
    smtp_tls: str = Field(default="starttls", pattern="^(starttls|tls|none)$")
    listen_host: str = "127.0.0.1"
    listen_port: int = Field(default=0, ge=0, le=65535, description="0: no SMTP listener.")
    listen_lmtp: bool = False
    imap_host: str = ""
    imap_port: int = Field(default=993, ge=1, le=65535)
    imap_user: str = ""
    imap_password: SecretStr = SecretStr("")
    imap_tls: str = Field(
        default="tls", pattern="^(tls|starttls|none)$", description="How the line to the mailbox is protected."
    )
    imap_folder: str = "INBOX"
    imap_poll_s: float = Field(default=30.0, gt=0, description="Where the server cannot tell by itself (IDLE).")
    imap_idle: bool = Field(default=True, description="Wait for the server's word instead of asking again and again.")
    imap_sent_folder: str = Field(
        default="", description="Mails that people send with other programs join their conversation; empty: not read."
    )
    imap_after: str = Field(
        default="seen", pattern="^(seen|keep|flag|move)$", description="What happens to a mail that was taken in."
    )
    imap_move_to: str = Field(default="Switchboard", description="The folder, if imap_after is move.")
    imap_days_back: int = Field(
        default=3, ge=0, le=3650, description="How old a mail may be that a newly connected mailbox brings."
    )
    mailboxes: dict[str, Mailbox] = Field(default={}, description="Further mailboxes by their address.")
    oauth_provider: str = Field(
        default="", pattern="^(|google|microsoft)$", description="XOAUTH2 for IMAP and SMTP instead of passwords."
    )
    oauth_client_id: str = Field(default="", description="Of the app registered at the provider.")
    oauth_client_secret: SecretStr = Field(default=SecretStr(""), description="Of that app.")
    oauth_refresh_token: SecretStr = Field(
        default=SecretStr(""), description="Of the mailbox's consent; empty (Microsoft): the app speaks for itself."
    )
    oauth_tenant: str = Field(default="", max_length=80, description="Microsoft's directory; empty: common.")
    oauth_token_url: str = Field(default="", description="Replaces the provider's own address for tokens.")
    oauth_scope: str = Field(default="", description="Replaces the scopes that are asked for.")
    unsubscribe: str = Field(
        default="",
        pattern="^(|(https://|mailto:)[!-;=?-~]{3,500})$",
        description="Stands in notices that answer nothing, as https or mailto address.",
    )
    automatic_per_thread: int = Field(default=2, ge=0, le=1000, description="Automatic mails to one address in a day.")
    automatic_per_hour: int = Field(default=6, ge=0, le=1000, description="The same over all conversations in an hour.")
    webhook_provider: str = Field(default="", pattern="^(|sendgrid|mailgun|postmark)$")
    webhook_secret: SecretStr = SecretStr("")


class WebChat(Section):
    origins: tuple[str, ...] = Field(
        default=(), description="Sites that may embed the widget; empty: only our own pages."
    )
    identity_secret: SecretStr = SecretStr("")
    ask: tuple[str, ...] = Field(
        default=(), max_length=10, description="Fields of the form before the chat, such as name, email, phone, order."
    )
    required: tuple[str, ...] = Field(default=(), description="Those of ask without which no message is taken.")
    file_bytes: int = Field(default=10 * 1024 * 1024, ge=1024, description="Size of a visitor's file.")

    @model_validator(mode="after")
    def _required_is_asked(self) -> Self:
        if not set(self.required) <= set(self.ask):
            raise ValueError("required names a field that is not in ask")
        if any(not re.fullmatch(r"[a-z][a-z0-9_]{0,39}", name) for name in self.ask):
            raise ValueError("ask holds a name that is not of the form a-z, 0-9, _")
        return self


class Settings(BaseSettings):
    """All of it. ``SWITCHBOARD_SERVER__PORT=9000`` sets ``server.port``; the file is named by ``SWITCHBOARD_CONFIG``."""

    model_config = SettingsConfigDict(env_prefix="SWITCHBOARD_", env_nested_delimiter="__", extra="forbid", frozen=True)

    data_dir: Path = Path("switchboard-data")
    database_url: str = Field(
        default="", description="Empty: SQLite in the data directory; postgresql://… for PostgreSQL."
    )
    master_key: SecretStr = Field(
        default=SecretStr(""), description="32 bytes in base64; empty: read from master_key_file."
    )
    master_key_file: Path | None = Field(
        default=None, description="Default: beside the data directory, named <data_dir>.key."
    )
    allowed_hosts: tuple[str, ...] = Field(default=(), description="host:port pairs inside that webhooks may go to.")
    import_token: SecretStr = Field(
        default=SecretStr(""), description="Token of the desk that an import fetches files from."
    )
    config: Path | None = None
    server: Server = Server()
    limits: Limits = Limits()
    work: Work = Work()
    understanding: Understanding = Understanding()
    llm: LanguageModel = LanguageModel()
    whatsapp: WhatsApp = WhatsApp()
    facebook: Facebook = Facebook()
    instagram: Instagram = Instagram()
    twitter: Twitter = Twitter()
    voice: Voice = Voice()
    email: Email = Email()
    web_chat: WebChat = WebChat()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        path = os.environ.get("SWITCHBOARD_CONFIG")
        toml = (TomlConfigSettingsSource(settings_cls, toml_file=Path(path)),) if path else ()
        return (init_settings, env_settings, *toml)

"""Tables of the documentation that are made from the code. ``python -m tests.docs.generate`` writes them into the pages."""

from __future__ import annotations

import asyncio
import inspect
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path

from fastapi import FastAPI
from fastapi.routing import APIRoute
from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined
from starlette.routing import BaseRoute

from switchboard import errors
from switchboard.assembly import assemble
from switchboard.cli.shared import close
from switchboard.settings import Settings
from switchboard.trust.roles import PERMISSIONS, Permission, Role
from tests.docs import features
from tests.docs.pages import DOCS

BEGIN = "<!-- generated: {} -->"
END = "<!-- end -->"
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
NOT_YET = "No effect yet: the limit is fixed at this value."
NOTED = "Kept for reference: payloads say which account they are for."
MEANINGS = {
    "data_dir": "Where everything but the master key is kept.",
    "config": "A TOML file with options; read before the defaults.",
    "server.host": "Address to listen on; `0.0.0.0` for all.",
    "server.port": "0: any free one.",
    "server.trusted_proxies": "Addresses of reverse proxies whose word about the caller's address counts.",
    "limits.body_bytes": "Size of a request's body; beyond it: 413.",
    "limits.mail_bytes": "Size of a mail, by webhook or SMTP.",
    "limits.text_bytes": NOT_YET,
    "limits.frame_bytes": "No effect yet: a line of the web chat has at most 16384 characters.",
    "limits.page_size": NOT_YET,
    "limits.json_depth": "Levels of nesting in a JSON body.",
    "limits.json_keys": "Keys in a JSON body, all levels together.",
    "work.lease_s": "How long a worker has a job before others may take it over.",
    "work.answerers": "Automatic replies drafted at once in one process.",
    "work.senders": "Messages, and webhook deliveries, sent at once in one process.",
    "work.archive_after_s": "Quiet for so long, a conversation is archived.",
    "work.reopen_within_s": "A message within this time after resolution opens the conversation again.",
    "work.timer_s": "How often timers are looked at.",
    "understanding.threads": "Threads of the model.",
    "understanding.timeout_s": "The model has so long for a batch; then the rules answer.",
    "understanding.model_dir": "Another model than the one in the package.",
    "llm.model": "The provider's name of the model.",
    "llm.api_key": "The provider's key.",
    "llm.base_url": "Another address, such as that of a compatible server of yours.",
    "llm.timeout_s": "How long a draft may take; then the built-in generator answers.",
    "whatsapp.phone_number_id": "The number that messages are sent from.",
    "facebook.page_id": NOTED,
    "facebook.app_id": "Our own app, so that its echoes are told from people's answers.",
    "instagram.account_id": NOTED,
    "instagram.app_id": "Our own app, so that its echoes are told from people's answers.",
    "twitter.consumer_key": "Of the app; with `access_secret`.",
    "twitter.user_id": NOTED,
    "voice.account_sid": "Of the Twilio account.",
    "voice.number": "The number that calls and messages come from.",
    "email.address": "Our address: mail to it is taken, replies come from it.",
    "email.display_name": "The sender's name in our mails.",
    "email.trusted_authserv_ids": "Receiving servers whose checks (SPF, DKIM, DMARC) we believe.",
    "email.smtp_host": "The relay that takes our mail; empty: none is sent.",
    "email.smtp_port": "Its port.",
    "email.smtp_user": "Empty: without signing in.",
    "email.smtp_password": "For it.",
    "email.smtp_tls": "How the line to the relay is secured.",
    "email.listen_host": "Address of our own SMTP door.",
    "email.listen_lmtp": "Speak LMTP there.",
    "email.imap_host": "The mailbox to poll; empty: none.",
    "email.imap_port": "Over TLS.",
    "email.imap_user": "For it.",
    "email.imap_password": "For it.",
    "email.imap_folder": "The folder that is read.",
    "email.imap_poll_s": "Between two looks.",
    "email.webhook_provider": "Who posts mail to `/channels/email`; empty: nobody.",
    "email.webhook_secret": "Public key (SendGrid), signing key (Mailgun) or `user:password` (Postmark).",
    "web_chat.identity_secret": "Your site signs its signed-in visitors with it.",
}
"""What the settings do not say themselves."""
SHARED_MEANINGS = {
    "app_secret": "Signs the provider's payloads; set: the channel is on.",
    "consumer_secret": "Signs the provider's payloads; set: the channel is on.",
    "auth_token": "Signs the provider's payloads; set: the channel is on.",
    "verify_token": "Made up by you, told to the provider, for its check of the address.",
    "access_token": "For sending.",
    "base_url": "The provider's API.",
}
CASES = {
    "InvalidInput": "A field is missing, of the wrong kind, or out of its limits.",
    "TooLarge": "A body, text or file is over its limit.",
    "Unauthenticated": "No valid key, token or session came along; the words are the same whatever is wrong.",
    "Forbidden": "It is known who asks, and the role does not allow it; says which roles do.",
    "NotFound": "No such thing, or no longer.",
    "TooManyRequests": "This caller asked too often.",
    "SwitchboardError": "The base of them all; never raised itself.",
}
"""What the error classes do not say themselves."""


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |" for line in lines)


# ---- settings


def settings_tables() -> str:
    """A table of the options outside any section, then one for each section."""
    fields = Settings.model_fields
    plain = {name: field for name, field in fields.items() if not _is_section(field)}
    parts = [_settings_table("", plain)]
    for name, field in fields.items():
        if _is_section(field):
            section = field.annotation
            assert isinstance(section, type)
            assert issubclass(section, BaseModel)
            parts.append(f"### {name}\n\n{_settings_table(f'{name}.', section.model_fields)}")
    return "\n\n".join(parts)


def _is_section(field: FieldInfo) -> bool:
    return isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)


def _settings_table(prefix: str, fields: dict[str, FieldInfo]) -> str:
    return table(
        ("variable", "default", "limits", "meaning"),
        (
            (f"`{variable(prefix + name)}`", _default(field), _limits(field), meaning(prefix + name, field))
            for name, field in fields.items()
        ),
    )


def variable(option: str) -> str:
    """The environment's name of ``server.port`` is ``SWITCHBOARD_SERVER__PORT``."""
    return f"SWITCHBOARD_{option.replace('.', '__').upper()}"


def meaning(option: str, field: FieldInfo) -> str:
    """Raises ``AssertionError`` for an option that nobody explained."""
    words = field.description or MEANINGS.get(option) or SHARED_MEANINGS.get(option.rpartition(".")[2], "")
    assert words, f"nobody says what the option {option} means"
    return words


def _default(field: FieldInfo) -> str:
    value = field.default
    if isinstance(value, SecretStr):
        return "none, secret"
    if value in ("", None, (), PydanticUndefined):
        return "none"
    return f"`{str(value).lower()}`" if isinstance(value, bool) else f"`{value}`"


def _limits(field: FieldInfo) -> str:
    signs = {"ge": "from", "gt": "more than", "le": "to", "lt": "less than"}
    told = [f"{signs[name]} {getattr(rule, name)}" for rule in field.metadata for name in signs if hasattr(rule, name)]
    patterns = [str(rule.pattern) for rule in field.metadata if getattr(rule, "pattern", None)]
    choices = [", ".join(f"`{choice}`" for choice in re.findall(r"[a-z]+", pattern)) for pattern in patterns]
    return " ".join(told) or " ".join(choices)


# ---- API


def operations(routes: Iterable[BaseRoute]) -> Iterator[APIRoute]:
    """Every route of the application, also those of included routers."""
    for route in routes:
        if inner := getattr(route, "original_router", None):
            yield from operations(inner.routes)
        elif isinstance(route, APIRoute):
            yield route


def permission_of(route: APIRoute) -> Permission | None:
    """What ``needs(...)`` was given where the operation declares it."""
    for dependency in route.dependant.dependencies:
        if inspect.isfunction(dependency.call):
            found = inspect.getclosurevars(dependency.call).nonlocals.get("permission")
            if isinstance(found, Permission):
                return found
    return None


def methods_of(route: APIRoute) -> list[str]:
    return sorted((route.methods or set()) - {"HEAD"})


def api_tables(api: FastAPI) -> str:
    """All documented operations by subject, with the permission that each needs."""
    needed = {(m, route.path): permission_of(route) for route in operations(api.routes) for m in methods_of(route)}
    subjects: dict[str, list[tuple[str, str, str]]] = {}
    for path, at_path in api.openapi()["paths"].items():
        if not path.startswith(("/v1/", "/health/", "/oauth/", "/.well-known/")):
            continue
        for method in METHODS:
            if operation := at_path.get(method.lower()):
                permission = needed[method, path]
                row = (f"`{method} {path}`", f"`{permission.value}`" if permission else "none", _story_of(operation))
                subjects.setdefault((operation.get("tags") or ["other"])[0], []).append(row)
    head = ("operation", "permission", "what it does")
    return "\n\n".join(f"### {subject.capitalize()}\n\n{table(head, rows)}" for subject, rows in subjects.items())


def _story_of(operation: dict[str, object]) -> str:
    """The first sentence of its description, or its name."""
    words = str(operation.get("description") or f"{operation['summary']}.").split("\n\n")[0]
    return _first_sentence(words.replace("\n", " "))


def _first_sentence(words: str) -> str:
    return re.split(r"(?<=[.)]) (?=[A-Z`])", words)[0].replace("``", "`")


async def _the_api() -> FastAPI:
    with tempfile.TemporaryDirectory() as folder:
        system = await assemble(Settings(data_dir=Path(folder) / "data"))
        await close(system)
        return system.api


def the_api() -> FastAPI:
    """The program's HTTP application, over an empty store that is gone again."""
    return asyncio.run(_the_api())


# ---- errors and roles


def error_table() -> str:
    return table(
        ("class", "status", "title", "again?", "when"),
        ((f"`{found.__name__}`", str(found.status), found.title, "yes" if found.retryable else "no", _story(found))
         for found in _tree(errors.SwitchboardError)),
    )  # fmt: skip


def _tree(root: type[errors.SwitchboardError]) -> Iterator[type[errors.SwitchboardError]]:
    yield root
    for child in root.__subclasses__():
        if child.__module__ == errors.__name__:
            yield from _tree(child)


def _story(found: type[errors.SwitchboardError]) -> str:
    own = (found.__doc__ or "").split("\n\n")[0]
    words = CASES.get(found.__name__) or " ".join(own.split())
    assert words, f"nobody says when {found.__name__} happens"
    return words.replace("``", "`")


def role_table() -> str:
    rows = (
        [f"`{permission.value}`", *("yes" if permission in PERMISSIONS[role] else "" for role in Role)]
        for permission in Permission
    )
    return table(("permission", *(role.value for role in Role)), rows)


# ---- pages

TABLES: dict[str, tuple[Path, Callable[[], str]]] = {
    "settings": (DOCS / "configuration.md", settings_tables),
    "operations": (DOCS / "api.md", lambda: api_tables(the_api())),
    "errors": (DOCS / "errors.md", error_table),
    "roles": (DOCS / "security.md", role_table),
    "features": (DOCS / "channels" / "README.md", lambda: table(features.head(), features.all_rows())),
}


TABLES |= {
    f"features-{channel.value}": (
        DOCS / "channels" / f"{channel.value}.md",
        partial(lambda one: table(("feature", "what it carries"), features.rows_of(one)), channel),
    )
    for channel in features.PAGES
}


TABLES |= {
    f"notices-{channel.value}": (
        DOCS / "channels" / f"{channel.value}.md",
        partial(lambda one: table(("webhook field", "without it", "the test says"), features.notices(one)), channel),
    )
    for channel in features.NOTICES
}


def shown(name: str) -> str:
    """What stands between the markers now."""
    text = TABLES[name][0].read_text(encoding="utf-8")
    found = re.search(f"{re.escape(BEGIN.format(name))}\n(.*?)\n{END}", text, re.S)
    if found is None:
        raise AssertionError(f"{TABLES[name][0].name} has no markers for {name}")
    return found[1]


def main() -> None:
    """Brings every table up to date."""
    for name, (page, make) in TABLES.items():
        text = page.read_text(encoding="utf-8")
        begin = BEGIN.format(name)
        before, _, rest = text.partition(begin)
        page.write_text(f"{before}{begin}\n{make()}\n{END}{rest.partition(END)[2]}", encoding="utf-8")


if __name__ == "__main__":
    main()

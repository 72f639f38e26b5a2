"""Which links a reply may carry: only to the business's own hosts, and with nothing of the conversation in them."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

_URL = re.compile(r"\b[a-z][a-z0-9+.-]{1,20}:/{0,3}[^\s<>\"'\]]{1,2000}", re.IGNORECASE)
_WWW = re.compile(r"\bwww\.[^\s<>\"'\])]{3,300}", re.IGNORECASE)
_BARE = re.compile(r"(?<![\w@.-])(?:[\w-]{1,63}\.){1,4}([a-z]{2,24})(?:/[^\s<>\"'\])]{0,300})?(?![\w@])", re.IGNORECASE)
_SCHEMES = frozenset(
    {"http", "https", "ftp", "file", "data", "javascript", "vbscript", "blob", "mailto", "tel", "sms", "ws"}
)
_ENDINGS = (
    "com net org edu gov info biz io co me app dev online shop site xyz top club link click eu uk de fr es it nl be ch at "
    "pl pt se no dk fi ie us ca mx br au nz jp cn kr in ru ua tr za to ly gl gg example test invalid zip mov"
)
_KNOWN_ENDINGS = frozenset(_ENDINGS.split())
_LONG_TOKEN = re.compile(r"[A-Za-z0-9_=-]{41,}|\d{6,}")


def links(text: str) -> tuple[str, ...]:
    """Everything in a text that a reader's program would make a link, with or without a scheme."""
    found = [match.group().rstrip(".,;:!?)»”") for match in _URL.finditer(text)]
    urls = [url for url in found if "://" in url or url.split(":", 1)[0].casefold() in _SCHEMES]
    rest = text
    for url in urls:
        rest = rest.replace(url, " ")
    bare = [m.group() for m in _BARE.finditer(_WWW.sub(" ", rest)) if m.group(1).casefold() in _KNOWN_ENDINGS]
    return (*urls, *(match.group().rstrip(".,;:!?") for match in _WWW.finditer(rest)), *bare)


def host_is_allowed(url: str, hosts: frozenset[str]) -> bool:
    """Whether a URL's host is listed: exactly, or below a ``*.`` entry."""
    host = _host(url)
    if host is None:
        return False
    return any(host == allowed or (allowed.startswith("*.") and host.endswith(allowed[1:])) for allowed in hosts)


def link_problem(link: str, hosts: frozenset[str], known: frozenset[str]) -> str | None:
    """Why a link may not be sent; None when it may. ``known`` are URLs that the business published word for word."""
    url = link if "://" in link else f"https://{link}"
    if not host_is_allowed(url, hosts):
        return "links to a host that is not listed"
    if link in known:
        return None
    parts = urlsplit(url)
    if parts.query or parts.fragment:
        return "carries a query or fragment"
    if _LONG_TOKEN.search(unquote(parts.path)) or "@" in unquote(parts.path) or "%" in parts.path:
        return "carries data in its path"
    return None


def _host(url: str) -> str | None:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    plain = parts.scheme in ("http", "https") and not parts.username and port in (None, 80, 443) and "\\" not in url
    host = (parts.hostname or "").rstrip(".")
    return host if plain and host.isascii() and host else None

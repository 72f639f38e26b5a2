"""Files of another system's messages: from a folder beside the export, or from the desk itself with its token."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from switchboard.domain.message import Attachment
from switchboard.errors import InvalidInput, NotFound, TooLarge
from switchboard.ports.channel import FetchedFile
from switchboard.ports.fetcher import Fetcher

KNOWN_HOSTS = {"zendesk": ("zendesk.com", "zdusercontent.com"), "chatwoot": (), "zammad": ()}
"""Where the hosted desks keep files besides their own address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Where the other system answers (``https://acme.zendesk.com``), its token, and other hosts it keeps files at."""

    address: str
    token: str = field(default="", repr=False)
    hosts: tuple[str, ...] = ()

    def headers(self, system: str, url: str) -> Mapping[str, str]:
        """The token goes to the desk's own address and nowhere else."""
        if not self.token or _origin(url) != _origin(self.address):
            return {}
        if system == "chatwoot":
            return {"api_access_token": self.token}
        if system == "zammad":
            return {"authorization": f"Token token={self.token}"}
        if ":" in self.token:  # ana@acme.example/token:abc
            return {"authorization": "Basic " + base64.b64encode(self.token.encode()).decode()}
        return {"authorization": f"Bearer {self.token}"}


def desk_at(address: str, token: str, hosts: Sequence[str]) -> Desk:
    """Raises ``InvalidInput`` for an address that is none."""
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
        raise InvalidInput(
            "the desk's address cannot be read", field="desk", limit="https://…", fix="such as https://acme.zendesk.com"
        )
    if token and not token.isprintable():
        raise InvalidInput("the token holds signs that no token has", field="token")
    return Desk(address=address.rstrip("/"), token=token, hosts=tuple(hosts))


class Beside:
    """Files in folders, found by the number or name that the export gives them."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self._by_name: dict[str, list[Path]] = {}
        for folder in folders:
            for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
                if path.is_file():
                    self._by_name.setdefault(path.name.casefold(), []).append(path)

    def find(self, attachment: Attachment) -> Path | None:
        """Such as ``17/order.pdf``, ``17-order.pdf`` or ``17_order.pdf`` for the file number 17; or the only
        ``order.pdf`` of the right size."""
        name = (attachment.name or "").casefold()
        number = (attachment.provider_id or "").rpartition(":")[2].rpartition("/")[2]
        for joined in (f"{number}-{name}", f"{number}_{name}", number):
            if number and joined in self._by_name:
                return self._by_name[joined][0]
        same = self._by_name.get(name, []) if name else []
        numbered = [path for path in same if number and number in path.parts]
        fits = [path for path in same if attachment.size in (None, path.stat().st_size)]
        return numbered[0] if numbered else fits[0] if len(fits) == 1 else None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskFiles:
    """Fulfils ``flows.bring_files.Files``: first what lies beside, then what the desk gives out."""

    beside: Beside
    fetcher: Fetcher
    desk: Desk | None = None

    async def get(self, attachment: Attachment, most: int) -> FetchedFile:
        path = self.beside.find(attachment)
        if path is not None:
            return await asyncio.to_thread(_from_folder, path, attachment, most)
        system, _, key = (attachment.provider_id or "").partition(":")
        if self.desk is None:
            raise NotFound("it does not lie beside the export, and no --desk is named to fetch it from")
        url = attachment.url
        if system == "zammad":
            url = f"{self.desk.address}/api/v1/ticket_attachment/{key}"
        if not url:
            raise NotFound("the export does not say where it lies")
        desk = self.desk
        hosts = (*KNOWN_HOSTS.get(system, ()), *_host(desk.address), *desk.hosts)
        return await self.fetcher.get(
            url, lambda url: desk.headers(system, url), hosts=hosts, base_url=desk.address, most=most
        )


def _from_folder(path: Path, attachment: Attachment, most: int) -> FetchedFile:
    if path.stat().st_size > most:
        raise TooLarge("the file is too large", field="attachment", limit=f"{most} bytes")
    return FetchedFile(data=path.read_bytes(), content_type=attachment.content_type, name=path.name)


def _origin(url: str) -> tuple[str, str, int | None]:
    parts = urlsplit(url)
    port = parts.port or {"https": 443, "http": 80}.get(parts.scheme)
    return parts.scheme, (parts.hostname or "").lower(), port


def _host(address: str) -> tuple[str, ...]:
    host = urlsplit(address).hostname
    return (host.lower(),) if host else ()

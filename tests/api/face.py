"""The assembled HTTP application over a store in memory, with a caller for each role."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

from switchboard.api.caller import new_key
from switchboard.assembly import Parts, System, assemble
from switchboard.settings import Settings
from switchboard.stores import open_sqlite
from switchboard.trust.roles import Role
from tests.kit import MASTER, InlineStore, ScriptedUnderstanding, SetClock, WordEmbedder

ROLES = tuple(Role)


@dataclass(slots=True)
class Face:
    """The application with its levers. ``keys`` holds one API key for each role."""

    system: System
    client: httpx2.AsyncClient
    clock: SetClock
    keys: dict[Role, str]

    async def ask(self, method: str, path: str, role: Role | None = Role.ADMIN, **more: Any) -> httpx2.Response:
        headers = dict(more.pop("headers", {}))
        if role is not None:
            headers.setdefault("Authorization", f"Bearer {self.keys[role]}")
        return await self.client.request(method, path, headers=headers, **more)


@asynccontextmanager
async def open_face(folder: Path, **options: Any) -> AsyncIterator[Face]:
    """Everything but the workers; understanding is scripted so that tests are quick."""
    clock = SetClock()
    store = InlineStore(open_sqlite(None, MASTER, clock))
    settings = Settings(data_dir=folder, **options)
    outside = httpx2.AsyncClient(transport=httpx2.MockTransport(lambda request: httpx2.Response(503)))
    system = await assemble(settings, Parts(store=store, clock=clock, client=outside))
    system.app.understanding = ScriptedUnderstanding()
    system.app.embedder = WordEmbedder()
    keys: dict[Role, str] = {}
    for role in ROLES:
        keys[role], record = new_key(role.value, role.value, clock.now())
        await store.write(lambda work, record=record: work.access.add_key(record))  # type: ignore[misc]  # bound now
    transport = httpx2.ASGITransport(app=system.api, raise_app_exceptions=False)
    try:
        async with httpx2.AsyncClient(transport=transport, base_url="http://test") as client:
            yield Face(system=system, client=client, clock=clock, keys=keys)
    finally:
        await outside.aclose()
        await store.close()

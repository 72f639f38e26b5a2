"""A repeated call has one effect: the first result is remembered for a day under the caller's key."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from datetime import timedelta

from switchboard.errors import Conflict
from switchboard.flows.app import App
from switchboard.ports.records import StoredAnswer

KEEP = timedelta(hours=24)


async def once(app: App, key: str, body: str, act: Callable[[], Awaitable[str]]) -> str:
    """Runs ``act`` unless this key had a result before. Raises ``Conflict`` if it was used for another body."""
    digest = hashlib.sha256(key.encode()).hexdigest()
    fingerprint = hashlib.sha256(body.encode("utf-8", "surrogatepass")).hexdigest()
    known = await app.store.read(lambda work: work.answers.get(digest, app.clock.now()))
    if known is not None:
        if known.fingerprint != fingerprint:
            raise Conflict("the key was used for another text", field="key", fix="use a new key")
        return known.body.decode()
    result = await act()
    answer = StoredAnswer(
        key=digest,
        fingerprint=fingerprint,
        status=200,
        content_type="text/plain",
        body=result.encode(),
        expires_at=app.clock.now() + KEEP,
    )
    await app.store.write(lambda work: work.answers.put(answer))
    return result

"""Files that nobody needs any more are really deleted: after an erasure, after retention, after a crash half-way."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from switchboard.flows.app import App
from switchboard.ports.blobs import ListsBlobs
from switchboard.ports.store import Work

AT_ONCE = 200
GRACE = timedelta(hours=24)
"""A file without a row may be one whose message is being stored right now; after a day it is one that a crash left."""
MARKER = "file_register"


async def clear_files(app: App) -> int:
    """Deletes what was marked when its conversation or customer went; returns how many. The mark goes after the file, so
    a crash in between only means doing it again."""
    count = 0
    while doomed := await app.store.read(lambda work: work.files.doomed(AT_ONCE)):
        for blob_id in doomed:
            await asyncio.to_thread(app.blobs.delete, blob_id)
        await app.store.write(lambda work, doomed=doomed: work.files.forget(doomed))  # type: ignore[misc]  # bound now
        count += len(doomed)
    return count


async def sweep_files(app: App) -> int:
    """Also deletes files that no row points to, once they are a day old; returns how many files went."""
    count = await clear_files(app)
    blobs = app.blobs
    now = app.clock.now()
    since = await app.store.write(lambda work: _register_since(work, now))
    if not isinstance(blobs, ListsBlobs):
        return count
    old = await asyncio.to_thread(lambda: list(blobs.fingerprints(since, now - GRACE)))
    for start in range(0, len(old), AT_ONCE):
        some = old[start : start + AT_ONCE]
        known = await app.store.read(lambda work, some=some: work.files.known(some))  # type: ignore[misc]  # bound now
        for fingerprint in some:
            if fingerprint not in known:
                await asyncio.to_thread(blobs.delete_fingerprint, fingerprint)
                count += 1
    return count


def _register_since(work: Work, now: datetime) -> datetime:
    """Since when rows point to files; older files are nobody's orphans."""
    known = work.config.get(MARKER)
    if known is not None:
        return datetime.fromisoformat(str(known[0]["since"]))
    work.config.set(MARKER, {"since": now.isoformat()})
    return now

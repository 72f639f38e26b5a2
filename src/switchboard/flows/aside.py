"""Big bodies and files are on the disk before their transaction begins, so that nobody waits for them to be written."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from contextlib import suppress

from switchboard.domain.ids import new_id
from switchboard.errors import SwitchboardError
from switchboard.flows.app import App
from switchboard.ports.records import LockedFile
from switchboard.trust.sealed_file import new_file_key, open_sealed_file, seal_file

BIG = 256 * 1024
"""A body above this is a file of its own; below, a row is cheaper."""


async def put_aside(app: App, blob_id: str, data: bytes) -> LockedFile:
    """Seals and writes a file; it is durable and belongs to nobody until ``work.files.lock`` takes it. What a crash
    leaves in between is swept away. Raises ``Unavailable``."""
    file = LockedFile(blob_id=blob_id, key=new_file_key())
    pieces = seal_file(file.key, blob_id, data)
    if len(data) <= BIG:
        await asyncio.to_thread(app.blobs.put_pieces, blob_id, pieces)
        return file
    async with app.one_big_file:  # several at once would only fill the disk's queue before everybody else's flush
        await asyncio.to_thread(app.blobs.put_pieces, blob_id, pieces)
    return file


async def body_aside(app: App, body: bytes) -> LockedFile | None:
    """A body too big for a row becomes a file."""
    return await put_aside(app, new_id("blb"), body) if len(body) > BIG else None


async def body_of(app: App, body: bytes, file: LockedFile | None) -> bytes:
    """A payload's body, wherever it lies. Raises ``NotFound``, ``Tampered``."""
    if file is None:
        return body
    sealed = await asyncio.to_thread(app.blobs.get, file.blob_id)
    return await asyncio.to_thread(open_sealed_file, file.key, file.blob_id, sealed)


async def throw_away(app: App, blob_ids: Iterable[str]) -> None:
    """Files that no transaction took; what cannot be deleted now is swept away later."""
    for blob_id in blob_ids:
        with suppress(SwitchboardError):
            await asyncio.to_thread(app.blobs.delete, blob_id)

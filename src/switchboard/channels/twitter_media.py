"""Files for private messages on X: handed over in pieces before the message that shows them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping

import httpx2

from switchboard.channels import http
from switchboard.channels.fields import Json, ident, number, obj, text
from switchboard.channels.files import OutgoingFile
from switchboard.errors import Unavailable, Undeliverable

PIECE = 4 * 1024 * 1024
MOST_LOOKS = 10
"""How often we ask whether X is done with a film, with at most ``LONGEST_LOOK`` seconds between."""
LONGEST_LOOK = 5.0

Call = Callable[[str, str, Mapping[str, object]], Awaitable[Json]]
"""Method, path and what goes along: ``json``, or ``fields`` and ``file``; the answer's ``data``."""


async def upload(call: Call, file: OutgoingFile) -> str:
    """The media id. Raises what ``Channel.send`` raises."""
    wanted = {"media_type": file.content_type, "total_bytes": len(file.data), "media_category": _category(file)}
    media_id = ident(await call("POST", "/2/media/upload/initialize", {"json": wanted}), "id")
    if media_id is None:
        raise Unavailable("X took a file but gave no id for it")
    for place, start in enumerate(range(0, len(file.data), PIECE)):
        piece = (file.name, file.data[start : start + PIECE], "application/octet-stream")
        sent = {"fields": {"segment_index": str(place)}, "file": piece}
        await call("POST", f"/2/media/upload/{media_id}/append", sent)
    progress = obj(await call("POST", f"/2/media/upload/{media_id}/finalize", {"json": {}}), "processing_info")
    await _until_ready(call, media_id, progress)
    return media_id


async def _until_ready(call: Call, media_id: str, progress: Json) -> None:
    for _ in range(MOST_LOOKS):
        state = text(progress, "state")
        if state in (None, "succeeded"):
            return
        if state == "failed":
            raise Undeliverable("X could not take the file: try another format")
        await asyncio.sleep(min(number(progress, "check_after_secs") or 1.0, LONGEST_LOOK))
        found = await call("GET", f"/2/media/upload?command=STATUS&media_id={media_id}", {})
        progress = obj(found, "processing_info")
    raise Unavailable("X is still working on the file", retry_after=30)


def _category(file: OutgoingFile) -> str:
    if file.content_type == "image/gif":
        return "dm_gif"
    return "dm_video" if file.kind == "video" else "dm_image"


async def request(
    client: httpx2.AsyncClient, method: str, url: str, given: Mapping[str, object], header: str, seconds: float
) -> httpx2.Response:
    """One call of an upload; all of them may be repeated."""
    if method == "GET":
        return await http.get(client, url, query={}, headers={"authorization": header}, seconds=seconds)
    piece, fields = given.get("file"), given.get("fields")
    if isinstance(piece, tuple) and isinstance(fields, dict):
        return await http.upload(
            client, url, fields=fields, files={"media": piece}, headers={"authorization": header}, seconds=seconds
        )
    try:
        return await client.post(
            url,
            content=json.dumps(given.get("json")).encode(),
            headers={"authorization": header, "content-type": "application/json"},
            timeout=seconds,
        )
    except httpx2.HTTPError as error:
        raise Unavailable("X cannot be reached with a file") from error

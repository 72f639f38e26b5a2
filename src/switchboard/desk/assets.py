"""The files a browser needs (styles, scripts, icons), each under an address that changes with its content."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import orjson
from fastapi import APIRouter, Request, Response

HERE = Path(__file__).parent
STATIC = HERE / "static"
TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}
FOREVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """One file, ready to serve. ``url`` holds a piece of the content's hash."""

    name: str
    url: str
    content_type: str
    body: bytes
    packed: bytes

    def answer(self, request: Request, cache: str) -> Response:
        headers = {"cache-control": cache, "vary": "accept-encoding", "x-content-type-options": "nosniff"}
        if "gzip" in request.headers.get("accept-encoding", ""):
            return Response(self.packed, media_type=self.content_type, headers={**headers, "content-encoding": "gzip"})
        return Response(self.body, media_type=self.content_type, headers=headers)


class Assets:
    """All static files, read and hashed once when the program is put together."""

    def __init__(self, folder: Path = STATIC) -> None:
        self._by_name = {path.name: _asset(path) for path in sorted(folder.iterdir()) if path.suffix in TYPES}
        self._by_url = {asset.url: asset for asset in self._by_name.values()}

    def url(self, name: str) -> str:
        """The immutable address of a file, such as ``/static/desk.1f2e3d4c5b.css``."""
        return self._by_name[name].url

    def get(self, name: str) -> Asset:
        return self._by_name[name]

    def import_map(self) -> str:
        """JSON that leads the modules' plain names to their hashed addresses (one row for each script)."""
        scripts = {f"/static/{n}": a.url for n, a in self._by_name.items() if n.endswith(".js")}
        return orjson.dumps({"imports": scripts}).decode()

    def sizes(self) -> Mapping[str, int]:
        """File name to bytes on the wire (gzip)."""
        return {name: len(asset.packed) for name, asset in self._by_name.items()}

    def router(self) -> APIRouter:
        router = APIRouter(include_in_schema=False)

        @router.get("/static/{name}")
        async def static(name: str, request: Request) -> Response:
            asset = self._by_url.get(f"/static/{name}")
            if asset is None:
                return Response("This file does not exist.", status_code=404, media_type="text/plain")
            return asset.answer(request, FOREVER)

        return router


def _asset(path: Path) -> Asset:
    body = path.read_bytes()
    digest = hashlib.sha256(body).hexdigest()[:10]
    return Asset(
        name=path.name,
        url=f"/static/{path.stem}.{digest}{path.suffix}",
        content_type=TYPES[path.suffix],
        body=body,
        packed=gzip.compress(body, mtime=0),
    )

"""Every error leaves as an RFC 9457 problem document: what, which field, which limit, how to mend it; never why inside."""

from __future__ import annotations

import logging
from collections.abc import Mapping

import orjson
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from switchboard.domain.ids import new_id
from switchboard.errors import SwitchboardError, Unauthenticated, Unavailable

log = logging.getLogger(__name__)
MEDIA_TYPE = "application/problem+json"


class Problem(BaseModel):
    """RFC 9457, with the field at fault, the limit it broke and the fix where there is one."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str | None = None
    instance: str | None = None
    field: str | None = None
    limit: str | None = None
    fix: str | None = None


def problem(
    status: int, title: str, detail: str = "", *, headers: Mapping[str, str] | None = None, **more: str | None
) -> Response:
    """The response; members that are None are left out."""
    body: dict[str, object] = {"type": "about:blank", "title": title, "status": status}
    body |= {name: value for name, value in {"detail": detail or None, **more}.items() if value is not None}
    return Response(orjson.dumps(body), status_code=status, media_type=MEDIA_TYPE, headers=dict(headers or {}))


def of_error(error: SwitchboardError) -> Response:
    headers: dict[str, str] = {}
    if isinstance(error, Unavailable):
        headers["Retry-After"] = str(max(1, round(error.retry_after)))
    if isinstance(error, Unauthenticated):
        headers["WWW-Authenticate"] = "Bearer"
    return problem(
        error.status, error.title, error.detail, headers=headers, field=error.field, limit=error.limit, fix=error.fix
    )


def tell(method: str, path: str, error: SwitchboardError) -> Response:
    """The problem document of one of our errors; what an operator should look at is also logged."""
    if error.status >= 500 and not isinstance(error, Unavailable):
        log.error("%s %s: %s", method, path, error.detail)
    return of_error(error)


def install(app: FastAPI) -> None:
    """Maps our error tree, the framework's errors, and whatever nobody foresaw."""

    @app.exception_handler(SwitchboardError)
    async def _ours(request: Request, error: SwitchboardError) -> Response:
        return tell(request.method, request.url.path, error)

    @app.exception_handler(RequestValidationError)
    async def _invalid(request: Request, error: RequestValidationError) -> Response:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"] if part not in ("body", "query", "path", "header"))
        return problem(422, "A field is not valid", str(first["msg"])[:300], field=where or str(first["loc"][0]))

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> Response:
        return problem(error.status_code, str(error.detail), headers=error.headers)

    @app.exception_handler(Exception)
    async def _unforeseen(request: Request, error: Exception) -> Response:
        reference = new_id("err")
        log.error("%s on %s %s (%s)", reference, request.method, request.url.path, type(error).__name__, exc_info=error)
        return problem(500, "Internal error", f"Please report the reference {reference}.", instance=reference)


RESPONSES: dict[int | str, dict[str, object]] = {
    status: {"model": Problem, "content": {MEDIA_TYPE: {}}, "description": words}
    for status, words in {
        400: "The body cannot be read",
        401: "Not signed in",
        403: "The role does not allow it",
        404: "Not found",
        409: "It changed meanwhile, or the idempotency key was used for another body",
        413: "Too large",
        422: "A field is not valid",
        429: "Too many requests",
        503: "Temporarily unavailable: see Retry-After",
    }.items()
}
"""What any operation may answer besides success; part of the OpenAPI description."""

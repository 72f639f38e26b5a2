"""Draws pages and fragments from templates, with the headers that keep a browser safe."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from fastapi import Request, Response
from fastapi.responses import HTMLResponse, JSONResponse
from fastapi.routing import APIRoute
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from switchboard.desk import facts
from switchboard.desk.composer import composer
from switchboard.desk.presentation import FILTERS, TABLES, Moment
from switchboard.errors import SwitchboardError

if TYPE_CHECKING:
    from switchboard.desk.assets import Assets
    from switchboard.ports.clock import Clock

TEMPLATES = Path(__file__).parent / "templates"


def environment() -> Environment:
    """Templates with everything escaped and every forgotten value an error."""
    env = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.filters.update(FILTERS)
    env.filters.update(facts.FILTERS)
    env.filters["composer"] = composer
    env.globals.update(TABLES)
    return env


@dataclass(frozen=True, slots=True, kw_only=True)
class Renderer:
    """Draws templates. ``frame_ancestors`` says who may show a page in a frame (only the widget's panel is framed)."""

    env: Environment
    assets: Assets
    clock: Clock
    zone: ZoneInfo
    business: Callable[[], str]

    def text(self, template: str, **values: object) -> str:
        moment = Moment(now=self.clock.now(), zone=self.zone)
        shared: dict[str, object] = {"assets": self.assets, "business": self.business(), "moment": moment}
        shared["ICONS"] = self.assets.url("icons.svg")
        return self.env.get_template(template).render({**shared, **values})

    def page(
        self, template: str, *, status: int = 200, frame_ancestors: str = "'none'", **values: object
    ) -> HTMLResponse:
        """A whole page, with a fresh nonce for its import map."""
        nonce = secrets.token_urlsafe(16)
        html = self.text(template, nonce=nonce, **values)
        return HTMLResponse(html, status_code=status, headers=safe_headers(nonce, frame_ancestors))

    def fragment(self, template: str, **values: object) -> HTMLResponse:
        """A piece of a page that a script puts in place."""
        return HTMLResponse(self.text(template, **values), headers={"cache-control": "no-store", **NO_SNIFF})


NO_SNIFF = {"x-content-type-options": "nosniff", "referrer-policy": "same-origin"}


def safe_headers(nonce: str, frame_ancestors: str = "'none'") -> dict[str, str]:
    """Nothing from elsewhere, no inline script or style; the import map alone carries the nonce."""
    policy = (
        f"default-src 'self'; script-src 'self' 'nonce-{nonce}'; img-src 'self' data:; object-src 'none'; "
        f"base-uri 'none'; form-action 'self'; frame-ancestors {frame_ancestors}; "
        "require-trusted-types-for 'script'; trusted-types fragment"
    )
    return {
        "content-security-policy": policy,
        "cache-control": "no-store",
        "cross-origin-opener-policy": "same-origin",
        "permissions-policy": "camera=(), microphone=(), geolocation=()",
        **NO_SNIFF,
    }


class DeskRoute(APIRoute):
    """Turns our errors into an answer the browser's scripts can show: a title, what to do, and the status."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[object, object, Response]]:
        handle = super().get_route_handler()

        async def guarded(request: Request) -> Response:
            try:
                return await handle(request)
            except SwitchboardError as error:
                return problem(error)

        return guarded


def problem(error: SwitchboardError) -> JSONResponse:
    """RFC 9457, never with customer text."""
    known = {"title": error.title, "status": error.status, "detail": error.detail}
    more = {"field": error.field, "limit": error.limit, "fix": error.fix}
    body = known | {name: value for name, value in more.items() if value is not None}
    return JSONResponse(body, status_code=error.status, media_type="application/problem+json")

"""Signing in and out: passwords, sessions kept on the server, the first administrator by a one-time token."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from switchboard.desk.actions import SignedIn
from switchboard.desk.render import Renderer
from switchboard.domain.ids import AgentId, new_id
from switchboard.errors import Conflict, Forbidden, InvalidInput, TooManyRequests
from switchboard.ports.clock import Clock
from switchboard.ports.records import SessionRecord, UserRecord
from switchboard.ports.store import Store, Work

SETUP = "setup"
LONGEST = timedelta(hours=12)
IDLE = timedelta(hours=2)
TOUCH_AFTER = timedelta(minutes=1)
SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 128
TRIES = RateLimitItemPerMinute(8)
TRIES_BY_ADDRESS = RateLimitItemPerMinute(30)
WRONG = "That e-mail address and password do not belong together."
EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,180}")


def hash_token(token: str) -> str:
    """SHA-256 in hex: how one-time tokens and session cookies are stored."""
    return hashlib.sha256(token.encode()).hexdigest()


def new_setup_token(work: Work, now: datetime) -> str | None:
    """A token that makes the first administrator within 24 hours; None when users exist already.

    Call it in a write story at start and print the address ``/setup?token=…`` on the console, nowhere else."""
    if work.access.users():
        return None
    token = secrets.token_urlsafe(24)
    work.access.put_once(SETUP, hash_token(token), now + timedelta(hours=24))
    return token


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """The sign-in desk. ``secure``: the site is served over https, so cookies carry ``__Host-`` and Secure."""

    store: Store
    clock: Clock
    renderer: Renderer
    secure: bool = True
    hasher: PasswordHasher = field(default_factory=PasswordHasher)
    throttle: MovingWindowRateLimiter = field(default_factory=lambda: MovingWindowRateLimiter(MemoryStorage()))

    @property
    def cookie(self) -> str:
        return "__Host-switchboard" if self.secure else "switchboard"

    async def current_user(self, request: Request) -> SignedIn | None:
        """Who holds this browser's session; None when nobody does, or it has ended."""
        token = request.cookies.get(self.cookie, "")
        if not 20 <= len(token) <= 100:
            return None
        now, hashed = self.clock.now(), hash_token(token)
        found = await self.store.read(lambda work: _session_user(work, hashed))
        if found is None or _over(found[0], now) or found[1].disabled:
            return None
        session, user = found
        if now - session.last_seen_at > TOUCH_AFTER:
            await self.store.write(lambda work: work.access.touch_session(hashed, now))
        return signed_in(session, user)

    async def check_password(self, email: str, password: str, source: str) -> UserRecord | None:
        """The user if the password is right. Takes as long for an unknown address. Raises ``TooManyRequests``."""
        address = email.strip().lower()[:254]
        self._slow_down(address, source)
        user = await self.store.read(lambda work: work.access.user_by_email(address))
        known = user.password_hash if user is not None else await self._decoy()
        right = await asyncio.to_thread(self._matches, known, password[:LONGEST_PASSWORD])
        return user if right and user is not None and not user.disabled else None

    def _slow_down(self, address: str, source: str) -> None:
        by_account = self.throttle.hit(TRIES, "account", hash_token(address))
        by_source = self.throttle.hit(TRIES_BY_ADDRESS, "source", source)
        if not (by_account and by_source):
            raise TooManyRequests("Too many tries. Wait a minute, then try again.")

    async def _decoy(self) -> str:
        """A hash that matches nothing, so that an unknown address costs the same time."""
        return await asyncio.to_thread(self.hasher.hash, secrets.token_urlsafe(16))

    def _matches(self, known: str, password: str) -> bool:
        try:
            return self.hasher.verify(known, password)
        except (VerificationError, InvalidHashError):
            return False

    async def hash_password(self, password: str) -> str:
        """Argon2id. Raises ``InvalidInput`` for one that is too short or too long."""
        if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
            raise InvalidInput(
                f"Use a password of {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters.", field="password"
            )
        return await asyncio.to_thread(self.hasher.hash, password)

    async def open_session(self, user: UserRecord, response: Response, old: str | None = None) -> None:
        """A fresh session (a new id at every sign-in) and its cookie; the browser's former session ends."""
        now, token = self.clock.now(), secrets.token_urlsafe(32)
        record = SessionRecord(
            token_hash=hash_token(token),
            user_id=user.user_id,
            csrf=secrets.token_urlsafe(24),
            created_at=now,
            last_seen_at=now,
            expires_at=now + LONGEST,
        )

        def story(work: Work) -> None:
            if old:
                work.access.end_session(hash_token(old))
            work.access.add_session(record)

        await self.store.write(story)
        response.set_cookie(
            self.cookie, token, max_age=int(LONGEST.total_seconds()), httponly=True, secure=self.secure, samesite="lax"
        )

    async def make_first_admin(self, token: str, email: str, name: str, password: str) -> UserRecord:
        """Spends the setup token. Raises ``Forbidden`` for a wrong or old one, ``Conflict`` when users exist."""
        address, shown = email.strip().lower(), name.strip()
        if not EMAIL.fullmatch(address):
            raise InvalidInput("Write an e-mail address such as ana@example.com.", field="email")
        if not 1 <= len(shown) <= 100:
            raise InvalidInput("Write your name, up to 100 characters.", field="name")
        now = self.clock.now()
        user = UserRecord(
            user_id=new_id("usr"),
            email=address,
            name=shown,
            password_hash=await self.hash_password(password),
            roles=frozenset({"admin"}),
            created_at=now,
        )
        return await self.store.write(lambda work: _first_admin(work, hash_token(token), user, now))


def signed_in(session: SessionRecord, user: UserRecord) -> SignedIn:
    return SignedIn(
        user_id=user.user_id,
        email=user.email,
        name=user.name,
        roles=user.roles,
        csrf=session.csrf,
        agent_id=AgentId(user.agent_id) if user.agent_id else None,
    )


def _first_admin(work: Work, token_hash: str, user: UserRecord, now: datetime) -> UserRecord:
    if work.access.users():
        raise Conflict("An administrator exists already. Sign in instead.")
    if not work.access.take_once(SETUP, token_hash, now):
        raise Forbidden("This setup link is not valid any more. Restart the program to get a new one.")
    work.access.save_user(user)
    return user


def _session_user(work: Work, hashed: str) -> tuple[SessionRecord, UserRecord] | None:
    session = work.access.session(hashed)
    user = work.access.user(session.user_id) if session else None
    return (session, user) if session and user else None


def _over(session: SessionRecord, now: datetime) -> bool:
    return now >= session.expires_at or now - session.last_seen_at > IDLE


def same_token(given: str, kept: str) -> bool:
    """Compares in constant time; nothing never matches."""
    return bool(given) and hmac.compare_digest(given.encode(), kept.encode())


async def current_user(request: Request) -> SignedIn | None:
    """Who is signed in on this request, through the ``SignIn`` that the application keeps in ``app.state.sign_in``."""
    desk: SignIn | None = getattr(request.app.state, "sign_in", None)
    return await desk.current_user(request) if desk is not None else None


def local_path(target: str) -> str:
    """Where to go after signing in: only a path of this site, never another host."""
    safe = target.startswith("/") and not target.startswith(("//", "/\\")) and "\n" not in target
    return target if safe and len(target) <= 300 else "/"


def sign_in_router(desk: SignIn) -> APIRouter:
    """``/sign-in``, ``/sign-out`` and ``/setup``."""
    router = APIRouter(include_in_schema=False)

    def ask(status: int = 200, **values: str) -> Response:
        shown = {"next": "/", "email": "", "error": "", **values}
        return desk.renderer.page("sign_in.html", status=status, **shown)

    def ask_setup(status: int = 200, **values: str) -> Response:
        shown = {"token": "", "email": "", "name": "", "error": "", **values}
        return desk.renderer.page("setup.html", status=status, **shown)

    @router.get("/sign-in")
    async def sign_in_page(request: Request, next: str = "/") -> Response:
        if await desk.current_user(request):
            return RedirectResponse(local_path(next), status_code=303)
        return ask(next=local_path(next))

    @router.post("/sign-in")
    async def sign_in(
        request: Request, email: str = Form(""), password: str = Form(""), next: str = Form("/")
    ) -> Response:
        if not same_origin(request):
            return ask(403, email=email, error="The form came from another site. Open this page again.")
        try:
            user = await desk.check_password(email, password, request.client.host if request.client else "")
        except TooManyRequests as error:
            return ask(429, email=email, error=error.detail, next=local_path(next))
        if user is None:
            return ask(401, email=email, error=WRONG, next=local_path(next))
        response = RedirectResponse(local_path(next), status_code=303)
        await desk.open_session(user, response, old=request.cookies.get(desk.cookie))
        return response

    @router.post("/sign-out")
    async def sign_out(request: Request, csrf: str = Form("")) -> Response:
        user = await desk.current_user(request)
        if user is not None and same_token(csrf, user.csrf):
            hashed = hash_token(request.cookies[desk.cookie])
            await desk.store.write(lambda work: work.access.end_session(hashed))
        response = RedirectResponse("/sign-in", status_code=303)
        response.delete_cookie(desk.cookie, secure=desk.secure, httponly=True, samesite="lax")
        return response

    @router.get("/setup")
    async def setup_page(token: str = "") -> Response:
        return ask_setup(token=token[:100])

    @router.post("/setup")
    async def setup(
        request: Request,
        token: str = Form(""),
        email: str = Form(""),
        name: str = Form(""),
        password: str = Form(""),
    ) -> Response:
        if not same_origin(request):
            return ask_setup(403, error="The form came from another site. Open the setup link again.")
        try:
            user = await desk.make_first_admin(token, email, name, password)
        except (InvalidInput, Forbidden, Conflict) as error:
            return ask_setup(error.status, token=token[:100], email=email, name=name, error=error.detail)
        response = RedirectResponse("/", status_code=303)
        await desk.open_session(user, response)
        return response

    return router


def same_origin(request: Request) -> bool:
    """Forms before sign-in have no session to carry a token: the browser's own word about their origin stands in."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("origin")
    return origin is None or origin.split("://", 1)[-1] == request.headers.get("host", "")

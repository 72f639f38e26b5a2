"""A real Chromium in front of the sample desk. Order: ``SWITCHBOARD_CHROMIUM``, the system's, Playwright's own."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import threading
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import uvicorn
from fastapi.responses import StreamingResponse
from playwright.sync_api import Browser, BrowserContext, Error, Page, expect, sync_playwright

from switchboard.api.web_chat import WebChatDeps, web_chat_router
from switchboard.api.web_chat_files import web_chat_files_router
from switchboard.api.web_chat_poll import web_chat_poll_router
from switchboard.channels.web_chat import WebChat
from switchboard.stores import open_sqlite
from tests.desk.samples import seed
from tests.desk.test_web_chat import TOKENS, Chat
from tests.desk.world import Desk, StandingClock, make_desk, maya, run_now

expect.set_options(timeout=15_000)  # on a busy machine; what is there is found at once


@dataclass(slots=True)
class Site:
    """The desk on a local port. ``hint`` tells every open page that something changed."""

    desk: Desk
    chat: Chat
    url: str
    hints: list[tuple[asyncio.AbstractEventLoop, asyncio.Queue[str]]] = field(default_factory=list)
    sequence: int = 100

    def hint(self, kind: str, conversation_id: str) -> None:
        self.sequence += 1
        data = f'id: {self.sequence}\nevent: {kind}\ndata: {{"conversation_id": "{conversation_id}"}}\n\n'
        for loop, queue in list(self.hints):
            loop.call_soon_threadsafe(queue.put_nowait, data)

    async def stream(self) -> AsyncIterator[str]:
        queue: asyncio.Queue[str] = asyncio.Queue()
        place = (asyncio.get_running_loop(), queue)
        self.hints.append(place)
        try:
            yield ": open\n\n"
            while True:
                yield await queue.get()
        finally:
            self.hints.remove(place)


def chromium() -> str | None:
    """The path of a browser, or None for Playwright's own."""
    named = os.environ.get("SWITCHBOARD_CHROMIUM")
    found = named or shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    return found if found and Path(found).exists() else None


@pytest.fixture(scope="class")
def browser() -> Iterator[Browser]:
    """One per class: while it runs, Playwright keeps an event loop going that asynchronous tests would stumble over."""
    with sync_playwright() as playwright:
        try:
            started = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        except Error as error:
            if os.environ.get("CI") == "true":
                raise
            pytest.skip(f"no browser here: {error.message.splitlines()[0]}")
        yield started
        started.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def site() -> Iterator[Site]:
    store = open_sqlite(None, b"k" * 32, StandingClock())
    run_now(store.write(seed))
    chat = Chat(store=store)
    desk = make_desk(store, who=maya())
    port = free_port()
    made = Site(desk=desk, chat=chat, url=f"http://127.0.0.1:{port}")

    @desk.app.get("/v1/events")
    async def events() -> StreamingResponse:
        return StreamingResponse(made.stream(), media_type="text/event-stream")

    channel = WebChat(tokens=TOKENS, hub=chat.hub)
    deps = WebChatDeps(
        store=store, hub=chat.hub, clock=chat.clock, channel=channel, visitors=TOKENS, accept=chat.accept
    )
    desk.app.include_router(web_chat_router(deps))
    desk.app.include_router(web_chat_files_router(deps))
    desk.app.include_router(web_chat_poll_router(deps))
    server = uvicorn.Server(
        uvicorn.Config(desk.app, host="127.0.0.1", port=port, log_level="warning", timeout_graceful_shutdown=1)
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield made
    server.force_exit = server.should_exit = True
    thread.join(5)
    run_now(store.close())


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    opened = browser.new_context(viewport={"width": 1440, "height": 900}, color_scheme="light")
    opened.set_default_timeout(15_000)
    yield opened
    opened.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    opened = context.new_page()
    complaints: list[str] = []
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    opened.complaints = complaints  # type: ignore[attr-defined]  # the tests read what the page complained of
    return opened

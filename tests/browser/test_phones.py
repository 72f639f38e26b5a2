"""One customer writes on all seven simulated channels; each answer arrives on the phone it was asked from."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import pytest
import uvicorn
from argon2 import PasswordHasher
from playwright.sync_api import Page, expect

from switchboard.assembly import System, assemble
from switchboard.assembly.system import Parts
from switchboard.cli.up import demo_pages
from switchboard.demo.world import DemoWorld
from switchboard.desk.presentation import CHANNELS
from switchboard.domain.customer import CustomerProfile, Evidence, Identity
from switchboard.domain.ids import ConversationId, CustomerId
from switchboard.domain.message import ChannelType
from switchboard.engines.clock import SystemClock
from switchboard.flows.agent_actions import reply
from switchboard.ports.records import UserRecord
from switchboard.ports.store import Work
from switchboard.settings import Settings
from switchboard.stores import open_sqlite
from switchboard.trust.roles import Role
from tests.browser.conftest import free_port
from tests.demo.running import QUICK, SILENT
from tests.demo.test_world import ACCOUNTS, ADDRESSES, talk_of
from tests.kit import ScriptedUnderstanding, WordEmbedder

NOOR = CustomerId("cus_noor")
MAIL, PASSWORD = "maya@larkfield.example", "a long enough passphrase"
PATIENCE = 60_000
T = TypeVar("T")


@dataclass(slots=True)
class Demo:
    """The whole demo behind a local port, in a thread of its own."""

    folder: Path
    port: int
    ready: threading.Event = field(default_factory=threading.Event)
    loop: asyncio.AbstractEventLoop | None = None
    system: System | None = None
    server: uvicorn.Server | None = None
    trouble: BaseException | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as error:
            self.trouble = error
            self.ready.set()

    async def _serve(self) -> None:
        world = DemoWorld(pace=QUICK, liveliness=SILENT)
        await world.open()
        settings = Settings(data_dir=self.folder, work={"undo_s": 0}, **world.channel_settings)  # type: ignore[arg-type]  # checked by the settings
        store = open_sqlite(None, bytes(range(32)), SystemClock())
        parts = Parts(client=world.client, relay=world.relay, store=store, pages=demo_pages(world))
        self.system = system = await assemble(settings, parts)
        system.app.understanding, system.app.embedder = ScriptedUnderstanding(), WordEmbedder()
        await store.write(cast_of)
        crew = asyncio.create_task(system.crew.run(system.stop))
        await world.start(system.app)
        config = uvicorn.Config(
            system.api, host="127.0.0.1", port=self.port, log_level="warning", timeout_graceful_shutdown=1
        )
        self.server, self.loop = uvicorn.Server(config), asyncio.get_running_loop()
        self.ready.set()
        await self.server.serve()
        await world.stop()
        system.stop.set()
        await asyncio.wait_for(crew, timeout=25)
        await store.close()
        for end in system.closers:
            await asyncio.to_thread(end)

    def ask(self, work: Coroutine[object, object, T]) -> T:
        assert self.loop is not None
        waiting: Future[T] = asyncio.run_coroutine_threadsafe(work, self.loop)
        return waiting.result(60)

    def talk(self) -> ConversationId:
        assert self.system is not None
        found = self.ask(self.system.app.store.read(lambda work: talk_of(work, NOOR)))
        return found.conversation_id

    def answer(self, channel: ChannelType, text: str) -> None:
        assert self.system is not None
        self.ask(reply(self.system.app, self.talk(), text, agent_id=None, actor="test", channel=channel))


def cast_of(work: Work) -> None:
    """A supervisor who may look, and one customer with an address on each channel."""
    now = SystemClock().now()
    work.access.save_user(
        UserRecord(
            user_id="usr_maya",
            email=MAIL,
            name="Maya",
            password_hash=PasswordHasher(time_cost=1, memory_cost=8192).hash(PASSWORD),
            roles=frozenset({Role.SUPERVISOR}),
            created_at=now,
        )
    )
    known = tuple(
        Identity(channel=channel, address=address, account=ACCOUNTS.get(channel, ""), verified=True,
                 evidence=Evidence.LINKED_BY_AGENT, display_name="Noor")
        for channel, address in ADDRESSES.items()
    )  # fmt: skip
    work.customers.add(CustomerProfile(customer_id=NOOR, name="Noor Haddad", created_at=now, identities=known))


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    made = Demo(tmp_path / "data", free_port())
    thread = threading.Thread(target=made.run, daemon=True)
    thread.start()
    assert made.ready.wait(120)
    assert made.trouble is None, made.trouble
    yield made
    assert made.server is not None
    made.server.should_exit = True
    thread.join(30)


class TestOneCustomerOnSevenPhones:
    def test_gets_each_answer_where_it_was_asked(self, demo: Demo, page: Page) -> None:
        page.set_default_timeout(PATIENCE)
        page.goto(demo.url + "/sign-in")
        page.get_by_label("E-mail").fill(MAIL)
        page.get_by_label("Password").fill(PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url(lambda url: "/sign-in" not in url)
        page.goto(f"{demo.url}/demo/phones?customer={NOOR}")

        for channel in ChannelType:
            name = CHANNELS[channel][1]
            phone = page.get_by_role("region", name=name, exact=True)
            phone.get_by_role("textbox").fill(f"My question on {name}, please")
            phone.get_by_role("button", name=f"Send on {name}").click()
            expect(phone.locator(".mine").last).to_contain_text(f"My question on {name}", timeout=PATIENCE)
            demo.answer(channel, f"Our answer for {name}.")

        for channel in ChannelType:
            name = CHANNELS[channel][1]
            phone = page.get_by_role("region", name=name, exact=True)
            expect(phone.get_by_text(f"Our answer for {name}.").first).to_be_visible(timeout=PATIENCE)
            for other in ChannelType:
                if other is not channel:
                    expect(phone.get_by_text(f"Our answer for {CHANNELS[other][1]}.")).to_have_count(0)

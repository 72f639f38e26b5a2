"""``switchboard up``: everything in one process. ``switchboard worker``: only the hands, beside others."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Annotated

import uvicorn
from cyclopts import Parameter
from fastapi import APIRouter, FastAPI
from rich.console import Console
from rich.progress import Progress

from switchboard.assembly import Parts, System, assemble
from switchboard.assembly.mail import mail_listener, mailbox_poll
from switchboard.cli.shared import DataDir, close, run_loop, settings_for
from switchboard.cli.unknown_settings import unknown_variables
from switchboard.demo.world import DemoWorld
from switchboard.desk.demo import demo_router
from switchboard.desk.deps import DeskDeps
from switchboard.desk.sign_in import new_setup_token
from switchboard.engines.model_files import encoder_fingerprint
from switchboard.engines.reading_process import ReadingProcess
from switchboard.engines.split_understanding import SplitUnderstanding
from switchboard.engines.understanding import OnnxUnderstanding
from switchboard.errors import Unavailable
from switchboard.flows.knowledge import embed_anew
from switchboard.logs import configure_logs
from switchboard.ports.engines import Understanding
from switchboard.settings import Settings

console = Console()
SWITCH_S = 0.0005
"""How long a busy thread may keep the others waiting: the door must answer while a transaction is worked out."""
COLLECT_AFTER = 20_000
"""New objects before the interpreter looks for circles among them: a message makes thousands, and hardly a circle."""
logger = logging.getLogger(__name__)


def up(
    *,
    demo: Annotated[bool, Parameter(help="Fill it with a believable coffee shop and simulated channels.")] = False,
    host: Annotated[str | None, Parameter(help="Address to listen on. Default: 127.0.0.1.")] = None,
    port: Annotated[int | None, Parameter(help="Port to listen on. Default: 8080.")] = None,
    data_dir: DataDir = None,
) -> None:
    """Start Switchboard: API, workers, senders, timers and the desk in one process."""
    began = time.monotonic()
    configure_logs()
    warn_of_unknown()
    sys.setswitchinterval(SWITCH_S)
    settings = with_address(settings_for(data_dir), host, port)
    run_loop(_serve(settings, demo, began))


def warn_of_unknown() -> None:
    """A misspelt variable changes nothing: whoever set it should hear so at once."""
    for told in unknown_variables(os.environ):
        logger.warning("%s", told)


def with_address(settings: Settings, host: str | None, port: int | None) -> Settings:
    server = settings.server.model_copy(
        update={name: value for name, value in (("host", host), ("port", port)) if value is not None}
    )
    return settings.model_copy(update={"server": server})


async def _serve(settings: Settings, demo: bool, began: float) -> None:
    world = DemoWorld() if demo else None
    parts = Parts(reading_apart=True)
    if world is not None:
        await world.open()
        settings = with_demo_channels(settings, world)
        parts = Parts(client=world.client, relay=world.relay, pages=demo_pages(world), reading_apart=True)
    system = await assemble(settings, parts)
    try:
        await _embed_anew(system)
        if world is not None:
            await _fill(system, world)
        server = uvicorn.Server(_config(settings, system, world))
        await _announce(system, world, began)
        settle()
        await server.serve()
    finally:
        if world is not None:
            await world.stop()
        await close(system)


def settle() -> None:
    """What the start has made stays: the search for forgotten objects need not look at it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER, 20, 20)


def with_demo_channels(settings: Settings, world: DemoWorld) -> Settings:
    """The real channels, pointed at the simulated providers."""
    sections = {
        name: type(getattr(settings, name)).model_validate(values) for name, values in world.channel_settings.items()
    }
    return settings.model_copy(update=sections)


def demo_pages(world: DemoWorld) -> Callable[[DeskDeps], APIRouter]:
    """What customers' phones and mailboxes show, and a shop page with the chat."""
    return lambda deps: demo_router(deps, world)


def _config(settings: Settings, system: System, world: DemoWorld | None) -> uvicorn.Config:
    system.api.router.lifespan_context = _lifespan(system, world)
    return uvicorn.Config(
        system.api,
        host=settings.server.host,
        port=settings.server.port,
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=10,
        server_header=False,
        proxy_headers=bool(settings.server.trusted_proxies),
        forwarded_allow_ips=list(settings.server.trusted_proxies),
    )


def _lifespan(system: System, world: DemoWorld | None):  # type: ignore[no-untyped-def]  # the framework's shape
    @asynccontextmanager
    async def running(_: FastAPI) -> AsyncIterator[None]:
        """The hands start with the server and stop before it: what they hold is finished first."""
        crew = asyncio.create_task(system.crew.run(system.stop))
        helpers = [asyncio.create_task(mailbox_poll(system)), asyncio.create_task(warm_up(system.app.understanding))]
        listener = await mail_listener(system)
        if world is not None:
            await world.start(system.app)
        try:
            yield
        finally:
            system.stop.set()
            for helper in helpers:
                helper.cancel()
            if listener is not None:
                await listener.stop()
            with suppress(TimeoutError):
                await asyncio.wait_for(crew, timeout=25)

    return running


async def warm_up(understanding: Understanding) -> None:
    """Loads the model beside everything else, so that the first customer does not wait; without it the rules read."""
    if isinstance(understanding, OnnxUnderstanding | ReadingProcess | SplitUnderstanding):
        try:
            await asyncio.to_thread(understanding.load)
        except Exception as error:
            logger.warning("the model cannot be loaded (%s): messages are read by rules", type(error).__name__)


async def _embed_anew(system: System) -> None:
    """After an update that brought another encoder, the knowledge base gets its vectors; else nothing happens."""
    with Progress(console=console, transient=True) as bar:
        task = bar.add_task("The model changed: embedding the knowledge base", total=None, visible=False)

        def step(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total, visible=True)

        try:
            fingerprint = await asyncio.to_thread(encoder_fingerprint, system.model_folder)
            await embed_anew(system.app, fingerprint, step)
        except (OSError, Unavailable) as error:
            logger.warning("the knowledge base keeps its old vectors: the model failed with %s", type(error).__name__)


async def _fill(system: System, world: DemoWorld) -> None:
    with Progress(console=console, transient=True) as bar:
        task = bar.add_task("Opening the shop", total=None)

        def step(what: str, done: int, total: int) -> None:
            bar.update(task, description=what, completed=done, total=total)

        summary = await world.import_into(system.app, step)
    system.app.forget_business()
    for line in summary.lines():
        console.print(line)


async def _announce(system: System, world: DemoWorld | None, began: float) -> None:
    server = system.settings.server
    address = server.public_url or f"http://{'127.0.0.1' if server.host == '0.0.0.0' else server.host}:{server.port}"
    console.print(
        f"[bold]Switchboard[/] is at [link={address}]{address}[/] (started in {time.monotonic() - began:.1f} s)"
    )
    token = await system.app.store.write(lambda work: new_setup_token(work, system.app.clock.now()))
    if token is not None:
        console.print(f"First sign-in, within 24 hours, once: [bold]{address}/setup?token={token}[/]")
    if world is not None:
        console.print(f"Customers' phones and mailboxes: {address}/demo/phones")
        console.print(f"A shop page with the chat: {address}/demo/shop")
    console.print("Stop with Ctrl+C.")


def worker(*, data_dir: DataDir = None) -> None:
    """Only the workers, for a database that other processes serve."""
    configure_logs()
    warn_of_unknown()
    run_loop(_work(settings_for(data_dir)))


async def _work(settings: Settings) -> None:
    system = await assemble(settings, Parts(reading_apart=True))
    loop = asyncio.get_running_loop()
    import signal

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, system.stop.set)
    warming = asyncio.create_task(warm_up(system.app.understanding))
    settle()
    try:
        await system.crew.run(system.stop)
    finally:
        warming.cancel()
        await close(system)

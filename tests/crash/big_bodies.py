"""A process that takes one huge mail and is killed: ``python -m tests.crash.big_bodies FOLDER before|inside|after``.

It dies between file and transaction, inside the transaction, or right after the mail was acknowledged."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from dataclasses import replace
from pathlib import Path

from switchboard.domain.message import Attachment, ChannelType
from switchboard.engines.blobs import FolderBlobs
from switchboard.engines.clock import SystemClock
from switchboard.engines.hub import LocalHub
from switchboard.engines.knowledge_search import StoredKnowledge
from switchboard.flows.app import App
from switchboard.flows.intake import Taken, receive_events
from switchboard.ports.channel import Parsed
from switchboard.ports.store import Store, Work
from switchboard.stores import open_sqlite
from tests.kit import MASTER, RecordingChannel, ScriptedUnderstanding, WordEmbedder, said

MAIL = bytes(range(256)) * 8000
PHOTO = b"\x89PNG\r\n\x1a\n" + bytes(reversed(range(256))) * 4000


def app_on(folder: Path) -> App:
    clock, embedder = SystemClock(), WordEmbedder()
    store: Store = open_sqlite(folder / "switchboard.db", MASTER, clock)
    return App(
        store=store,
        clock=clock,
        hub=LocalHub(),
        blobs=FolderBlobs(folder / "blobs"),
        understanding=ScriptedUnderstanding(),
        embedder=embedder,
        knowledge=StoredKnowledge(store, embedder),
        channels={kind: RecordingChannel(kind) for kind in ChannelType},
    )


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


async def take(folder: Path, moment: str) -> None:
    app = app_on(folder)
    if moment == "before":
        app.store.write = lambda *_, **__: die()  # type: ignore[method-assign,assignment]  # nothing comes after

    def then(_work: Work, _taken: Taken) -> None:
        if moment == "inside":
            die()

    event = said("My pot is broken", ChannelType.EMAIL, address="ana@customers.example", external_id="mail-1")
    photo = (Attachment(kind="image", name="pot.png", provider_id="pot"),)
    event = replace(event, content=replace(event.content, attachments=photo))
    parsed = Parsed(events=(event,))
    await receive_events(app, ChannelType.EMAIL, parsed, MAIL, "message/rfc822", {"pot": PHOTO}, then)
    die()


if __name__ == "__main__":
    asyncio.run(take(Path(sys.argv[1]), sys.argv[2]))

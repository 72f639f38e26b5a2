"""Document readers that misbehave, in a module that a new process loads quickly."""

from __future__ import annotations

import time

from switchboard.engines.document_reader import ReadDocument


def dawdle(name: str, data: bytes) -> ReadDocument:
    time.sleep(60)
    return ReadDocument(title=name, text="")


def stumble(name: str, data: bytes) -> ReadDocument:
    raise KeyError(data.decode())


def die(name: str, data: bytes) -> ReadDocument:
    raise SystemExit(1)

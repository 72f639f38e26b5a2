"""A shop of its own for each test, run by commands as people type them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import pytest

from switchboard.cli.main import main
from switchboard.cli.shared import opened
from switchboard.ports.store import Work

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Said:
    """What a command printed, and how it ended."""

    out: str
    err: str
    code: int


@dataclass(frozen=True, slots=True)
class Shop:
    """A data directory with the commands that work on it."""

    folder: Path
    capture: pytest.CaptureFixture[str]

    def run(self, *words: str) -> Said:
        code = 0
        try:
            main([*words, "--data-dir", str(self.folder)])
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(end.code is not None)
        told = self.capture.readouterr()
        return Said(told.out, told.err, code)

    def read(self, story: Callable[[Work], T]) -> T:
        return self._do(story, writes=False)

    def write(self, story: Callable[[Work], T]) -> T:
        return self._do(story, writes=True)

    def _do(self, story: Callable[[Work], T], *, writes: bool) -> T:
        async def act() -> T:
            async with opened(self.folder) as system:
                store = system.app.store
                return await (store.write(story) if writes else store.read(story))

        return asyncio.run(act())


@pytest.fixture
def shop(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Shop:
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("NO_COLOR", "1")
    return Shop(tmp_path / "data", capsys)

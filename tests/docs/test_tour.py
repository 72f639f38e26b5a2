"""The tour's commands, run one after the other against a real server, give the answers that the page prints."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.error import URLError

import pytest

from tests.docs.pages import DOCS, Block, blocks, difference

PAGE = DOCS / "tour.md"
PORT_SHOWN = "8081"
DONE = "--- done"
PATIENCE_S = 60.0


class Terminal:
    """A shell that keeps its variables from block to block, as the reader's does."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self._errors = (folder / "errors.txt").open("w+")
        self._shell = subprocess.Popen(
            ["bash", "--norc"], cwd=folder, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=self._errors, text=True,
        )  # fmt: skip

    def run(self, commands: str) -> str:
        assert self._shell.stdin is not None
        assert self._shell.stdout is not None
        self._shell.stdin.write(f"{commands}\necho; echo '{DONE}'\n")
        self._shell.stdin.flush()
        told: list[str] = []
        for line in self._shell.stdout:
            if line.strip() == DONE:
                return "".join(told).strip()
            told.append(line)
        self._errors.seek(0)
        raise AssertionError(f"the shell ended: {self._errors.read()[-2000:]}")

    def close(self) -> None:
        self._shell.kill()
        self._shell.communicate()
        self._errors.close()


@pytest.fixture
def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """``switchboard`` is on the path, and no setting of this machine reaches the program."""
    command = tmp_path / "bin" / "switchboard"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m switchboard "$@"\n')
    command.chmod(0o755)
    plain = {name: value for name, value in os.environ.items() if not name.startswith("SWITCHBOARD_")}
    return {**plain, "PATH": f"{command.parent}:{os.environ['PATH']}"}


@pytest.fixture
def server(tmp_path: Path, environment: dict[str, str], free_port: int) -> Iterator[str]:
    """What the page's server block starts, on a free port."""
    (start,) = [block for block in blocks(PAGE) if block.words == "server"]
    with (tmp_path / "server.txt").open("w+") as told:
        process = subprocess.Popen(
            ["bash", "-c", f"exec {with_port(start.text, free_port).strip()}"],
            cwd=tmp_path, env=environment, stdout=told, stderr=told,
        )  # fmt: skip
        try:
            wait_until_alive(f"http://127.0.0.1:{free_port}/health/live", process)
            yield start.text
        finally:
            process.terminate()
            process.wait(timeout=40)


@pytest.fixture
def terminal(tmp_path: Path, environment: dict[str, str]) -> Iterator[Terminal]:
    shell = Terminal(tmp_path, environment)
    yield shell
    shell.close()


def wait_until_alive(url: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        assert process.poll() is None, "the server ended"
        with suppress(URLError, OSError), urllib.request.urlopen(url, timeout=5):
            return
        time.sleep(0.2)
    raise AssertionError("the server does not answer")


def with_port(text: str, port: int) -> str:
    return text.replace(PORT_SHOWN, str(port))


def only_looks(block: Block) -> bool:
    """Looking again does no harm: what is still being worked on may need a moment."""
    return re.search(r" -(d|X) |keys create", block.text) is None


def problem(shown: Block, told: str) -> str | None:
    if shown.language == "text":
        return difference(shown.text.strip(), told)
    try:
        return difference(json.loads(shown.text), json.loads(told))
    except json.JSONDecodeError:
        return f"this is not JSON: {told[:300]!r}"


@pytest.mark.skipif(shutil.which("curl") is None or shutil.which("bash") is None, reason="the tour needs bash and curl")
class TestTheTour:
    @pytest.mark.timeout(300)
    def test_every_command_does_what_the_page_shows(self, server: str, terminal: Terminal, free_port: int) -> None:
        steps = [block for block in blocks(PAGE) if block.language in ("sh", "json", "text") and block.text != server]
        told, command = "", steps[0]
        for step in steps:
            if step.language == "sh":
                command, told = step, terminal.run(with_port(step.text, free_port))
                continue
            found = problem(step, told)
            until = time.monotonic() + PATIENCE_S
            while found is not None and only_looks(command) and time.monotonic() < until:
                time.sleep(0.3)
                told = terminal.run(with_port(command.text, free_port))
                found = problem(step, told)
            assert found is None, f"{PAGE.name}, line {step.line}: {found}"

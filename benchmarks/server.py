"""A real server in a process of its own, on a data directory of its own, with an API key to knock with."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psutil  # type: ignore[import-untyped]  # it ships no type information

from switchboard.api.caller import new_key
from switchboard.assembly.keys import open_store
from switchboard.engines.clock import SystemClock
from switchboard.settings import Settings
from switchboard.trust.roles import Role

READY_WITHIN_S = 120.0
COMPILED = Path(tempfile.gettempdir()) / "switchboard-compiled"
UNLIMITED = {"SWITCHBOARD_LIMITS__REQUESTS_PER_MINUTE": "10000000"}
"""One key sends everything here; in life each sender has a limit of its own."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass(slots=True, kw_only=True)
class Server:
    """``switchboard up`` on ``folder``. Start it, kill it, start it again: the data stay."""

    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    key: str = ""
    process: subprocess.Popen[bytes] | None = None

    @property
    def database(self) -> Path:
        return self.folder / "data" / "switchboard.db"

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def processor_seconds(self) -> float:
        """What the server and the processes that it started have used so far."""
        return float(sum(sum(each.cpu_times()[:2]) for each in self._processes()))

    def resident_mb(self) -> float:
        """Memory of the server and the processes that it started; what they share counts once for each."""
        return float(sum(each.memory_info().rss for each in self._processes()) / 1e6)

    def handles(self) -> int:
        """Open files, sockets and threads together."""
        return sum(each.num_fds() + each.num_threads() for each in self._processes())

    def _processes(self) -> list[psutil.Process]:
        server = psutil.Process(self.pid)
        return [server, *server.children(recursive=True)]

    def prepare(self) -> None:
        """Makes the database and an API key, as an administrator would before opening the doors."""
        self.key = asyncio.run(_make_key(self.folder / "data"))

    def start(self) -> float:
        """Returns the seconds until it was ready. Raises ``RuntimeError`` with its log if it does not come up."""
        if not self.key:
            self.prepare()
        began = time.perf_counter()
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        # Compiled once for all starts, as in any installation.
        environment |= {"PYTHONPYCACHEPREFIX": str(COMPILED), **UNLIMITED, **self.environment}
        command = [sys.executable, "-m", "switchboard", "up", "--port", str(self.port)]
        with (self.folder / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                [*command, "--data-dir", str(self.folder / "data")],
                env=environment,
                stdout=log,
                stderr=log,
            )
        while not self._ready():
            if self.process.poll() is not None or time.perf_counter() - began > READY_WITHIN_S:
                raise RuntimeError(f"the server did not come up:\n{self.log()[-4000:]}")
            time.sleep(0.02)
        return time.perf_counter() - began

    def kill(self) -> None:
        """As when the power fails: no signal handler, no last words."""
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()

    def stop(self) -> float:
        """Politely; returns the seconds it took."""
        began = time.perf_counter()
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(timeout=40)
            except subprocess.TimeoutExpired:
                self.kill()
        return time.perf_counter() - began

    def log(self) -> str:
        return (self.folder / "server.log").read_text(errors="replace")

    def _ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health/ready", timeout=2) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False


async def _make_key(data_dir: Path) -> str:
    clock = SystemClock()
    store = open_store(Settings(data_dir=data_dir), clock)
    key, record = new_key(Role.ADMIN.value, "benchmark", clock.now())
    await store.write(lambda work: work.access.add_key(record))
    await store.close()
    return key

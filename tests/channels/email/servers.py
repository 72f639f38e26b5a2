"""What tests with real mail servers share: a free port, waiting until it answers, and what a missing server means."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Callable

import pytest


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def wait_for(port: int, process: subprocess.Popen[bytes], log: Callable[[], str]) -> None:
    """Until somebody answers on the port, at most a minute."""
    for _ in range(600):
        if process.poll() is not None:
            break
        with socket.socket() as one:
            if one.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    try:
        said = log()
    except OSError:
        said = "no log"
    raise RuntimeError(f"The mail server does not start: {said}")


def needed(program: str | None, package: str) -> str:
    """The program; without it a failure where everything must be tested, a skip elsewhere."""
    if program is not None:
        return program
    if os.environ.get("CI"):
        pytest.fail(f"install {package}: it is needed here")
    pytest.skip(f"no {package} on this machine")

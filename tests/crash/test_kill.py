"""A short version of ``python -m tests.crash.kill``: the server dies three times while customers write."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.crash.kill import ordeal


@pytest.mark.skipif(sys.platform == "win32", reason="there is no kill -9")
class TestAServerThatIsKilledWhileCustomersWrite:
    async def test_loses_nothing_answers_once_and_keeps_the_order(self, tmp_path: Path) -> None:
        toll = await ordeal(tmp_path, kills=3, messages=150, seed=11)

        assert toll.clean, toll.told()
        assert (toll.kills, toll.acknowledged) == (3, 150)
        assert toll.answered > 0

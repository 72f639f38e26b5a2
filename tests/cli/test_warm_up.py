"""The model loads while the system starts, so that the first customer does not wait for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from switchboard.cli.up import warm_up
from switchboard.engines.onnx_encoder import OnnxEncoder
from switchboard.engines.understanding import OnnxUnderstanding, build_understanding


class Watched(OnnxUnderstanding):
    """Counts how often it was asked to load."""

    loads = 0

    def load(self) -> None:
        self.loads += 1


class TestStarting:
    async def test_loads_the_model_before_the_first_message(self) -> None:
        understanding = Watched(OnnxEncoder())
        await warm_up(understanding)
        assert understanding.loads == 1

    async def test_without_a_model_goes_on_and_says_so(self, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
        await warm_up(build_understanding(tmp_path))
        assert "read by rules" in caplog.text

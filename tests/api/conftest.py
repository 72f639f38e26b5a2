"""A fresh application for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.api.face import Face, open_face


@pytest.fixture
async def face(tmp_path: Path) -> AsyncIterator[Face]:
    async with open_face(tmp_path / "data", allowed_hosts=("127.0.0.1:9",)) as opened:
        yield opened

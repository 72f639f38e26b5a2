"""The page of each channel names the limits that the code keeps."""

from __future__ import annotations

from pathlib import Path

import pytest

from switchboard.domain.message import ChannelType
from tests.channels.fixture_cases import FOLDERS
from tests.channels.payloads import make_channel

PAGES = Path(__file__).resolve().parents[2] / "docs" / "channels"


@pytest.mark.parametrize("channel", FOLDERS)
def test_the_page_names_the_limits(channel: ChannelType) -> None:
    page = (PAGES / f"{channel}.md").read_text(encoding="utf-8")
    limits = make_channel(channel).capabilities

    assert f"{limits.text_limit:,}".replace(",", " ") in page or str(limits.text_limit) in page
    if limits.text_unit == "bytes":
        assert "**bytes**" in page
    if limits.reply_window is not None:
        assert f"**{int(limits.reply_window.total_seconds() // 3600)} hours**" in page
    assert f"/channels/{channel}`" in page

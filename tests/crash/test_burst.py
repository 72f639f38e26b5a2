"""New customers who write several messages within a moment, taken by two workers at once."""

from __future__ import annotations

from pathlib import Path

from tests.crash.burst import burst


class TestABurstOfNewCustomers:
    async def test_makes_one_conversation_each_and_keeps_the_order(self, tmp_path: Path) -> None:
        found = await burst(tmp_path, customers=100)

        assert found.messages >= 200
        assert found.right, found

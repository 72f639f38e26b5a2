"""kill -9 around the transaction of a huge mail: never a row without its file, at worst a file without a row."""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path

import pytest

from switchboard.domain.ids import MessageId
from switchboard.flows.aside import body_of
from switchboard.flows.files import open_file
from switchboard.ports.records import Page
from tests.crash.big_bodies import MAIL, PHOTO, app_on


@pytest.mark.skipif(sys.platform == "win32", reason="there is no kill -9")
class TestAServerThatIsKilledWhileAHugeMailComesIn:
    @pytest.mark.parametrize("moment", ["before", "inside"])
    async def test_keeps_no_row_and_at_most_files_that_nobody_names(self, tmp_path: Path, moment: str) -> None:
        assert await _killed(tmp_path, moment) == -signal.SIGKILL

        app = app_on(tmp_path)
        rows = (await app.store.read(lambda work: work.payloads.page(Page()))).items
        prints = [path.parent.name + path.name for path in (tmp_path / "blobs").rglob("*") if path.is_file()]
        known = await app.store.read(lambda work: work.files.known(prints))
        await app.store.close()

        assert (rows, len(prints), known) == ((), 2, frozenset())

    async def test_has_everything_that_it_acknowledged(self, tmp_path: Path) -> None:
        assert await _killed(tmp_path, "after") == -signal.SIGKILL

        app = app_on(tmp_path)
        (row,) = (await app.store.read(lambda work: work.payloads.page(Page()))).items
        record = await app.store.read(lambda work: work.payloads.get(row.payload_id))
        assert record is not None
        body = await body_of(app, record.body, record.body_file)
        photo = await open_file(app, MessageId(record.events[0].message_id or ""), 0)
        await app.store.close()

        assert (body == MAIL, photo.data == PHOTO) == (True, True)


async def _killed(folder: Path, moment: str) -> int:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.crash.big_bodies", str(folder), moment, cwd=Path(__file__).parents[2]
    )
    return await process.wait()

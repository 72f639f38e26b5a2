"""The models in a process of their own: the same readings, and nobody waits for a process that is gone."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from pathlib import Path

import psutil  # type: ignore[import-untyped]  # it ships no type information
import pytest

from switchboard.domain.reading import Reading, ReadingSource
from switchboard.engines.reading_process import Models, ReadingProcess
from switchboard.engines.understanding import build_understanding
from switchboard.errors import Unavailable
from switchboard.ports.engines import EMBEDDING_WIDTH, TextToRead
from tests.understanding.samples import AT

ORDER = "URGENT: where is my Aurora Desk Lamp from order LC-48213?"
THANKS = "thanks, great service, I love it"


@pytest.fixture(scope="module")
def process() -> Iterator[ReadingProcess]:
    reader = ReadingProcess(products=lambda: ["Aurora Desk Lamp"])
    yield reader
    reader.close()


def read(reader: ReadingProcess, *texts: str) -> list[Reading]:
    return asyncio.run(reader.read([TextToRead(text=text, at=AT) for text in texts]))


def helpers() -> list[psutil.Process]:
    """The processes that read for this one."""
    return [each for each in psutil.Process().children() if "spawn_main" in " ".join(each.cmdline())]


class TestTheProcess:
    def test_reads_as_the_models_in_this_process_do(self, process: ReadingProcess) -> None:
        here = build_understanding(products=lambda: ["Aurora Desk Lamp"], timeout=60.0)
        texts = [TextToRead(text=text, at=AT) for text in (ORDER, THANKS)]
        assert asyncio.run(process.read(texts)) == asyncio.run(here.read(texts))

    def test_answers_several_questions_at_once_each_with_its_own_answer(self, process: ReadingProcess) -> None:
        async def ask() -> list[list[Reading]]:
            return await asyncio.gather(
                *(process.read([TextToRead(text=f"Where is order LC-{n}000?", at=AT)]) for n in range(10, 30))
            )

        found = [readings[0].entities[0].value for readings in asyncio.run(ask())]
        assert found == [f"LC-{n}000" for n in range(10, 30)]

    def test_embeds(self, process: ReadingProcess) -> None:
        vectors = asyncio.run(process.embed([ORDER, THANKS]))
        assert [len(vector) for vector in vectors] == [EMBEDDING_WIDTH] * 2
        assert sum(x * x for x in vectors[0]) == pytest.approx(1.0, abs=1e-3)

    def test_gives_way_to_the_server(self, process: ReadingProcess) -> None:
        read(process, THANKS)
        assert [each.nice() for each in helpers()] == [min(19, psutil.Process().nice() + 10)]

    def test_no_texts_give_no_answers(self, process: ReadingProcess) -> None:
        assert (read(process), asyncio.run(process.embed([]))) == ([], [])


class TestAProcessThatIsGone:
    def test_is_replaced_before_anybody_notices(self, process: ReadingProcess) -> None:
        read(process, THANKS)
        for helper in helpers():
            helper.kill()
        assert read(process, THANKS)[0].source is ReadingSource.MODEL

    def test_and_hangs_leaves_the_texts_to_the_rules(self, caplog: pytest.LogCaptureFixture) -> None:
        slow = ReadingProcess(timeout=0.0)
        with caplog.at_level(logging.WARNING):
            (reading,) = read(slow, ORDER)
        slow.close()
        assert reading.source is ReadingSource.RULES
        assert "TimeoutError" in caplog.text
        assert "LC-48213" not in caplog.text

    def test_and_was_closed_is_not_started_again(self) -> None:
        reader = ReadingProcess()
        reader.close()
        assert read(reader, ORDER)[0].source is ReadingSource.RULES
        with pytest.raises(Unavailable):
            asyncio.run(reader.embed([ORDER]))


class TestWithoutModels:
    def test_the_rules_read_and_nothing_is_embedded(self, tmp_path: Path) -> None:
        reader = ReadingProcess(Models(folder=tmp_path))
        try:
            assert read(reader, ORDER)[0].source is ReadingSource.RULES
            with pytest.raises(Unavailable, match="model folder"):
                asyncio.run(reader.embed([ORDER]))
        finally:
            reader.close()

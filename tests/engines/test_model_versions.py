"""Two model versions side by side: shares, promotion, the way back."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchboard.domain.model_versions import SHIPPED, ModelChoice
from switchboard.domain.reading import Reading
from switchboard.engines.model_versions import CHOICE, ModelVersions
from switchboard.engines.onnx_encoder import MODELS
from switchboard.engines.split_understanding import SplitUnderstanding
from switchboard.errors import Conflict, InvalidInput, NotFound
from switchboard.ports.engines import TextToRead
from tests.kit import MONDAY, WordEmbedder, read_as

NEW = "2031.01-1"


@dataclass(slots=True)
class NamedReader:
    """Reads everything alike and signs with its name."""

    name: str
    closed: bool = False
    asked: list[str] = field(default_factory=list)

    async def read(self, texts: Sequence[TextToRead]) -> list[Reading]:
        self.asked += [text.key for text in texts]
        return [replace(read_as(), model_version=self.name, embedding=(0.5,)) for _ in texts]

    def load(self) -> None:
        """It is always ready."""

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def trained(tmp_path: Path) -> Path:
    """A model folder like the shipped one, with another version and a tokenizer that differs."""
    folder = tmp_path / "trained"
    shutil.copytree(MODELS, folder)
    heads = json.loads((folder / "heads.json").read_text())
    (folder / "heads.json").write_text(json.dumps({**heads, "version": NEW}))
    with (folder / "tokenizer.json").open("a") as file:
        file.write("\n")
    return folder


@pytest.fixture
def versions(tmp_path: Path) -> ModelVersions:
    return ModelVersions(tmp_path / "models")


def split(versions: ModelVersions, built: list[NamedReader]) -> tuple[SplitUnderstanding, NamedReader]:
    first = NamedReader(SHIPPED)

    def build(folder: Path | None) -> NamedReader:
        built.append(NamedReader(folder.name if folder else SHIPPED))
        return built[-1]

    return SplitUnderstanding(versions, first, WordEmbedder(), build), first


def texts(count: int) -> list[TextToRead]:
    return [TextToRead(text=f"message {n}", at=MONDAY, key=f"con_{n}") for n in range(count)]


class TestTheShare:
    @given(st.floats(0.05, 1.0))
    def test_is_kept_over_many_conversations(self, share: float) -> None:
        choice = ModelChoice(candidate="b", share=share)
        read = sum(choice.version_for(f"con_{n}") == "b" for n in range(2000))

        assert abs(read / 2000 - share) < 0.06

    def test_of_a_conversation_never_changes_while_the_choice_stands(self) -> None:
        choice = ModelChoice(candidate="b", share=0.5)

        assert len({choice.version_for("con_1") for _ in range(50)}) == 1

    @pytest.mark.parametrize("share", [0, -1, 1.01])
    def test_out_of_range_is_refused(self, share: float) -> None:
        with pytest.raises(InvalidInput):
            ModelChoice().trying("b", share)


class TestTheWayBack:
    def test_stops_the_candidate_first_and_then_goes_to_the_version_before(self) -> None:
        choice = ModelChoice().trying("b", 0.5).promoted().trying("c", 0.1)

        assert choice.rolled_back() == ModelChoice(active="b", earlier=(SHIPPED,))
        assert choice.rolled_back().rolled_back() == ModelChoice()
        with pytest.raises(Conflict):
            ModelChoice().rolled_back()


class TestAnInstalledModel:
    def test_can_be_chosen_and_another_program_sees_it(
        self, versions: ModelVersions, trained: Path, tmp_path: Path
    ) -> None:
        watching = ModelVersions(tmp_path / "models")
        assert watching.choice() == ModelChoice()
        assert versions.install(trained) == NEW
        versions.choose(ModelChoice().trying(NEW, 0.5))

        assert watching.choice().candidate == NEW

    def test_twice_is_a_conflict(self, versions: ModelVersions, trained: Path) -> None:
        versions.install(trained)
        with pytest.raises(Conflict):
            versions.install(trained)

    def test_that_is_no_model_is_refused(self, versions: ModelVersions, tmp_path: Path) -> None:
        (tmp_path / "empty").mkdir()
        with pytest.raises(InvalidInput):
            versions.install(tmp_path / "empty")

    def test_that_does_not_exist_cannot_be_chosen(self, versions: ModelVersions) -> None:
        with pytest.raises(NotFound):
            versions.choose(ModelChoice(active="2040.01-1"))

    def test_choice_that_broke_means_the_shipped_one(
        self, versions: ModelVersions, trained: Path, tmp_path: Path
    ) -> None:
        versions.install(trained)
        versions.choose(ModelChoice().trying(NEW, 1.0))
        (tmp_path / "models" / CHOICE).write_text("{")

        assert versions.choice() == ModelChoice()


class TestReadingSideBySide:
    async def test_gives_every_text_its_own_reading_in_order(self, versions: ModelVersions, trained: Path) -> None:
        versions.install(trained)
        choice = ModelChoice().trying(NEW, 0.5)
        versions.choose(choice)
        built: list[NamedReader] = []
        understanding, _ = split(versions, built)
        readings = await understanding.read(texts(40))

        assert [r.model_version for r in readings] == [choice.version_for(f"con_{n}") for n in range(40)]
        assert {r.model_version for r in readings} == {SHIPPED, NEW}

    async def test_takes_vectors_of_one_encoder_only(self, versions: ModelVersions, trained: Path) -> None:
        versions.install(trained)
        versions.choose(ModelChoice().trying(NEW, 0.5))
        understanding, _ = split(versions, [])
        readings = await understanding.read(texts(20))

        assert {len(r.embedding) for r in readings if r.model_version == NEW} == {384}

    async def test_follows_a_rollback_with_the_next_message(self, versions: ModelVersions, trained: Path) -> None:
        versions.install(trained)
        versions.choose(ModelChoice().trying(NEW, 1.0).promoted())
        built: list[NamedReader] = []
        understanding, _ = split(versions, built)
        versions.choose(versions.choice().rolled_back())
        (reading,) = await understanding.read(texts(1))

        assert reading.model_version == SHIPPED

    async def test_with_a_model_that_vanished_goes_on_with_the_first(
        self, versions: ModelVersions, trained: Path, tmp_path: Path
    ) -> None:
        versions.install(trained)
        versions.choose(ModelChoice().trying(NEW, 1.0))
        understanding, first = split(versions, [])
        versions.choice()
        shutil.rmtree(tmp_path / "models" / NEW)
        (reading,) = await understanding.read(texts(1))

        assert (reading.model_version, first.asked) == (SHIPPED, ["con_0"])

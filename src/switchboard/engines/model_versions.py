"""The models of this installation, each in a folder of its own, and the file that says which of them reads.

The file is looked at again when it changes, so a command in another terminal takes effect with the next message.
"""

from __future__ import annotations

import shutil
from dataclasses import asdict
from pathlib import Path

import orjson

from switchboard.domain.model_versions import SHIPPED, ModelChoice
from switchboard.engines.encoder_heads import load_heads
from switchboard.engines.model_files import encoder_fingerprint
from switchboard.errors import Conflict, InvalidInput, NotFound

CHOICE = "choice.json"


class ModelVersions:
    """``folder`` holds the installed versions and the choice; ``shipped`` is the folder of the model without a name here
    (None: the one in the package). Nothing is read before the first question."""

    def __init__(self, folder: Path, shipped: Path | None = None) -> None:
        self._folder, self._shipped = folder, shipped
        self._known: tuple[tuple[int, int] | None, ModelChoice] = (None, ModelChoice())

    def choice(self) -> ModelChoice:
        """As the file says now; a broken or missing one means the shipped model alone."""
        stamp = self._stamp()
        if stamp != self._known[0]:
            self._known = (stamp, self._read() if stamp is not None else ModelChoice())
        return self._known[1]

    def choose(self, choice: ModelChoice) -> None:
        """Raises ``NotFound`` for a version that is not installed."""
        for version in filter(None, (choice.active, choice.candidate)):
            self.folder_of(version)
        self._folder.mkdir(parents=True, exist_ok=True)
        fresh = self._folder / f"{CHOICE}.new"
        fresh.write_bytes(orjson.dumps(asdict(choice), option=orjson.OPT_INDENT_2))
        fresh.replace(self._folder / CHOICE)

    def folder_of(self, version: str) -> Path | None:
        """None: the model of the package. Raises ``NotFound``."""
        if version == SHIPPED:
            return self._shipped
        if version not in self.installed():
            raise NotFound(f"the model {version} is not installed", fix="switchboard models install FOLDER")
        return self._folder / version

    def installed(self) -> tuple[str, ...]:
        if not self._folder.is_dir():
            return ()
        return tuple(sorted(path.name for path in self._folder.iterdir() if (path / "encoder.onnx").is_file()))

    def install(self, source: Path) -> str:
        """Copies a trained model in, under the version it carries. Raises ``InvalidInput`` for a folder without a model
        that this program can use, ``Conflict`` when the version is there already."""
        try:
            version = load_heads(source).version
            encoder_fingerprint(source)
        except (OSError, ValueError, KeyError) as error:
            raise InvalidInput(
                f"this folder holds no usable model ({type(error).__name__})",
                field="folder",
                fix="train one with switchboard train",
            ) from None
        if not version or version == SHIPPED or Path(version).name != version:
            raise InvalidInput("the model's version cannot name a folder", field="version", fix="train it again")
        if version in self.installed():
            raise Conflict(f"the model {version} is installed already")
        target = self._folder / version
        shutil.copytree(source, target.with_name(f"{version}.new"), dirs_exist_ok=True)
        target.with_name(f"{version}.new").rename(target)
        return version

    def _stamp(self) -> tuple[int, int] | None:
        try:
            found = (self._folder / CHOICE).stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size

    def _read(self) -> ModelChoice:
        try:
            document = orjson.loads((self._folder / CHOICE).read_bytes())
            candidate = document["candidate"]
            choice = ModelChoice(
                active=str(document["active"]),
                candidate=None if candidate is None else str(candidate),
                share=float(document["share"]),
                earlier=tuple(map(str, document["earlier"])),
            )
            for version in filter(None, (choice.active, choice.candidate)):
                self.folder_of(version)
        except (OSError, ValueError, TypeError, KeyError, NotFound):
            return ModelChoice()
        return choice

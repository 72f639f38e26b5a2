"""Model versions: install one, let it read a share of the conversations, compare, take it or go back."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, Parameter
from rich.console import Console
from rich.table import Table

from switchboard.api.analytics import understanding_of
from switchboard.assembly.engines import model_versions
from switchboard.cli.shared import DataDir, opened, settings_for
from switchboard.domain.model_versions import SHIPPED, ModelChoice
from switchboard.engines.encoder_heads import load_heads
from switchboard.engines.model_versions import ModelVersions
from switchboard.engines.onnx_encoder import MODELS
from switchboard.errors import InvalidInput

models = App(name="models", help="Model versions: install, try on a share, compare, promote, roll back.")
console = Console()
Version = Annotated[str, Parameter(help="As `switchboard models list` shows it.")]


def _versions(data_dir: Path | None) -> ModelVersions:
    return model_versions(settings_for(data_dir))


@models.command(name="list")
def list_(*, data_dir: DataDir = None) -> None:
    """The shipped and the installed versions, and which of them read."""
    versions = _versions(data_dir)
    choice, table = versions.choice(), Table("version", "trained as", "reads")
    for version in (SHIPPED, *versions.installed()):
        trained = load_heads(versions.folder_of(version) or MODELS).version
        table.add_row(version, trained, _part(choice, version))
    console.print(table)


@models.command
def install(folder: Path, *, data_dir: DataDir = None) -> None:
    """Copy a model that `switchboard train` made into this installation. It does not read yet."""
    if not folder.is_dir():
        raise InvalidInput("this folder does not exist", field="folder")
    version = _versions(data_dir).install(folder)
    console.print(f"{version} is installed. Next: switchboard models try {version} --share 0.2")


@models.command(name="try")
def try_(
    version: Version,
    *,
    share: Annotated[float, Parameter(help="Part of the conversations that it reads, above 0 and at most 1.")] = 0.2,
    data_dir: DataDir = None,
) -> None:
    """Let a version read a share of the conversations beside the active one. A running server follows at once."""
    versions = _versions(data_dir)
    versions.folder_of(version)
    versions.choose(versions.choice().trying(version, share))
    console.print(f"{version} reads {share:.0%} of the conversations. Compare with: switchboard models compare")


@models.command
def promote(*, data_dir: DataDir = None) -> None:
    """The candidate becomes the active version. Search of the knowledge base follows at the next start."""
    versions = _versions(data_dir)
    choice = versions.choice().promoted()
    versions.choose(choice)
    console.print(f"{choice.active} reads everything. Back: switchboard models rollback")


@models.command
def rollback(*, data_dir: DataDir = None) -> None:
    """Stop the candidate; without one, go back to the version that was active before. A running server follows at once."""
    versions = _versions(data_dir)
    choice = versions.choice().rolled_back()
    versions.choose(choice)
    console.print(f"{choice.active} reads everything.")


@models.command
def compare(
    *, days: Annotated[int, Parameter(help="Messages of the last days.")] = 7, data_dir: DataDir = None
) -> None:
    """The versions' figures on live traffic, side by side."""
    if not 1 <= days <= 92:
        raise InvalidInput("the window is out of range", field="days", limit="1 to 92")

    async def act() -> None:
        async with opened(data_dir) as system:
            found = (await understanding_of(system.app, days))["models"]
        console.print(_compared(found) if found else "No message was read in this time.")

    asyncio.run(act())


def _compared(found: list[Mapping[str, Any]]) -> Table:
    table = Table("figure", *(str(each["model"]) for each in found))
    for name, of in FIGURES.items():
        table.add_row(name, *(_shown(_dig(each, of)) for each in found))
    return table


FIGURES = {
    "messages": "reading.messages",
    "mean confidence": "reading.confidence",
    "sure (0.85 or more)": "reading.sure_share",
    "to review (below 0.70)": "reading.review_share",
    "mean sentiment": "reading.sentiment",
    "checked by people": "corrections.checked",
    "intent right, of those": "corrections.right_share",
}


def _dig(document: Mapping[str, Any], path: str) -> object:
    value: Any = document
    for name in path.split("."):
        value = value[name]
    return value


def _shown(value: object) -> str:
    return "–" if value is None else f"{value:.3f}" if isinstance(value, float) else str(value)


def _part(choice: ModelChoice, version: str) -> str:
    if version == choice.candidate:
        return f"{choice.share:.0%} of the conversations"
    if version != choice.active:
        return ""
    return "everything" if choice.candidate is None else f"{1 - choice.share:.0%} of the conversations"

"""Write everything down: for a customer who asks what is known of them, or to take all of it elsewhere."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from rich.console import Console
from rich.progress import Progress

from switchboard.cli.shared import DataDir, opened
from switchboard.domain.ids import CustomerId
from switchboard.exporting.sinks import FolderSink
from switchboard.flows.export import export_all, export_customer

console = Console()
ACTOR = "command line"


def export(
    *,
    out: Annotated[Path, Parameter(help="Folder to make; it must not exist yet.")],
    customer: Annotated[str | None, Parameter(help="Only this customer (id). Default: everything.")] = None,
    data_dir: DataDir = None,
) -> None:
    """Write JSON lines, files and a manifest with counts and SHA-256 into a folder that appears when it is whole."""
    asyncio.run(_export(out, customer, data_dir))


async def _export(out: Path, customer: str | None, data_dir: Path | None) -> None:
    async with opened(data_dir) as system:
        app = system.app
        with FolderSink(out) as sink:
            if customer is not None:
                await export_customer(app, CustomerId(customer), sink, ACTOR)
            else:
                with Progress(console=console, transient=True) as bar:
                    task = bar.add_task("Customers", total=None)
                    count = await export_all(app, sink, ACTOR, lambda done: bar.update(task, completed=done))
                console.print(f"{count} customers.")
        console.print(f"Everything is in {out.name}; manifest.json says what and how much.")

"""All commands in one help."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from cyclopts import App
from pydantic import ValidationError
from rich.console import Console

from switchboard import __version__
from switchboard.cli import access, bring_in, data, look, up
from switchboard.errors import SwitchboardError

cli = App(name="switchboard", version=__version__, help="Every customer message, from every channel, answered.")
cli.command(up.up)
cli.command(up.worker)
cli.command(data.migrate)
cli.command(data.doctor)
cli.command(data.erase)
cli.command(data.rotate_keys, name="rotate-keys")
cli.command(data.retention)
cli.command(access.keys)
cli.command(access.users)
cli.command(bring_in.import_, name="import")
cli.command(bring_in.kb)
cli.command(look.analyze)
cli.command(look.evaluate)
cli.command(look.dlq)
cli.command(look.report)


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs a command. Our own errors are one plain sentence and exit code 1, never a traceback."""
    try:
        cli(arguments)
    except SwitchboardError as error:
        _explain(error.detail, error.field, error.limit, error.fix)
        sys.exit(1)
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        _explain(str(first["msg"]), "settings: " + ".".join(str(part) for part in first["loc"]), None, None)
        sys.exit(1)


def _explain(detail: str, field: str | None, limit: str | None, fix: str | None) -> None:
    told = [f"[bold red]{detail}[/]"]
    told += [f"{name}: {value}" for name, value in (("field", field), ("limit", limit), ("fix", fix)) if value]
    Console(stderr=True).print("\n  ".join(told))

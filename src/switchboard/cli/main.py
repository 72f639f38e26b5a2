"""All commands in one help."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from cyclopts import App
from pydantic import ValidationError
from rich.console import Console

from switchboard import __version__
from switchboard.cli.unknown_settings import explained
from switchboard.errors import SwitchboardError

cli = App(name="switchboard", version=__version__, help="Every customer message, from every channel, answered.")
COMMANDS = {
    "up": ("up:up", "Start Switchboard: API, workers, senders, timers and the desk in one process."),
    "worker": ("up:worker", "Only the workers, for a database that other processes serve."),
    "migrate": ("data:migrate", "Bring the database's tables up to date."),
    "doctor": ("data:doctor", "Check that everything is in place."),
    "erase": ("data:erase", "Erase a customer's personal data, at once and for good."),
    "rotate-keys": ("data:rotate_keys", "Make a new master key and wrap every data key with it anew."),
    "retention": ("data:retention", "What is kept for how long."),
    "keys": ("access:keys", "API keys for programs."),
    "channels": ("channels:channels", "Channel accounts: list, add, test, reconcile."),
    "users": ("access:users", "People who may sign in."),
    "import": ("bring_in:import_", "Import messages without sending anything."),
    "export": ("export:export", "Write everything down: all of one customer, or of all."),
    "kb": ("bring_in:kb", "The knowledge base."),
    "analyze": ("look:analyze", "What the machine understands of a text, as JSON."),
    "evaluate": ("measure:evaluate", "Measure the model on labelled messages; prints JSON."),
    "train": ("train:train", "Train the model again from the public sets and our own labels."),
    "models": ("models:models", "Model versions: install, try on a share, compare, promote, roll back."),
    "export-labels": ("look:export_labels", "Write corrected messages as labelled data, for evaluate and train."),
    "dlq": ("look:dlq", "Dead letters: work that gave up."),
    "report": ("look:report", "Reports."),
}
"""Each is imported when it is typed: a quick command need not load the whole program."""
for name, (place, what) in COMMANDS.items():
    cli.command(f"switchboard.cli.{place}", name=name, help=what)


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs a command. Our own errors are one plain sentence and exit code 1, never a traceback."""
    try:
        cli(arguments)
    except SwitchboardError as error:
        _explain(error.detail, error.field, error.limit, error.fix)
        sys.exit(1)
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        known = first["type"] != "extra_forbidden"
        said = str(first["msg"]) if known else explained(first["loc"], os.environ)
        _explain(said, "settings: " + ".".join(str(part) for part in first["loc"]), None, None)
        sys.exit(1)
    except OSError as error:
        _explain(f"{error.strerror or type(error).__name__}: {error.filename or 'the network'}", None, None, None)
        sys.exit(1)


def _explain(detail: str, field: str | None, limit: str | None, fix: str | None) -> None:
    told = [f"[bold red]{detail}[/]"]
    told += [f"{name}: {value}" for name, value in (("field", field), ("limit", limit), ("fix", fix)) if value]
    Console(stderr=True).print("\n  ".join(told))

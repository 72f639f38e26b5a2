"""``switchboard`` and ``python -m switchboard``."""

from __future__ import annotations

import os
from collections.abc import Sequence

from switchboard.engines.process_limits import limit_threads


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the command; number crunching libraries are told their share of the processor before they load."""
    limit_threads(os.environ)
    from switchboard.cli.main import main as run  # after the limits: it loads NumPy

    run(arguments)


if __name__ == "__main__":
    main()

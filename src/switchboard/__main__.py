"""``switchboard`` and ``python -m switchboard``."""

from __future__ import annotations

from switchboard.cli.main import main

if __name__ == "__main__":
    main()

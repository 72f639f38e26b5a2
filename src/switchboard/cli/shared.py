"""What the commands have in common: settings with the data directory given, and a system that is closed again."""

from __future__ import annotations

import asyncio
import os
import sys
import tomllib
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from pydantic_settings import SettingsError

from switchboard.assembly import System, assemble
from switchboard.errors import InvalidInput
from switchboard.settings import Settings

DataDir = Annotated[Path | None, Parameter(help="Where everything is kept. Default: switchboard-data, or the setting.")]


def settings_for(data_dir: Path | None) -> Settings:
    """The settings, with what was given on the command line on top. Raises ``InvalidInput`` for a file or variable that
    cannot be read at all; a wrong value raises the settings' own ``ValidationError``, which names it."""
    file = os.environ.get("SWITCHBOARD_CONFIG")
    if file and not Path(file).is_file():
        raise InvalidInput("the settings file does not exist", field="SWITCHBOARD_CONFIG", fix="correct the path")
    try:
        return Settings() if data_dir is None else Settings(data_dir=data_dir)
    except tomllib.TOMLDecodeError as error:
        raise InvalidInput(f"the settings file is not TOML: {error}", field="SWITCHBOARD_CONFIG") from None
    except SettingsError as error:
        raise InvalidInput(str(error), field="settings", fix="write SWITCHBOARD_SECTION__OPTION=value") from None


@asynccontextmanager
async def opened(data_dir: Path | None) -> AsyncIterator[System]:
    """The assembled system without its workers; closed at the end."""
    system = await assemble(settings_for(data_dir))
    try:
        yield system
    finally:
        await close(system)


def run_loop(main: Coroutine[None, None, None]) -> None:
    """Runs a serving process, on the faster event loop where there is one."""
    if sys.platform == "win32":
        asyncio.run(main)
    else:
        import uvloop

        uvloop.run(main)


async def close(system: System) -> None:
    await system.client.aclose()
    await system.app.store.close()
    for end in system.closers:
        await asyncio.to_thread(end)

"""The business's own settings, one document each."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Path
from pydantic import BaseModel

from switchboard.api.caller import Caller, needs
from switchboard.api.messages import TheApp
from switchboard.api.problems import RESPONSES
from switchboard.errors import InvalidInput, NotFound
from switchboard.flows.business import DOCUMENTS, defaults_of
from switchboard.flows.configure import configure
from switchboard.trust.roles import Permission

router = APIRouter(prefix="/v1/config", responses=RESPONSES, tags=["configuration"])
Name = Annotated[str, Path(description=f"One of: {', '.join(DOCUMENTS)}.", max_length=40)]


class ConfigShape(BaseModel):
    """``version`` 0: never set, the defaults hold."""

    name: str
    version: int
    value: dict[str, Any]


@router.get("")
async def names(app: TheApp, _: Annotated[Caller, Depends(needs(Permission.READ_CONFIG))]) -> list[str]:
    return sorted(DOCUMENTS)


@router.get("/{name}")
async def get_config(
    name: Name, app: TheApp, _: Annotated[Caller, Depends(needs(Permission.READ_CONFIG))]
) -> ConfigShape:
    if name not in DOCUMENTS:
        raise NotFound(f"there is no setting of this name; there are: {', '.join(DOCUMENTS)}")
    stored = await app.store.read(lambda work: work.config.get(name))
    value, version = stored if stored is not None else (defaults_of(name), 0)
    return ConfigShape(name=name, version=version, value=dict(value))


@router.put("/{name}")
async def put_config(
    name: Name,
    body: dict[str, Any],
    app: TheApp,
    caller: Annotated[Caller, Depends(needs(Permission.WRITE_CONFIG))],
    if_match: Annotated[str | None, Header(description="Version you changed; 409 if it is another now.")] = None,
) -> ConfigShape:
    """In force for the next message."""
    if name not in DOCUMENTS:
        raise NotFound(f"there is no setting of this name; there are: {', '.join(DOCUMENTS)}")
    if if_match is not None and not (if_match.isascii() and if_match.isdigit() and len(if_match) < 10):
        raise InvalidInput("the version is not a number", field="If-Match", fix="send the version that you read")
    expected = int(if_match) if if_match is not None else None
    value, version = await configure(app, name, body, caller.actor, expected_version=expected)
    return ConfigShape(name=name, version=version, value=dict(value))

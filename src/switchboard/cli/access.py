"""Keys for programs and accounts for people."""

from __future__ import annotations

import asyncio
import getpass
from datetime import timedelta
from typing import Annotated

from cyclopts import App, Parameter
from rich.console import Console

from switchboard.api.caller import new_key
from switchboard.cli.shared import DataDir, opened
from switchboard.domain.agent import Agent
from switchboard.domain.ids import AgentId, new_id
from switchboard.errors import InvalidInput
from switchboard.ports.records import AuditEntry, UserRecord
from switchboard.ports.store import Work
from switchboard.trust.roles import Role

keys = App(name="keys", help="API keys for programs.")
users = App(name="users", help="People who may sign in.")
console = Console()


@keys.command
def create(
    *,
    role: Annotated[Role, Parameter(help="What the key may do.")],
    name: str = "command line",
    scope: Annotated[tuple[str, ...], Parameter(help="Narrow it to these permissions.")] = (),
    valid_days: int | None = None,
    data_dir: DataDir = None,
) -> None:
    """Make a key; it is printed once."""
    print(asyncio.run(_create(role, name, frozenset(scope), valid_days, data_dir)))


async def _create(role: Role, name: str, scopes: frozenset[str], days: int | None, data_dir: DataDir) -> str:
    async with opened(data_dir) as system:
        now = system.app.clock.now()
        valid = timedelta(days=days) if days else None
        key, record = new_key(role.value, name, now, scopes=scopes, valid_for=valid)

        def story(work: Work) -> None:
            work.access.add_key(record)
            work.audit.append(AuditEntry(at=now, actor="command line", action="key_created", target=record.key_id))

        await system.app.store.write(story)
        return key


@users.command(name="create")
def create_user(
    *,
    email: str,
    name: str,
    role: Annotated[tuple[Role, ...], Parameter(help="May be given several times.")] = (Role.AGENT,),
    data_dir: DataDir = None,
) -> None:
    """Make an account; the password is asked for, never given on the command line."""
    password = getpass.getpass("Password (12 characters or more): ")
    asyncio.run(_create_user(email, name, frozenset(role), password, data_dir))
    console.print(f"{email} can sign in now.")


async def _create_user(email: str, name: str, roles: frozenset[Role], password: str, data_dir: DataDir) -> None:
    async with opened(data_dir) as system:
        hashed = await system.sign_in.hash_password(password)
        now = system.app.clock.now()
        agent_id = AgentId(new_id("agt")) if Role.AGENT in roles else None
        user = UserRecord(
            user_id=new_id("usr"),
            email=email,
            name=name,
            password_hash=hashed,
            roles=frozenset(role.value for role in roles),
            created_at=now,
            agent_id=agent_id,
        )

        def story(work: Work) -> None:
            if work.access.user_by_email(email) is not None:
                raise InvalidInput("somebody has this address already", field="email")
            if agent_id is not None:
                work.agents.save(Agent(agent_id=agent_id, name=name))
            work.access.save_user(user)
            work.audit.append(AuditEntry(at=now, actor="command line", action="user_created", target=user.user_id))

        await system.app.store.write(story)

"""What the desk needs from the outside, and the doors every page goes through."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace

from fastapi import Request

from switchboard.desk.actions import Actions, SignedIn
from switchboard.desk.render import Renderer
from switchboard.desk.sign_in import same_token
from switchboard.domain.ids import AgentId, ConversationId
from switchboard.domain.message import ChannelType
from switchboard.errors import Forbidden, SwitchboardError, Unauthenticated
from switchboard.flows import attention
from switchboard.flows.explain import Explained
from switchboard.ports.clock import Clock
from switchboard.ports.store import Store, Work
from switchboard.views.composer import Cause, Reach, Trouble

READERS = frozenset({"admin", "supervisor", "agent"})
"""Roles that may read what customers wrote and answer them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskDeps:
    """``authenticate`` is ``SignIn.current_user``. ``stream_url`` gives the live events (server-sent, resumable)."""

    store: Store
    clock: Clock
    renderer: Renderer
    authenticate: Callable[[Request], Awaitable[SignedIn | None]]
    actions: Actions
    stream_url: str = "/v1/events"
    advise: Callable[[ConversationId], Awaitable[object]] | None = None
    """Brings the recommendations of a conversation up to date before it is shown."""
    explain: Callable[[str], Awaitable[Explained]] | None = None
    """Reads a text and says why; without it there is no page for that."""
    reach: Callable[[Work], Reach] | None = None
    """What the channels carry and how they are doing; without it the composer knows of no limits."""
    telephones: Callable[[], frozenset[AgentId]] = frozenset
    """The agents who can take and place calls."""
    links: tuple[tuple[str, str, str], ...] = ()
    """More places for the sidebar: (address, name, icon)."""

    async def reader(self, request: Request) -> SignedIn:
        """Who may see conversations. Raises ``Unauthenticated`` or ``Forbidden``."""
        who = await self.authenticate(request)
        if who is None:
            raise Unauthenticated("Your session has ended. Sign in again; what you wrote is kept.")
        if not who.roles & READERS:
            raise Forbidden("Reading conversations needs the role agent, supervisor or admin. An admin can grant it.")
        return who

    def reach_now(self, work: Work) -> Reach:
        reach = self.reach(work) if self.reach is not None else Reach(now=self.clock.now())
        return replace(reach, telephones=self.telephones())

    def troubles(self, work: Work) -> dict[ChannelType, Trouble]:
        """The channels that cannot send at the moment, for the sidebar."""
        noted = {
            channel: Trouble(cause=Cause.ACCESS, detail=one.detail) for channel, one in attention.read(work).items()
        }
        return {**self.reach_now(work).troubles, **noted}

    async def freshen(self, conversation_id: ConversationId) -> None:
        """Recommendations are a help, never a reason not to show the conversation."""
        if self.advise is not None:
            with suppress(SwitchboardError):
                await self.advise(conversation_id)

    async def writer(self, request: Request) -> SignedIn:
        """Who may change something: a reader whose request carries this session's token in ``X-CSRF-Token``."""
        who = await self.reader(request)
        if not same_token(request.headers.get("x-csrf-token", ""), who.csrf):
            raise Forbidden("The request did not come from this page. Load the page again.")
        return who

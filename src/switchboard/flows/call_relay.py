"""A call over a socket: the same steps as by webhook, spoken as text; what a socket cannot do is handed back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from switchboard.domain.call import Call, CallAct, CallKey, CallStage, Spoken
from switchboard.domain.message import ChannelType, DeliveryState
from switchboard.flows.app import App
from switchboard.flows.call_words import spoken_text, waiting_words
from switchboard.flows.calls import Telephone
from switchboard.ports.channel import RawRequest
from switchboard.ports.store import Work

FIRST_STEP = 1000
"""Steps over the socket are counted apart from those by webhook."""

KEYS = frozenset(key.value for key in CallKey)
CHARACTERS_PER_S = 14.0
"""How fast a voice speaks: silence counts from when it has ended."""

PATIENCE_S = {CallStage.THINKING: 3.0, CallStage.WAITING: 10.0}
LISTENS_S = 12.0
KEYS_S = 2.0
"""After this pause the pressed keys are complete."""

Tell = Callable[[Spoken], Awaitable[None]]


class AsRequest(Protocol):
    """Puts a turn over the socket into the form of a webhook's."""

    def __call__(self, step: int, fields: Mapping[str, str], now: datetime) -> RawRequest: ...


@dataclass(slots=True, kw_only=True)
class RelayedCall:
    """One call on one socket. ``tell`` speaks; ``over`` once the call was handed back."""

    app: App
    phone: Telephone
    call_id: str
    as_request: AsRequest
    tell: Tell
    step: int = FIRST_STEP
    digits: str = ""
    speaks_s: float = 0.0
    over: bool = False

    async def begin(self) -> None:
        """Goes on where an earlier socket of this call stopped."""
        call = await self._call()
        if call is not None:
            self.step = max(FIRST_STEP, call.step)

    async def said(self, words: str) -> None:
        self.digits = ""
        if words.strip():
            await self._turn({"SpeechResult": words})

    async def pressed(self, digit: str) -> None:
        """Menu keys count at once, other digits when ``#`` or a pause ends them."""
        if digit in KEYS and not self.digits:
            await self._turn({"Digits": digit})
        elif digit == "#":
            await self._all_keys()
        else:
            self.digits = (self.digits + digit)[:40]

    async def heard_until(self, words: str) -> None:
        """The caller spoke into our words: the transcript keeps what they heard."""
        await self.app.store.write(lambda work: cut_short(work, self.call_id, words, self.app.clock.now()))
        self.speaks_s = 0.0

    async def nothing_came(self) -> None:
        """The patience is over: pressed keys are complete, the answer may be there, or nobody says anything."""
        if self.digits:
            await self._all_keys()
            return
        call = await self._call()
        waits = call is not None and call.stage in PATIENCE_S
        await self._turn({} if waits else {"SpeechResult": ""})

    async def something_happened(self) -> None:
        """A hint from our side: whatever waits to be said is said."""
        call = await self._call()
        if call is None or not await self.app.store.read(lambda work: waiting_words(work, call)):
            return
        await self._turn({} if call.stage in PATIENCE_S else {"SpeechResult": ""})

    async def patience(self) -> float:
        """Seconds until silence means something."""
        if self.digits:
            return KEYS_S
        call = await self._call()
        usual = PATIENCE_S.get(call.stage, LISTENS_S) if call is not None else LISTENS_S
        return usual + self.speaks_s

    async def _all_keys(self) -> None:
        digits, self.digits = self.digits, ""
        if digits:
            await self._turn({"Digits": digits})

    async def _turn(self, fields: Mapping[str, str]) -> None:
        request = self.as_request(self.step, fields, self.app.clock.now())
        parsed = self.app.channels[ChannelType.VOICE].parse(request)
        turn = self.phone.line.turn(request)
        answer = await self.phone.take_turn(self.app, turn, parsed, request, relayed=True)
        if answer.spoken is None:
            return
        self.step = answer.spoken.step
        self.speaks_s = sum(map(len, answer.spoken.words)) / CHARACTERS_PER_S
        self.over = answer.spoken.act not in (CallAct.LISTEN, CallAct.HOLD)
        await self.tell(answer.spoken)

    async def _call(self) -> Call | None:
        return await self.app.store.read(lambda work: work.calls.get(self.call_id))


def cut_short(work: Work, call_id: str, heard: str, now: datetime) -> None:
    """The newest spoken answer ends where the caller interrupted it; what was meant stays in its history."""
    call = work.calls.get(call_id)
    message = work.messages.get(call.spoken[-1]) if call is not None and call.spoken else None
    if call is None or message is None or message.delivery is not DeliveryState.SENT:
        return
    heard = heard.strip()
    if heard and len(heard) < len(spoken_text(message, call.language)):
        content = replace(message.content, text=f"{heard} … (interrupted)")
        work.messages.replace_content(message.message_id, content, now)

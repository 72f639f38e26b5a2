"""The other side of a call: a colleague's telephone, and the customer's in a call that a colleague placed.

Nobody writes to us there, so nothing becomes a message; what the call came to stands in the conversation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from switchboard.calls.numbers import callable_number
from switchboard.calls.phrases import phrase
from switchboard.calls.rules import Phrase
from switchboard.domain.call import (
    OVER,
    Call,
    CallAct,
    CallHeard,
    CallLeg,
    CallOutcome,
    CallStage,
    CallStatus,
    CallTurn,
    Spoken,
)
from switchboard.domain.conversation import Conversation
from switchboard.domain.event import EventType
from switchboard.domain.ids import AgentId
from switchboard.domain.message import ChannelType
from switchboard.flows.app import App
from switchboard.flows.business import Business
from switchboard.flows.call_end import end_call, note, note_connected, note_progress
from switchboard.flows.intake import Taken, receive_events
from switchboard.ports.channel import Parsed, RawRequest, RawResponse
from switchboard.ports.store import Work

if TYPE_CHECKING:
    from switchboard.flows.calls import Telephone

RINGS_S = 40
"""How long the customer's telephone rings."""

THINKS_S = 10
"""How long a colleague may look for a key."""

UNHEARD = (CallHeard.ENDED, CallHeard.NOTICE)
FURTHER = {CallStatus.RINGING: 0, CallStatus.IN_PROGRESS: 1}
"""Status notices overtake each other: a telephone that was taken does not ring again."""


def has_mailbox(address: str) -> bool:
    """Behind a number a mailbox may answer: a key proves that it is a person. ``client:`` and ``sip:`` are programs."""
    return ":" not in address


async def take_other_side(
    phone: Telephone, app: App, turn: CallTurn, parsed: Parsed, request: RawRequest
) -> RawResponse:
    """Makes the notice durable and answers it. Raises ``Unavailable`` when nothing can be stored now."""
    business = await app.business()
    documents: list[str] = []

    def go_on(work: Work, taken: Taken) -> None:
        side = OtherSide(work=work, phone=phone, business=business, turn=turn, now=app.clock.now())
        documents[:] = [side.answer(request)]

    kind = request.headers.get("content-type", "")
    await receive_events(app, ChannelType.VOICE, parsed, request.body, kind, then=go_on)
    return phone.line.again(documents[0])


def begin_placed_call(
    work: Work, conversation: Conversation, call_id: str, agent_id: AgentId, account: str, language: str, now: datetime
) -> Call:
    """Our call is known from now on, whether our request's answer or the provider's first notice came first."""
    known = work.calls.get(call_id)
    if known is not None:
        return known
    note(work, EventType.CALL_STARTED, conversation, now, {}, {"direction": "placed", "agent_id": agent_id})
    return work.calls.save(
        Call(
            call_id=call_id,
            account=account,
            started_at=now,
            updated_at=now,
            outbound=True,
            language=language,
            conversation_id=conversation.conversation_id,
            customer_id=conversation.customer_id,
            agent_id=agent_id,
        )
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherSide:
    """One notice about it inside its transaction."""

    work: Work
    phone: Telephone
    business: Business
    turn: CallTurn
    now: datetime

    def answer(self, request: RawRequest) -> str:
        match self.turn.leg:
            case CallLeg.AGENT:
                return self._colleague(request)
            case CallLeg.CUSTOMER:
                self._customer_rings()
                said = Spoken(act=CallAct.NOTHING)
            case CallLeg.WHISPER if not self.turn.confirmed and self.turn.heard not in UNHEARD:
                said = self._asks(Phrase.WHISPER, {"leg": CallLeg.WHISPER.value})
            case CallLeg.ANNOUNCE if self.turn.heard not in UNHEARD:
                said = self._says(CallAct.NOTHING, Phrase.ANNOUNCE)
            case _:
                said = Spoken(act=CallAct.NOTHING)
        return self._document(request, said)

    # ---- the customer's telephone

    def _customer_rings(self) -> None:
        call, status = self.work.calls.get(self.turn.about), self.turn.status
        if call is None or not call.on_the_line or status is None:
            return
        before = call.far_status
        if before is None or (before not in OVER and FURTHER.get(status, 2) > FURTHER.get(before, 2)):
            moved = replace(call, far_status=status, updated_at=self.now)
            self.work.calls.save(moved)
            note_progress(self.work, call, moved, self.now)

    # ---- the colleague's

    def _colleague(self, request: RawRequest) -> str:
        call = self._known()
        if call is None:
            return self._document(request, self._says(CallAct.HANG_UP, Phrase.NOT_REACHED))
        place = str(self.turn.step)
        if self.turn.heard in UNHEARD or call.status in OVER:
            self._noticed(call)
            return self._document(request, Spoken(act=CallAct.NOTHING))
        if place in call.replies:
            return call.replies[place]
        before = call
        call, said = self._next(call)
        note_progress(self.work, before, call, self.now)
        document = self._document(request, said)
        self.work.calls.save(replace(call, updated_at=self.now, step=said.step, replies={place: document}))
        return document

    def _known(self) -> Call | None:
        turn = self.turn
        known = self.work.calls.get(turn.call_id)
        if known is not None or turn.conversation_id is None or turn.agent_id is None:
            return known if known is not None and known.agent_id is not None else None
        conversation = self.work.conversations.get(turn.conversation_id)
        if conversation is None:
            return None
        language = self.phone.line.language(turn.account)
        return begin_placed_call(self.work, conversation, turn.call_id, turn.agent_id, turn.account, language, self.now)

    def _noticed(self, call: Call) -> None:
        status = self.turn.status
        if self.turn.heard is CallHeard.ENDED and status is not None and call.status not in OVER:
            end_call(self.work, call, self.business, self.now, status, self.turn.duration_s)

    def _next(self, call: Call) -> tuple[Call, Spoken]:
        """First the colleague proves to be there, then the customer is called, then the call is over."""
        call = replace(call, status=CallStatus.IN_PROGRESS)
        if self.turn.heard is CallHeard.DIALLED:
            return self._came_to(call)
        number = self._number(call)
        if number is None:
            return call, self._says(CallAct.HANG_UP, Phrase.NOT_REACHED)
        carries = {
            "leg": CallLeg.AGENT.value,
            "talk": call.conversation_id or "",
            "agent": call.agent_id or "",
            "of": call.call_id,
        }
        if not self.turn.confirmed and has_mailbox(self.phone.colleagues.get(call.agent_id or "", "")):
            return call, self._asks(Phrase.CALL_CUSTOMER, carries)
        called = replace(call, stage=CallStage.CONNECTED, outcome=CallOutcome.NOT_REACHED)
        return called, replace(
            self._says(CallAct.DIAL, Phrase.CALLING),
            step=self.turn.step + 1,
            dial=number,
            timeout_s=RINGS_S,
            called_hears=CallLeg.ANNOUNCE,
            called_tells=True,
            carries=carries,
        )

    def _came_to(self, call: Call) -> tuple[Call, Spoken]:
        conversation = self.work.conversations.get(call.conversation_id) if call.conversation_id else None
        if not self.turn.dial_answered or conversation is None:
            return replace(call, stage=CallStage.OVER), self._says(CallAct.HANG_UP, Phrase.NOT_REACHED)
        agent_id = call.agent_id or AgentId("")
        call = note_connected(self.work, call, conversation, self.now, agent_id, self.turn.duration_s)
        return replace(call, stage=CallStage.OVER), Spoken(act=CallAct.HANG_UP, step=self.turn.step + 1)

    def _number(self, call: Call) -> str | None:
        return callable_number(self.work.customers.get(call.customer_id)) if call.customer_id else None

    # ---- words

    def _asks(self, name: Phrase, carries: Mapping[str, str]) -> Spoken:
        said = self._says(CallAct.CONFIRM, name)
        return replace(said, step=self.turn.step + 1, timeout_s=THINKS_S, carries=carries)

    def _says(self, act: CallAct, name: Phrase) -> Spoken:
        language = self.phone.line.language(self.turn.account)
        words = phrase(name, language, business=self.business.brand.business_name, person=self._person(language))
        return Spoken(act=act, words=(words,), language=language, account=self.turn.account, step=self.turn.step + 1)

    def _person(self, language: str) -> str:
        talk = self.turn.conversation_id
        conversation = self.work.conversations.get(talk) if talk else None
        customer = self.work.customers.get(conversation.customer_id) if conversation else None
        return (customer.name if customer else None) or phrase(Phrase.THE_CUSTOMER, language)

    def _document(self, request: RawRequest, spoken: Spoken) -> str:
        return self.phone.line.document(request, spoken).body.decode()

"""Calls from the desk: an agent takes a caller who waits, or calls a customer back."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import datetime, timedelta

from switchboard.calls.numbers import callable_number
from switchboard.domain.call import Call, CallLeg, CallStage
from switchboard.domain.ids import AgentId, ConversationId
from switchboard.domain.message import ChannelType
from switchboard.errors import Conflict, SwitchboardError
from switchboard.flows.agent_actions import assign, conversation_named
from switchboard.flows.app import App
from switchboard.flows.call_legs import begin_placed_call
from switchboard.flows.calls import Telephone
from switchboard.ports.phone_line import PlacesCalls
from switchboard.ports.records import AuditEntry, StoredAnswer
from switchboard.ports.store import Work

log = logging.getLogger(__name__)

WAITS = (CallStage.QUEUED, CallStage.WAITING)
RINGING = timedelta(minutes=1)
"""Longer than the provider takes to say that it rings: until then a second click calls nobody."""


def telephones(app: App) -> frozenset[AgentId]:
    """The agents who can take and place calls; nobody where no telephone is set up for outgoing calls."""
    phone = app.talks.get(ChannelType.VOICE)
    if not isinstance(phone, Telephone) or not phone.places:
        return frozenset()
    return frozenset(AgentId(agent_id) for agent_id in phone.colleagues)


async def take_call(app: App, conversation_id: ConversationId, agent_id: AgentId, actor: str) -> None:
    """Rings the agent's telephone and connects the caller who waits. Raises ``Conflict`` when nobody waits any more, when
    the agent has no telephone or no free place."""
    _telephone_of(app, agent_id)
    await app.store.read(lambda work: _who_waits(work, conversation_id))
    await assign(app, conversation_id, agent_id, actor)

    def story(work: Work) -> Call:
        call = _who_waits(work, conversation_id)
        return work.calls.save(replace(call, dialled=tuple(one for one in call.dialled if one != agent_id)))

    call = await app.store.write(story)
    app.hub.publish("events")
    await _fetch(app, call)


async def place_call(app: App, conversation_id: ConversationId, agent_id: AgentId, actor: str) -> str:
    """Rings the agent first, then the customer; returns the call's id. Raises ``Conflict`` where that is not possible, and
    what ``Channel.send`` raises."""
    phone, address = _telephone_of(app, agent_id)
    account = await app.store.write(lambda work: _begin(work, conversation_id, app.clock.now()))
    query = {"leg": CallLeg.AGENT.value, "talk": conversation_id, "agent": agent_id}
    try:
        call_id = await _provider(app).ring(address, account, query)
    except BaseException:
        await app.store.write(lambda work: work.answers.drop(_mark(conversation_id)))
        raise
    now = app.clock.now()

    def story(work: Work) -> None:
        conversation = conversation_named(work, conversation_id)
        begin_placed_call(work, conversation, call_id, agent_id, account, phone.line.language(account), now)
        work.answers.drop(_mark(conversation_id))
        work.audit.append(
            AuditEntry(at=now, actor=actor, action="called", target=conversation_id, conversation_id=conversation_id,
                       details={"agent_id": agent_id})
        )  # fmt: skip

    await app.store.write(story)
    app.hub.publish("events")
    return call_id


def _begin(work: Work, conversation_id: ConversationId, now: datetime) -> str:
    """``_line_for``, and a mark that this customer is being called: whoever clicks meanwhile gets ``Conflict``."""
    account = _line_for(work, conversation_id)
    mark = StoredAnswer(
        key=_mark(conversation_id), fingerprint="", status=200, content_type="", body=b"", expires_at=now + RINGING
    )
    try:
        work.answers.put(mark)
    except Conflict:
        raise Conflict("this customer is being called already", fix="wait until the telephone rings") from None
    return account


def _mark(conversation_id: ConversationId) -> str:
    return f"placed call\n{conversation_id}"


def _line_for(work: Work, conversation_id: ConversationId) -> str:
    """Our number that the customer called last; empty: the usual one. Raises ``Conflict`` where a call cannot be placed."""
    conversation = conversation_named(work, conversation_id)
    calls = work.calls.of_conversation(conversation_id)
    if any(call.on_the_line for call in calls):
        raise Conflict("a call with this customer goes on", fix="wait until it has ended")
    if callable_number(work.customers.get(conversation.customer_id)) is None:
        raise Conflict("no telephone number of this customer is known", fix="ask for a number, or write")
    return calls[-1].account if calls else ""


def _telephone_of(app: App, agent_id: AgentId) -> tuple[Telephone, str]:
    phone = app.talks.get(ChannelType.VOICE)
    if not isinstance(phone, Telephone) or not phone.places:
        raise Conflict("no telephone is set up for outgoing calls", fix="set voice.account_sid and voice.number")
    if agent_id not in phone.colleagues:
        raise Conflict("no telephone is set up for you", field="voice.agents", fix="ask an admin to add your number")
    return phone, phone.colleagues[agent_id]


def _who_waits(work: Work, conversation_id: ConversationId) -> Call:
    conversation_named(work, conversation_id)
    call = work.calls.live_of(conversation_id)
    if call is None or call.stage not in WAITS:
        raise Conflict("nobody waits on the telephone here any more", fix="load the conversation again")
    return call


async def _fetch(app: App, call: Call) -> None:
    """At once where the provider can; otherwise at its next question, seconds later."""
    if call.stage is not CallStage.QUEUED or not call.queue_id:
        return
    try:
        await _provider(app).call_out_of_queue(call.call_id, call.queue_id, {"step": str(call.queue_step), "left": "1"})
    except SwitchboardError as error:
        log.warning("a waiting caller is connected at the next question of the provider: %s", error.detail)


def _provider(app: App) -> PlacesCalls:
    channel: object = app.channels.get(ChannelType.VOICE)
    if not isinstance(channel, PlacesCalls):
        raise Conflict("this telephone places no calls")
    return channel

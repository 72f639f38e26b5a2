"""A call is over: what was not said is called after the caller, and what nobody understood goes to a person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from switchboard.domain.call import Call, CallOutcome, CallStage, CallStatus
from switchboard.domain.conversation import Conversation, Handler
from switchboard.domain.event import Event, EventType
from switchboard.domain.ids import AgentId
from switchboard.domain.message import ChannelType, Direction
from switchboard.flows.app import App
from switchboard.flows.business import Business
from switchboard.flows.call_words import call_after
from switchboard.flows.handover import hand_over
from switchboard.ports.store import Work

SILENT_AFTER = {
    CallStage.CONNECTED: timedelta(hours=4),
    CallStage.RECORDING: timedelta(minutes=65),
}
USUALLY_SILENT_AFTER = timedelta(minutes=5)


def end_call(
    work: Work, call: Call, business: Business, now: datetime, status: CallStatus, duration_s: int | None
) -> None:
    """The line is down: what was not said is called after the caller, what was not understood goes to a person."""
    call = call_after(work, call, now)
    waited_s = _gave_up_after(call, now)
    outcome = CallOutcome.GAVE_UP if waited_s is not None else call.outcome or _outcome(call, status)
    work.calls.save(
        replace(
            call, status=status, stage=CallStage.OVER, ended_at=now, duration_s=duration_s, outcome=outcome,
            replies={}, waited_s=waited_s,
        )
    )  # fmt: skip
    conversation = work.conversations.get(call.conversation_id) if call.conversation_id else None
    if conversation is None:
        return
    metrics = {"duration_s": float(duration_s)} if duration_s is not None else {}
    metrics |= {"waited_s": waited_s} if waited_s is not None else {}
    codes = {"outcome": outcome.value, "status": status.value}
    note(work, EventType.CALL_ENDED, conversation, now, metrics, codes)
    if _nobody_understood(work, conversation):
        why = "what the caller said was hardly understood, and then the call was over"
        hand_over(work, conversation, business, now, rule="unclear_call", why=why, escalate=False, tell_customer=False)


def _gave_up_after(call: Call, now: datetime) -> float | None:
    """Seconds of waiting for a person that ended because the caller hung up."""
    if call.stage not in (CallStage.WAITING, CallStage.QUEUED) or call.waiting_since is None:
        return None
    return max(0.0, (now - call.waiting_since).total_seconds())


def note_progress(work: Work, before: Call, call: Call, now: datetime) -> None:
    """Whoever looks at the conversation sees the telephone ring, somebody wait, somebody talk."""
    conversation = work.conversations.get(call.conversation_id) if call.conversation_id else None
    if conversation is None or (before.stage, before.far_status) == (call.stage, call.far_status):
        return
    codes = {"stage": call.stage.value, "agent_id": call.agent_id or (call.dialled[-1] if call.dialled else "")}
    if call.far_status is not None:
        codes["customer_line"] = call.far_status.value
    note(work, EventType.CALL_PROGRESS, conversation, now, {}, codes)


def note_connected(
    work: Work, call: Call, conversation: Conversation, now: datetime, agent_id: AgentId, duration_s: int | None
) -> Call:
    """A colleague and the customer spoke: nothing is owed to somebody who just had a person on the line."""
    metrics = {"duration_s": float(duration_s or 0)}
    note(work, EventType.CALL_CONNECTED, conversation, now, metrics, {"agent_id": agent_id})
    work.conversations.save(replace(conversation, needs_reply_since=None))
    return replace(call, outcome=CallOutcome.CONNECTED)


def _nobody_understood(work: Work, conversation: Conversation) -> bool:
    if not conversation.is_open or conversation.needs_reply_since is None:
        return False
    theirs = [m for m in work.messages.newest(conversation.conversation_id, 9) if m.direction is Direction.INBOUND]
    return conversation.state.handler is Handler.NOBODY and bool(theirs) and "unclear" in theirs[-1].metadata


def note(
    work: Work,
    kind: EventType,
    conversation: Conversation,
    now: datetime,
    metrics: Mapping[str, float],
    codes: Mapping[str, str],
) -> None:
    work.events.append(
        Event(
            type=kind,
            at=now,
            conversation_id=conversation.conversation_id,
            customer_id=conversation.customer_id,
            metrics=metrics,
            dimensions={"channel": ChannelType.VOICE.value, **codes},
        )
    )


async def end_silent_calls(app: App) -> int:
    """Calls of which nothing was heard for longer than any step lasts are over, although nobody said so."""
    now, business = app.clock.now(), await app.business()

    def story(work: Work) -> int:
        ended = 0
        for call in work.calls.silent(now - USUALLY_SILENT_AFTER):
            if now - call.updated_at < SILENT_AFTER.get(call.stage, USUALLY_SILENT_AFTER):
                continue
            end_call(work, call, business, now, CallStatus.COMPLETED, None)
            ended += 1
        return ended

    ended = await app.store.write(story)
    if ended:
        app.hub.publish("outbox")
        app.hub.publish("events")
    return ended


def _outcome(call: Call, status: CallStatus) -> CallOutcome:
    if call.agent_id is not None:  # the customer was not called before the colleague had pressed a key
        return CallOutcome.COLLEAGUE_MISSED
    reached = status is CallStatus.COMPLETED or not call.outbound
    return CallOutcome.ABANDONED if reached else CallOutcome.NOT_REACHED

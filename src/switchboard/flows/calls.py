"""Somebody is on the telephone: each notice of the provider moves the call one step on, and the answer is what they hear.

Everything about a step is one transaction: what the caller said, where the call stands, what was spoken and the document
that says it. So a repeated request hears the same again, and a call goes on where it stood after a restart.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from switchboard.calls.phrases import choice
from switchboard.calls.rules import CallFacts, CallLimits, CallStep, Phrase, is_unclear, next_step
from switchboard.domain.agent import Agent
from switchboard.domain.call import (
    OVER,
    Call,
    CallAct,
    CallHeard,
    CallKey,
    CallLeg,
    CallOutcome,
    CallStage,
    CallStatus,
    CallTurn,
    Spoken,
)
from switchboard.domain.conversation import Conversation, Handler
from switchboard.domain.event import EventType
from switchboard.domain.ids import AgentId
from switchboard.domain.inbound import InboundEvent, InboundKind
from switchboard.domain.message import ChannelType, ConversationMessage
from switchboard.flows.app import App
from switchboard.flows.business import Business
from switchboard.flows.call_end import end_call, note, note_connected, note_progress
from switchboard.flows.call_legs import has_mailbox, take_other_side
from switchboard.flows.call_talk import Say, put_into_words, write_down
from switchboard.flows.call_words import mark_heard, mark_spoken, only_notices, waiting_words
from switchboard.flows.intake import Taken, receive_events
from switchboard.ports.channel import Parsed, RawRequest, RawResponse
from switchboard.ports.phone_line import PhoneLine
from switchboard.ports.store import Work

REPLIES = 3
"""Documents kept for repeated requests: a provider repeats only its newest one."""

HANDED = "handed"
"""The document for a call that comes back from our socket."""

HEARING = frozenset(CallHeard) - {CallHeard.ENDED, CallHeard.NOTICE}
"""What comes from somebody who listens for an answer."""

LISTENS_S = {CallStage.ANSWERED: 8, CallStage.CHOOSING: 8}
HOLDS_S = 2
WAITS_S = 10
NEVER_TOLD_S = 1e9
RINGS_S = 25
TOLD = frozenset({CallStage.WAITING, CallStage.QUEUED, CallStage.CONNECTED, CallStage.RECORDING})
"""Stages that the team follows; how automation's turns alternate is in the transcript."""

KEPT_KEYS = (CallKey.PERSON, CallKey.CALL_BACK)
"""Keys that ask for something; the others only move the call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Telephone:
    """Our telephone. ``colleagues``: who can be called, by agent id: a number, ``client:`` or ``sip:`` address.
    ``relays``: speech goes both ways over a socket of ours; ``places``: we can call people (Twilio's account is known)."""

    line: PhoneLine
    colleagues: Mapping[str, str] = field(default_factory=dict)
    limits: CallLimits = field(default_factory=CallLimits)
    relays: bool = False
    places: bool = False

    async def __call__(self, app: App, request: RawRequest, parsed: Parsed) -> RawResponse:
        """One notice of the provider: durable, and answered. Raises ``Unavailable`` when nothing can be stored now."""
        turn = self.line.turn(request)
        if turn.leg is not None:
            return await take_other_side(self, app, turn, parsed, request)
        answer = await self.take_turn(app, turn, parsed, request)
        return self.line.again(answer.document)

    async def take_turn(
        self, app: App, turn: CallTurn, parsed: Parsed, request: RawRequest, *, relayed: bool = False
    ) -> Answer:
        """Stores what came and returns what answers it. ``relayed``: it came over our socket."""
        turn = self._weighed(turn)
        events = tuple(self._as_said(event, turn) for event in parsed.events)
        business = await app.business()
        answers: list[Answer] = []

        def go_on(work: Work, taken: Taken) -> None:
            scene = Scene(work=work, phone=self, business=business, turn=turn, now=app.clock.now(), relayed=relayed)
            answers[:] = [scene.answer(taken, request)]

        kind = request.headers.get("content-type", "")
        await receive_events(app, ChannelType.VOICE, replace(parsed, events=events), request.body, kind, then=go_on)
        return answers[0]

    def _weighed(self, turn: CallTurn) -> CallTurn:
        unclear = turn.heard is CallHeard.WORDS and is_unclear(turn.confidence, self.limits)
        return replace(turn, heard=CallHeard.UNCLEAR) if unclear and turn.status not in OVER else turn

    def _as_said(self, event: InboundEvent, turn: CallTurn) -> InboundEvent:
        """What a key stands for is written down in words; hardly understood speech waits for clearer words."""
        if event.kind is InboundKind.MESSAGE and is_unclear(turn.confidence, self.limits) and event.content.text:
            return replace(event, metadata={**event.metadata, "unclear": "yes"})
        if event.kind is not InboundKind.POSTBACK or (turn.key is None and not turn.in_queue):
            return event
        if turn.key is None:
            return replace(event, kind=InboundKind.IGNORED, reason="a key that means nothing in the queue")
        if turn.key not in KEPT_KEYS or (turn.key is CallKey.CALL_BACK and turn.hidden):
            return replace(event, kind=InboundKind.IGNORED, reason=f"key {turn.key.value}: moves only the call")
        said = choice(turn.key.value, self.line.language(turn.account))
        content = replace(event.content, text=f"{turn.key.value}: {said}")
        return replace(event, content=content, metadata={**event.metadata, "asks_for": turn.key.name.lower()})


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What goes back: the document, and what it says unless it was given before."""

    document: str
    spoken: Spoken | None = None


@dataclass(slots=True, kw_only=True)
class Scene:
    """One step of one call inside its transaction."""

    work: Work
    phone: Telephone
    business: Business
    turn: CallTurn
    now: datetime
    relayed: bool = False

    def answer(self, taken: Taken, request: RawRequest) -> Answer:
        before = self.work.calls.get(self.turn.call_id)
        if before is not None and self.turn.heard in HEARING and self._place in before.replies:
            return Answer(document=before.replies[self._place])
        if self.turn.relay_over and before is not None and HANDED in before.replies:
            return Answer(document=before.replies[HANDED])
        call = self._linked(before or self._new_call(), taken)
        if self.turn.heard in (CallHeard.ENDED, CallHeard.NOTICE):
            self._noticed(call, known=before is not None)
            return Answer(document=self._document(request, Spoken(act=CallAct.NOTHING)))
        if call.status in OVER:  # a late repeat: what was said is kept, the call does not begin again
            if before is not None and before.conversation_id is None and call.conversation_id is not None:
                self.work.calls.save(call)
            return Answer(document=self._document(request, Spoken(act=CallAct.NOTHING)))
        return self._step(with_queue(call, self.turn), request)

    @property
    def _place(self) -> str:
        """Where in the call the provider asks; leaving the queue is asked for twice, and answered once."""
        return f"{self.turn.step}:left" if self.turn.left else str(self.turn.step)

    def _step(self, call: Call, request: RawRequest) -> Answer:
        before = call
        call, said = advance(self, call)
        if TOLD & {before.stage, call.stage}:
            note_progress(self.work, before, call, self.now)
        document = self._document(request, said)
        kept = dict(list(call.replies.items())[1 - REPLIES :]) | {self._place: document}
        if self.relayed and said.act not in (CallAct.LISTEN, CallAct.HOLD):
            kept[HANDED] = document
        self.work.calls.save(replace(call, replies=kept, step=said.step))
        return Answer(document=document, spoken=said)

    def _document(self, request: RawRequest, spoken: Spoken) -> str:
        return self.phone.line.document(request, spoken).body.decode()

    # ---- where the call stands

    def _new_call(self) -> Call:
        return Call(
            call_id=self.turn.call_id,
            account=self.turn.account,
            started_at=self.now,
            updated_at=self.now,
            outbound=self.turn.outbound,
            hidden=self.turn.hidden,
            language=self.phone.line.language(self.turn.account),
        )

    def _linked(self, call: Call, taken: Taken) -> Call:
        """The call belongs to the conversation of what was said in it, or of the message that it is about."""
        call = replace(call, updated_at=self.now)
        accepted = next((a for a in taken.accepted if a.conversation_id is not None and a.customer_id), None)
        about = self.work.messages.get(self.turn.message_id) if self.turn.message_id else None
        found = accepted.conversation_id if accepted else about.conversation_id if about else None
        if found is None or found == call.conversation_id:
            return call
        conversation = self.work.conversations.get(found)
        if conversation is None:
            return call
        if call.conversation_id is None:
            note(
                self.work,
                EventType.CALL_STARTED,
                conversation,
                self.now,
                {},
                {"direction": "out" if call.outbound else "in"},
            )
        return replace(call, conversation_id=found, customer_id=conversation.customer_id)

    def conversation(self, call: Call) -> Conversation | None:
        return self.work.conversations.get(call.conversation_id) if call.conversation_id else None

    # ---- the line tells how the call goes

    def _noticed(self, call: Call, *, known: bool) -> None:
        status = self.turn.status
        if self.turn.heard is CallHeard.ENDED and status is not None:
            if call.status not in OVER:
                end_call(self.work, call, self.business, self.now, status, self.turn.duration_s)
            elif call.duration_s is None and self.turn.duration_s is not None:
                self.work.calls.save(replace(call, duration_s=self.turn.duration_s))
        elif known or call.conversation_id is not None:
            self.work.calls.save(call)

    # ---- facts

    def facts(self, call: Call, waiting: tuple[ConversationMessage, ...]) -> CallFacts:
        conversation, turn = self.conversation(call), self.turn
        state = conversation.state if conversation else None
        return CallFacts(
            heard=turn.heard,
            stage=call.stage,
            key=turn.key,
            confidence=turn.confidence,
            words=bool(waiting) or self._reads_out(call) is not None,
            only_notice=only_notices(waiting),
            handler=state.handler if state else Handler.NOBODY,
            owed=conversation is None or (conversation.is_open and conversation.needs_reply_since is not None),
            line=self.colleague(call) is not None,
            hidden=call.hidden,
            outbound=call.outbound,
            dial_answered=turn.dial_answered,
            misses=call.misses,
            holds=call.holds,
            waited_s=_since(call.waiting_since, self.now),
            told_s=_since(call.told_wait_at, self.now) if call.told_wait_at or not turn.in_queue else NEVER_TOLD_S,
            queue=self._can_queue(call, state.handler if state else Handler.NOBODY),
            in_queue=turn.in_queue,
        )

    def _can_queue(self, call: Call, handler: Handler) -> bool:
        """Music and a place in the line make sense where somebody can take the call; whoever has it without a telephone
        writes, and the caller answers with words."""
        if call.queue_failed or not self.phone.colleagues:
            return False
        conversation = self.conversation(call)
        holder = conversation.state.assigned_agent_id if conversation else None
        return handler is Handler.QUEUE or (holder is not None and holder in self.phone.colleagues)

    def colleague(self, call: Call) -> Agent | None:
        """Who has the conversation, if they can be called and were not yet called for it."""
        conversation = self.conversation(call)
        agent_id = conversation.state.assigned_agent_id if conversation else None
        if agent_id is None or agent_id not in self.phone.colleagues or agent_id in call.dialled:
            return None
        return self.work.agents.get(agent_id)

    def _reads_out(self, call: Call) -> ConversationMessage | None:
        """The message that our own call is about, when the customer has just taken the call."""
        if self.turn.heard is not CallHeard.START or self.turn.message_id is None:
            return None
        return self.work.messages.get(self.turn.message_id)

    def to_say(self, call: Call) -> tuple[ConversationMessage, ...]:
        about = self._reads_out(call)
        return (*((about,) if about is not None else ()), *waiting_words(self.work, call))


def advance(scene: Scene, call: Call) -> tuple[Call, Spoken]:
    """The rules decide; their step becomes words, and the call stands where the step leads."""
    call = _with_dial_result(scene, mark_heard(scene.work, call, scene.now))
    waiting = waiting_words(scene.work, call)
    step = next_step(scene.facts(call, waiting), scene.phone.limits)
    say = put_into_words(scene, call, step)
    colleague = scene.colleague(call) if step.act is CallAct.DIAL else None
    relays = scene.phone.relays and scene.turn.heard is CallHeard.START and step.act is CallAct.LISTEN
    spoken = Spoken(
        act=CallAct.RELAY if relays else step.act,
        words=say.words,
        language=say.language,
        account=call.account,
        step=max(call.step, scene.turn.step) + 1,
        dial=scene.phone.colleagues[colleague.agent_id] if colleague is not None else "",
        called_hears=CallLeg.WHISPER if colleague and has_mailbox(scene.phone.colleagues[colleague.agent_id]) else None,
        timeout_s=_timeout(step),
        hears=step.stage is CallStage.WAITING,
    )
    write_down(scene, call, step, say, spoken.step)
    return _moved(scene, call, step, say, colleague, spoken.step, relays=relays), spoken


def _moved(
    scene: Scene, call: Call, step: CallStep, say: Say, colleague: Agent | None, number: int, *, relays: bool
) -> Call:
    if Phrase.WORDS in step.say:
        mark_spoken(scene.work, call, waiting_words(scene.work, call), scene.now)
        call = replace(call, to_say=(), spoken=tuple(m.message_id for m in say.messages))
    waits = step.stage in (CallStage.WAITING, CallStage.QUEUED)
    told = waits and bool(step.say) and step.act is not CallAct.ENQUEUE
    if step.act is CallAct.ENQUEUE:
        call = replace(call, queue_id="", queue_step=number, told_wait_at=None)
    return replace(
        call,
        status=CallStatus.IN_PROGRESS,
        stage=step.stage,
        misses=step.misses,
        holds=step.holds,
        last_words=say.worth_repeating or call.last_words,
        outcome=_so_far(step) or call.outcome,
        waiting_since=(call.waiting_since or scene.now) if waits else None,
        told_wait_at=scene.now if told else call.told_wait_at if waits else None,
        relayed=call.relayed or relays,
        dialled=(*call.dialled, colleague.agent_id) if colleague is not None else call.dialled,
    )


def _with_dial_result(scene: Scene, call: Call) -> Call:
    if scene.turn.heard is not CallHeard.DIALLED:
        return call
    conversation = scene.conversation(call)
    if conversation is None or not scene.turn.dial_answered:
        return call
    agent_id = call.dialled[-1] if call.dialled else AgentId("")
    return note_connected(scene.work, call, conversation, scene.now, agent_id, scene.turn.duration_s)


def with_queue(call: Call, turn: CallTurn) -> Call:
    """Where the provider holds the caller; once its queue failed, they wait with us on the line instead."""
    return replace(
        call, queue_id=turn.queue_id if turn.in_queue and turn.queue_id else call.queue_id,
        queue_failed=call.queue_failed or turn.queue_failed,
    )  # fmt: skip


def _so_far(step: CallStep) -> CallOutcome | None:
    if Phrase.WORDS in step.say and step.stage is CallStage.ANSWERED:
        return CallOutcome.ANSWERED
    if Phrase.CALL_BACK in step.say or Phrase.TAKES_LONGER in step.say:
        return CallOutcome.CALL_BACK
    return CallOutcome.VOICE_MESSAGE if Phrase.RECORDED in step.say else None


def _timeout(step: CallStep) -> int:
    if step.act is CallAct.DIAL:
        return RINGS_S
    if step.act is CallAct.KEEP:
        return WAITS_S
    if step.act is CallAct.HOLD:
        return WAITS_S if step.stage is CallStage.WAITING else HOLDS_S
    return LISTENS_S.get(step.stage, 5)


def _since(moment: datetime | None, now: datetime) -> float:
    return (now - moment).total_seconds() if moment is not None else 0.0

"""What a caller hears next: facts of the call in, one step with its reason out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from switchboard.domain.call import CallAct, CallHeard, CallKey, CallStage
from switchboard.domain.conversation import Handler


class Phrase(StrEnum):
    """The sentences of the telephone line; ``calls.phrases`` has their words. ``WORDS`` stands for what waits to be said."""

    WORDS = "words"
    GREETING = "greeting"
    GREETING_BACK = "greeting_back"
    MOMENT = "moment"
    STILL = "still"
    AGAIN = "again"
    UNCLEAR = "unclear"
    OFFER = "offer"
    OFFER_HIDDEN = "offer_hidden"
    ANYTHING_ELSE = "anything_else"
    PERSON = "person"
    WAIT = "wait"
    COLLEAGUE = "colleague"
    OPTIONS = "options"
    OPTIONS_HIDDEN = "options_hidden"
    CONNECT = "connect"
    NOBODY = "nobody"
    CALL_BACK = "call_back"
    NO_CALL_BACK = "no_call_back"
    TAKES_LONGER = "takes_longer"
    VOICE_MESSAGE = "voice_message"
    RECORDED = "recorded"
    PASSED_ON = "passed_on"
    GOODBYE = "goodbye"
    TROUBLE = "trouble"
    REPEAT = "repeat"
    PLACE = "place"
    WHISPER = "whisper"
    CALL_CUSTOMER = "call_customer"
    CALLING = "calling"
    ANNOUNCE = "announce"
    NOT_REACHED = "not_reached"
    THE_CUSTOMER = "the_customer"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallLimits:
    """``misses``: prompts without an answer before a person or a voice message is offered. ``holds``: rounds of a few
    seconds in which the answer must come. ``wait_s``: the longest wait for a person on the line. ``told_every_s``: how
    often the wait is announced. ``low_confidence``: below it speech counts as not understood."""

    misses: int = 2
    holds: int = 8
    wait_s: float = 600.0
    told_every_s: float = 60.0
    low_confidence: float = 0.4


@dataclass(frozen=True, slots=True, kw_only=True)
class CallFacts:
    """``words``: something waits to be said; ``only_notice``: and it is no answer (the wait was announced).

    ``handler``: who is meant to answer; ``owed``: the customer still waits for that. ``line``: the colleague who has the
    conversation can be called and was not yet.
    ``waited_s``: how long the caller has waited for a person; ``told_s``: since the wait was last announced.
    ``queue``: callers can wait in the provider's queue until a colleague takes the call; ``in_queue``: this one does now.
    """

    heard: CallHeard
    stage: CallStage = CallStage.LISTENING
    key: CallKey | None = None
    confidence: float | None = None
    words: bool = False
    only_notice: bool = False
    handler: Handler = Handler.NOBODY
    owed: bool = True
    line: bool = False
    hidden: bool = False
    outbound: bool = False
    dial_answered: bool = False
    misses: int = 0
    holds: int = 0
    waited_s: float = 0.0
    told_s: float = 0.0
    queue: bool = False
    in_queue: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CallStep:
    """``say`` in order; ``stage`` and ``misses`` as they will be. ``reason`` is for people and tests."""

    act: CallAct
    say: tuple[Phrase, ...]
    stage: CallStage
    reason: str
    misses: int = 0
    holds: int = 0


PERSONS = (Handler.QUEUE, Handler.AGENT)


def is_unclear(confidence: float | None, limits: CallLimits) -> bool:
    """Speech that was hardly understood. Keys and speech without a figure count as understood."""
    return confidence is not None and confidence < limits.low_confidence


def next_step(facts: CallFacts, limits: CallLimits | None = None) -> CallStep:
    """The one next step. Nobody is ever left in silence: each way ends in listening, waiting with an end, a person's
    telephone, a voice message or a farewell."""
    limits = limits or CallLimits()
    if facts.in_queue and facts.heard not in (CallHeard.ENDED, CallHeard.NOTICE):
        return _in_queue(facts, limits)
    match facts.heard:
        case CallHeard.ENDED | CallHeard.NOTICE:
            return CallStep(act=CallAct.NOTHING, say=(), stage=facts.stage, reason="nobody listens")
        case CallHeard.RECORDED:
            return _end(Phrase.RECORDED, "the voice message is taken")
        case CallHeard.DIALLED:
            return _after_dialling(facts)
        case CallHeard.LEFT if facts.stage is CallStage.RECORDING:
            return _record("the caller left the queue for a message")
        case CallHeard.KEY if facts.key is not None:
            return _key(facts)
        case CallHeard.START:
            return _begin(facts)
        case CallHeard.UNCLEAR:
            return _miss(facts, limits, Phrase.UNCLEAR, "the words were hardly understood")
        case CallHeard.WORDS | CallHeard.KEY:
            return _after_words(facts, limits)
        case CallHeard.SILENCE if facts.stage not in (CallStage.THINKING, CallStage.WAITING):
            return _silence(facts, limits)
        case _:
            return _waited(facts, limits)


def _begin(facts: CallFacts) -> CallStep:
    if facts.words:
        return _answer("we call about something")
    greeting = Phrase.GREETING_BACK if facts.outbound else Phrase.GREETING
    return CallStep(act=CallAct.LISTEN, say=(greeting,), stage=CallStage.LISTENING, reason="the call begins")


def _answer(reason: str) -> CallStep:
    return CallStep(act=CallAct.LISTEN, say=(Phrase.WORDS,), stage=CallStage.ANSWERED, reason=reason)


def _end(phrase: Phrase, reason: str) -> CallStep:
    return CallStep(act=CallAct.HANG_UP, say=(phrase,), stage=CallStage.OVER, reason=reason)


def _record(reason: str, *before: Phrase) -> CallStep:
    say = (*before, Phrase.VOICE_MESSAGE)
    return CallStep(act=CallAct.RECORD, say=say, stage=CallStage.RECORDING, reason=reason)


def _key(facts: CallFacts) -> CallStep:
    waiting = facts.stage is CallStage.WAITING
    match facts.key:
        case CallKey.MESSAGE:
            return _record("the caller chose to leave a message")
        case CallKey.CALL_BACK if facts.hidden:
            return _record("a hidden number cannot be called back", Phrase.NO_CALL_BACK)
        case CallKey.CALL_BACK:
            return _end(Phrase.CALL_BACK, "the caller wants to be called back")
        case CallKey.REPEAT if waiting or facts.stage is CallStage.THINKING:
            act = CallAct.HOLD
            return CallStep(act=act, say=(Phrase.REPEAT,), stage=facts.stage, reason="repeated", holds=facts.holds)
        case CallKey.REPEAT:
            return CallStep(act=CallAct.LISTEN, say=(Phrase.REPEAT,), stage=facts.stage, reason="repeated")
        case _ if waiting:
            return CallStep(act=CallAct.HOLD, say=(Phrase.PERSON,), stage=facts.stage, reason="waits for a person")
        case _:
            return CallStep(
                act=CallAct.HOLD, say=(Phrase.PERSON,), stage=CallStage.THINKING, reason="the caller wants a person"
            )


def _miss(facts: CallFacts, limits: CallLimits, phrase: Phrase, why: str) -> CallStep:
    """Asked again twice; then the caller chooses between a person and a voice message, and then comes the tone."""
    if facts.stage is CallStage.CHOOSING:
        return _record(f"{why}, also when a choice was offered")
    misses = facts.misses + 1
    if misses <= limits.misses:
        return CallStep(act=CallAct.LISTEN, say=(phrase,), stage=CallStage.LISTENING, reason=why, misses=misses)
    offer = Phrase.OFFER_HIDDEN if facts.hidden else Phrase.OFFER
    reason = f"{why} {misses} times"
    return CallStep(act=CallAct.LISTEN, say=(offer,), stage=CallStage.CHOOSING, reason=reason, misses=misses)


def _silence(facts: CallFacts, limits: CallLimits) -> CallStep:
    if facts.words and not facts.only_notice:
        return _answer("an answer came while the caller was silent")
    if _person_owes(facts) and facts.stage is CallStage.ANSWERED:
        return _waited(facts, limits)
    if facts.stage is CallStage.ANSWERED and facts.misses:
        return _end(Phrase.GOODBYE, "nothing to add")
    if facts.stage is CallStage.ANSWERED:
        say = (Phrase.ANYTHING_ELSE,)
        return CallStep(act=CallAct.LISTEN, say=say, stage=facts.stage, reason="silence after an answer", misses=1)
    return _miss(facts, limits, Phrase.AGAIN, "nothing was heard")


def _after_words(facts: CallFacts, limits: CallLimits) -> CallStep:
    """Words are safe; now somebody thinks. What was said to a person goes to that person."""
    if facts.stage in (CallStage.WAITING, CallStage.ANSWERED) and facts.handler in PERSONS:
        say = (Phrase.PASSED_ON,)
        return CallStep(act=CallAct.HOLD, say=say, stage=CallStage.WAITING, reason="said to whoever takes over")
    return CallStep(act=CallAct.HOLD, say=(Phrase.MOMENT,), stage=CallStage.THINKING, reason="an answer is sought")


def _waited(facts: CallFacts, limits: CallLimits) -> CallStep:
    """The caller has been waiting: an answer, a colleague's telephone, news about the wait, or an end of it."""
    if facts.words and not facts.only_notice:
        return _answer("the answer is there")
    if _person_owes(facts):
        return _waits_for_person(facts, limits)
    if facts.holds >= limits.holds:
        return _too_long(facts, "no answer in time") if facts.owed else _end(Phrase.GOODBYE, "the matter is settled")
    say = (Phrase.STILL,) if facts.holds % 4 == 3 else ()
    return CallStep(act=CallAct.HOLD, say=say, stage=CallStage.THINKING, reason="no answer yet", holds=facts.holds + 1)


def _person_owes(facts: CallFacts) -> bool:
    return facts.handler in PERSONS and facts.owed


def _waits_for_person(facts: CallFacts, limits: CallLimits) -> CallStep:
    notice = (Phrase.WORDS,) if facts.words else ()
    if facts.line:
        say = (*notice, Phrase.CONNECT)
        return CallStep(act=CallAct.DIAL, say=say, stage=CallStage.CONNECTED, reason="a colleague can be called")
    if facts.waited_s >= limits.wait_s:
        return _too_long(facts, "the longest wait on the line is over")
    if facts.queue:  # place and wait are told there at once
        reason = "waits until somebody takes the call"
        return CallStep(act=CallAct.ENQUEUE, say=notice, stage=CallStage.QUEUED, reason=reason)
    wait = Phrase.COLLEAGUE if facts.handler is Handler.AGENT else Phrase.WAIT
    options = Phrase.OPTIONS_HIDDEN if facts.hidden else Phrase.OPTIONS
    if facts.stage is not CallStage.WAITING:
        say = (*(notice or (wait,)), options)
    elif notice:
        say = notice
    else:
        say = (wait, options) if facts.told_s >= limits.told_every_s else ()
    return CallStep(act=CallAct.HOLD, say=say, stage=CallStage.WAITING, reason="waits for a person")


def _in_queue(facts: CallFacts, limits: CallLimits) -> CallStep:
    """The provider asks what the waiting caller hears. Only words, music and an end are possible here: for anything else
    they leave the queue, and we are asked again."""
    if facts.heard is CallHeard.KEY and facts.stage is CallStage.QUEUED:
        return _key_in_queue(facts)
    why = _reason_to_leave(facts)
    if why:
        return CallStep(act=CallAct.LEAVE, say=(), stage=facts.stage, reason=why)
    if facts.waited_s >= limits.wait_s:
        return (
            _leave_for_message("the longest wait is over")
            if facts.hidden
            else _too_long(facts, "the longest wait is over")
        )
    if facts.words:
        return _keep("news about the wait", Phrase.WORDS)
    return _keep("the wait is told", *_told(facts)) if facts.told_s >= limits.told_every_s else _keep("music")


def _reason_to_leave(facts: CallFacts) -> str:
    if facts.stage is not CallStage.QUEUED:
        return "nobody waits here any more"
    if facts.words and not facts.only_notice:
        return "the answer is there"
    if not _person_owes(facts):
        return "no person is needed any more"
    if facts.line:
        return "a colleague takes the call"
    return "" if facts.queue else "who has it now cannot be called"


def _key_in_queue(facts: CallFacts) -> CallStep:
    match facts.key:
        case CallKey.MESSAGE:
            return CallStep(act=CallAct.LEAVE, say=(), stage=CallStage.RECORDING, reason="the caller chose a message")
        case CallKey.CALL_BACK if facts.hidden:
            return _leave_for_message("a hidden number cannot be called back")
        case CallKey.CALL_BACK:
            return _end(Phrase.CALL_BACK, "the caller wants to be called back")
        case _:
            return _keep("told again", *_told(facts))


def _told(facts: CallFacts) -> tuple[Phrase, ...]:
    return (Phrase.PLACE, Phrase.WAIT, Phrase.OPTIONS_HIDDEN if facts.hidden else Phrase.OPTIONS)


def _keep(reason: str, *say: Phrase) -> CallStep:
    return CallStep(act=CallAct.KEEP, say=say, stage=CallStage.QUEUED, reason=reason)


def _leave_for_message(reason: str) -> CallStep:
    return CallStep(act=CallAct.LEAVE, say=(Phrase.NO_CALL_BACK,), stage=CallStage.RECORDING, reason=reason)


def _too_long(facts: CallFacts, reason: str) -> CallStep:
    if facts.hidden:
        return _record(f"{reason}, and a hidden number cannot be called back", Phrase.NO_CALL_BACK)
    return _end(Phrase.TAKES_LONGER, reason)


def _after_dialling(facts: CallFacts) -> CallStep:
    if facts.dial_answered:
        return _end(Phrase.GOODBYE, "a colleague spoke with the caller")
    if facts.words and not facts.only_notice:
        return _answer("nobody took the call, but an answer is there")
    offer = Phrase.OFFER_HIDDEN if facts.hidden else Phrase.OFFER
    say = (Phrase.NOBODY, offer)
    return CallStep(act=CallAct.LISTEN, say=say, stage=CallStage.CHOOSING, reason="no colleague took the call")

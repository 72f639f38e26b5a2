"""The words of one step of a call: phrases in the caller's language, the estimated wait, and our side of the transcript."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from switchboard.calls.phrases import language_of, phrase
from switchboard.calls.rules import CallStep, Phrase
from switchboard.domain.call import Call, CallAct
from switchboard.domain.ids import new_message_id
from switchboard.domain.message import (
    Author,
    ChannelType,
    ConversationMessage,
    DeliveryState,
    Direction,
    MessageContent,
    MessageKind,
)
from switchboard.domain.routing import AgentRequirements
from switchboard.flows.call_words import spoken_text
from switchboard.flows.handover import handling_times
from switchboard.ports.records import QueueEntry
from switchboard.routing.notices import PHRASES, time_words
from switchboard.routing.queue import estimate_wait, needs_of

if TYPE_CHECKING:
    from switchboard.flows.calls import Scene


@dataclass(frozen=True, slots=True, kw_only=True)
class Say:
    """``words`` in order; ``messages`` that were spoken with them; ``prompts`` are ours and no message yet."""

    words: tuple[str, ...]
    language: str
    messages: tuple[ConversationMessage, ...] = ()
    prompts: tuple[str, ...] = ()
    worth_repeating: str = ""


def put_into_words(scene: Scene, call: Call, step: CallStep) -> Say:
    messages = scene.to_say(call) if Phrase.WORDS in step.say else ()
    answers = tuple(spoken_text(message, call.language) for message in messages)
    words: list[str] = []
    prompts: list[str] = []
    for name in step.say:
        if name is Phrase.WORDS:
            words.extend(answers)
        elif name is Phrase.REPEAT:
            words.append(call.last_words or sentence(scene, call, Phrase.GREETING))
        elif name is not Phrase.PLACE or place_in_line(scene, call):
            prompts.append(sentence(scene, call, name))
            words.append(prompts[-1])
    repeat = " ".join(answers) if Phrase.WORDS in step.say else ""
    return Say(
        words=tuple(words), language=call.language, messages=messages, prompts=tuple(prompts), worth_repeating=repeat
    )


def sentence(scene: Scene, call: Call, name: Phrase) -> str:
    wait = wait_words(scene, call) if name in (Phrase.WAIT, Phrase.CALL_BACK) else None
    return phrase(
        name,
        call.language,
        business=scene.business.brand.business_name,
        wait=wait,
        greeting=scene.phone.line.greeting(call.account),
        place=place_in_line(scene, call) if name is Phrase.PLACE else 1,
    )


def place_in_line(scene: Scene, call: Call) -> int:
    """1 for whoever is next; 0 for somebody who already has a person of ours."""
    entry = scene.work.queue.get(call.conversation_id) if call.conversation_id else None
    return scene.work.queue.ahead_of(entry, scene.business.queue.s_per_point) + 1 if entry is not None else 0


def wait_words(scene: Scene, call: Call) -> str | None:
    """The honest estimate as words; None where nobody can tell."""
    entry = scene.work.queue.get(call.conversation_id) if call.conversation_id else None
    seconds = expected_wait(scene, entry)
    if seconds is None:
        return None
    return time_words(PHRASES[language_of(call.language)], max(60.0, seconds))


def expected_wait(scene: Scene, entry: QueueEntry | None) -> float | None:
    """Seconds until a person is free for this caller, or for the next one who joins the queue."""
    work, settings = scene.work, scene.business.queue
    ahead = work.queue.ahead_of(entry, settings.s_per_point) if entry is not None else work.queue.depth()
    needs = needs_of(entry) if entry is not None else AgentRequirements()
    return estimate_wait(ahead, needs, work.agents.all(), handling_times(work), scene.now, settings)


def write_down(scene: Scene, call: Call, step: CallStep, say: Say, number: int) -> None:
    """Our prompts are turns of the conversation too; what only fills a wait is not."""
    conversation = scene.conversation(call)
    written = step.act in (CallAct.LISTEN, CallAct.RECORD, CallAct.HANG_UP, CallAct.DIAL)
    if conversation is None or not written or not say.prompts:
        return
    message = ConversationMessage(
        message_id=new_message_id(),
        conversation_id=conversation.conversation_id,
        customer_id=conversation.customer_id,
        channel=ChannelType.VOICE,
        account=call.account,
        direction=Direction.OUTBOUND,
        author=Author.AUTOMATION,
        kind=MessageKind.TEXT,
        content=MessageContent(text=" ".join(say.prompts)),
        timestamp=max(scene.now, conversation.last_activity_at),
        sequence=conversation.last_sequence + 1,
        delivery=DeliveryState.SENT,
        external_id=f"{call.call_id}:prompt:{number}",
        automatic=True,
        metadata={"prompt": step.say[0].value, "session": call.call_id},
    )
    scene.work.messages.add(message)
    scene.work.conversations.save(
        replace(conversation, last_sequence=message.sequence, last_activity_at=message.timestamp)
    )

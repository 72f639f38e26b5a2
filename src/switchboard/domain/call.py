"""A telephone call: where it stands, what the caller does next and what they hear then."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from switchboard.domain.ids import AgentId, ConversationId, CustomerId, MessageId


class CallStatus(StrEnum):
    """How far the line itself came. The last five are final."""

    RINGING = "ringing"
    IN_PROGRESS = "in-progress"
    COMPLETED = "completed"
    BUSY = "busy"
    FAILED = "failed"
    NO_ANSWER = "no-answer"
    CANCELED = "canceled"


OVER = frozenset({CallStatus.COMPLETED, CallStatus.BUSY, CallStatus.FAILED, CallStatus.NO_ANSWER, CallStatus.CANCELED})


class CallStage(StrEnum):
    """What the call is waiting for."""

    LISTENING = "listening"  # the caller has the word
    ANSWERED = "answered"  # an answer was spoken; the caller may add something
    THINKING = "thinking"  # somebody, usually automation, works on an answer
    CHOOSING = "choosing"  # a person, a call-back or a voice message?
    WAITING = "waiting"  # for a person of ours
    QUEUED = "queued"  # for a person of ours, in the provider's queue with its music
    CONNECTED = "connected"  # a colleague's telephone rings, or they talk
    RECORDING = "recording"
    OVER = "over"


class CallHeard(StrEnum):
    """What came from the caller's end since we last spoke."""

    START = "start"
    WORDS = "words"
    UNCLEAR = "unclear"
    KEY = "key"
    SILENCE = "silence"
    WAITED = "waited"
    DIALLED = "dialled"
    LEFT = "left"  # the provider's queue
    RECORDED = "recorded"
    ENDED = "ended"
    NOTICE = "notice"


class CallKey(StrEnum):
    """The keys that mean something in every call."""

    PERSON = "0"
    REPEAT = "1"
    CALL_BACK = "2"
    MESSAGE = "3"


class CallAct(StrEnum):
    """What the telephone does next, after speaking."""

    LISTEN = "listen"
    HOLD = "hold"
    DIAL = "dial"
    ENQUEUE = "enqueue"
    KEEP = "keep"  # in the queue
    LEAVE = "leave"  # the queue; we are asked again at once
    CONFIRM = "confirm"  # any key takes the call
    RECORD = "record"
    HANG_UP = "hang_up"
    RELAY = "relay"
    NOTHING = "nothing"


class CallOutcome(StrEnum):
    """What a call came to."""

    ANSWERED = "answered"
    CONNECTED = "connected"
    CALL_BACK = "call_back"
    VOICE_MESSAGE = "voice_message"
    ABANDONED = "abandoned"
    NOT_REACHED = "not_reached"
    GAVE_UP = "gave_up"  # hung up while waiting for a person
    COLLEAGUE_MISSED = "colleague_missed"  # our own colleague did not pick up


class CallLeg(StrEnum):
    """The other side of a call: not the customer who speaks with automation."""

    AGENT = "agent"  # a colleague calls a customer and is rung first
    CUSTOMER = "customer"  # how the customer's telephone is doing in such a call
    ANNOUNCE = "announce"  # what that customer hears before they are connected
    WHISPER = "whisper"  # what a colleague hears before they take a waiting caller


@dataclass(frozen=True, slots=True, kw_only=True)
class CallTurn:
    """One notice of the provider about a call. ``step`` counts our own documents; ``outbound`` calls are ours.

    ``confidence`` of speech is 0 to 1, None where nothing is known. ``hidden``: the number is withheld. ``message_id``:
    the message that our own call is about. ``dial_answered``: whether a colleague took the call (``DIALLED``).
    ``relay_over``: the call comes back from our socket.

    ``in_queue``: the caller is in the provider's queue ``queue_id``; ``left``: they just left it, ``queue_failed`` because
    it could not hold them. ``leg``: not the caller's side; then ``about`` is the call, ``conversation_id`` and ``agent_id``
    whom it is for, and ``confirmed`` whether a key took it.
    """

    call_id: str
    heard: CallHeard
    account: str = ""
    step: int = 0
    key: CallKey | None = None
    confidence: float | None = None
    status: CallStatus | None = None
    outbound: bool = False
    hidden: bool = False
    dial_answered: bool = False
    duration_s: int | None = None
    message_id: MessageId | None = None
    recording_id: str | None = None
    relay_over: bool = False
    in_queue: bool = False
    left: bool = False
    queue_id: str = ""
    queue_failed: bool = False
    leg: CallLeg | None = None
    about: str = ""
    conversation_id: ConversationId | None = None
    agent_id: AgentId | None = None
    confirmed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call as it stands. ``replies`` are the newest documents by step, so that a repeated request hears the same.

    ``to_say``: messages that wait to be spoken; ``misses``: prompts in a row without an answer; ``holds``: how often the
    caller was asked to wait for this answer; ``version`` settles rival writers (0: not stored yet).

    ``queue_id``: the provider's queue that holds the caller, and ``queue_step`` the step at which they joined it;
    ``queue_failed``: it could not. ``agent_id``: who placed this call from the desk; ``far_status``: how far the customer's
    telephone came in it. ``waited_s``: how long somebody who gave up had waited.
    """

    call_id: str
    account: str
    started_at: datetime
    updated_at: datetime
    outbound: bool = False
    hidden: bool = False
    language: str = "en-US"
    status: CallStatus = CallStatus.RINGING
    stage: CallStage = CallStage.LISTENING
    outcome: CallOutcome | None = None
    conversation_id: ConversationId | None = None
    customer_id: CustomerId | None = None
    step: int = 0
    misses: int = 0
    holds: int = 0
    to_say: tuple[MessageId, ...] = ()
    spoken: tuple[MessageId, ...] = ()
    last_words: str = ""
    replies: Mapping[str, str] = field(default_factory=dict)
    waiting_since: datetime | None = None
    told_wait_at: datetime | None = None
    dialled: tuple[AgentId, ...] = ()
    ended_at: datetime | None = None
    duration_s: int | None = None
    relayed: bool = False
    queue_id: str = ""
    queue_step: int = 0
    queue_failed: bool = False
    agent_id: AgentId | None = None
    far_status: CallStatus | None = None
    waited_s: float | None = None
    version: int = 0

    @property
    def on_the_line(self) -> bool:
        """Nobody has told us yet that the line is down."""
        return self.status not in OVER

    @property
    def live(self) -> bool:
        """The caller can still hear and say something."""
        return self.on_the_line and self.stage is not CallStage.OVER


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """What the caller hears and what happens then, in the words of their language.

    ``step`` numbers the next request; ``account`` is our number. ``dial`` is a number, ``client:`` or ``sip:`` address of a
    colleague; ``timeout_s`` is how long we listen, ring or let them wait; ``hears``: speech counts while they wait, not
    only keys. ``called_hears``: whoever is dialled hears that first; ``called_tells``: their telephone's state is told to
    us. ``carries``: parameters of every next request.
    """

    act: CallAct
    words: tuple[str, ...] = ()
    language: str = "en-US"
    step: int = 1
    dial: str = ""
    timeout_s: int = 5
    hears: bool = True
    account: str = ""
    called_hears: CallLeg | None = None
    called_tells: bool = False
    carries: Mapping[str, str] = field(default_factory=dict)

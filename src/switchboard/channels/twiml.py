"""What callers hear: TwiML documents, built from elements so that they are always valid XML."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from xml.etree import ElementTree

from switchboard.channels.splitting import split_text
from switchboard.domain.call import CallAct, CallLeg, Spoken

_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

SAY_LIMIT = 3000
"""Characters that every voice can speak in one ``<Say>``."""

HINTS_LIMIT = 500
"""Phrases that help Twilio to understand; more are refused."""

QUEUE = "switchboard"
"""The name of Twilio's queue for those who wait; whose turn it is, we decide."""

Address = Callable[[Mapping[str, str]], str]
"""The webhook's address with these parameters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaker:
    """How one of our numbers speaks and listens. ``voice``: a name of Twilio's list, such as ``Polly.Vicki``; empty:
    Twilio's usual one for the language. ``hints``: names and products that callers say. ``partials``: Twilio tells what
    it hears while the caller still speaks."""

    language: str = "en-US"
    voice: str = ""
    greeting: str = ""
    hints: tuple[str, ...] = ()
    partials: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What a document is written with: the speaker, our address, the number that our calls show, what plays to those
    who wait."""

    speaker: Speaker
    address: Address
    number: str = ""
    message_s: int = 120
    transcribe: bool = True
    music: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Relay:
    """A ConversationRelay: ``url`` is our socket, ``greeting`` what the caller hears first."""

    url: str
    greeting: str
    action: str
    parameters: Mapping[str, str] = field(default_factory=dict)


def empty() -> bytes:
    """For notices to which nobody listens."""
    return _document(ElementTree.Element("Response"))


def write(spoken: Spoken, page: Page) -> bytes:
    """The document of one step."""
    response = ElementTree.Element("Response")
    _ACTS[spoken.act](response, spoken, page)
    return _document(response)


def relay(connected: Relay, page: Page) -> bytes:
    """Hands the call to our socket: Twilio listens and speaks, we exchange text."""
    response = ElementTree.Element("Response")
    connect = _element(response, "Connect", action=connected.action, method="POST")
    speaker = page.speaker
    attributes = {
        "url": connected.url,
        "welcomeGreeting": connected.greeting,
        "language": speaker.language,
        "interruptible": "speech",
        "dtmfDetection": "true",
        "reportInputDuringAgentSpeech": "none",
    }
    if speaker.voice:
        attributes["voice"] = speaker.voice
    if speaker.hints:
        attributes["hints"] = ",".join(speaker.hints[:HINTS_LIMIT])
    conversation = _element(connect, "ConversationRelay", **attributes)
    for name, value in connected.parameters.items():
        _element(conversation, "Parameter", name=name, value=value)
    return _document(response)


def say_and_hang_up(words: str, language: str) -> bytes:
    """When nothing else can be done."""
    spoken = Spoken(act=CallAct.HANG_UP, words=(words,), language=language)
    return write(spoken, Page(speaker=Speaker(language=language), address=lambda query: ""))


def _listen(parent: ElementTree.Element, spoken: Spoken, page: Page) -> None:
    """Speech or keys; callers may speak before we have ended. Silence calls the same address."""
    action = page.address({"step": str(spoken.step)})
    attributes = {
        "input": "speech dtmf",
        "action": action,
        "method": "POST",
        "timeout": str(spoken.timeout_s),
        "speechTimeout": "auto",
        "language": spoken.language,
        "actionOnEmptyResult": "true",
    }
    if page.speaker.hints:
        attributes["hints"] = ",".join(page.speaker.hints[:HINTS_LIMIT])
    if page.speaker.partials:
        attributes["partialResultCallback"] = action
    _say(_element(parent, "Gather", **attributes), spoken, page)


def _hold(parent: ElementTree.Element, spoken: Spoken, page: Page) -> None:
    """A few words, a pause in which keys count, and then Twilio asks us again. A longer wait hears speech too."""
    if spoken.hears:
        _listen(parent, spoken, page)
        return
    step = str(spoken.step)
    gather = _element(
        parent, "Gather", input="dtmf", numDigits="1", timeout="1", action=page.address({"step": step}), method="POST"
    )
    _say(gather, spoken, page)
    _element(gather, "Pause", length=str(spoken.timeout_s))
    redirect = _element(parent, "Redirect", method="POST")
    redirect.text = _legal(page.address({"step": step, "waited": "1"}))


def _dial(parent: ElementTree.Element, spoken: Spoken, page: Page) -> None:
    _say(parent, spoken, page)
    attributes = {
        "action": page.address({"step": str(spoken.step)}),
        "method": "POST",
        "timeout": str(spoken.timeout_s),
        "answerOnBridge": "true",
    }
    if page.number and ":" not in spoken.dial:
        attributes["callerId"] = page.number
    dial = _element(parent, "Dial", **attributes)
    called: dict[str, str] = {}
    if spoken.called_hears is not None:
        called |= {"url": page.address({"leg": spoken.called_hears.value}), "method": "POST"}
    if spoken.called_tells:
        called |= {
            "statusCallback": page.address({"leg": CallLeg.CUSTOMER.value}),
            "statusCallbackMethod": "POST",
            "statusCallbackEvent": "ringing answered completed",
        }
    kind, colon, rest = spoken.dial.partition(":")
    known = {"client": ("Client", rest), "sip": ("Sip", spoken.dial)}
    name, target = known.get(kind.lower(), ("Number", spoken.dial)) if colon else ("Number", spoken.dial)
    _element(dial, name, **called).text = _legal(target)


def _enqueue(parent: ElementTree.Element, spoken: Spoken, page: Page) -> None:
    """Into Twilio's queue. Whoever leaves it comes to the same address, whether Twilio asks the action or goes on."""
    _say(parent, spoken, page)
    step = str(spoken.step)
    after, wait = page.address({"step": step, "left": "1"}), page.address({"step": step, "wait": "1"})
    queue = _element(parent, "Enqueue", action=after, method="POST", waitUrl=wait, waitUrlMethod="POST")
    queue.text = QUEUE
    _element(parent, "Redirect", method="POST").text = _legal(after)


def _keep(parent: ElementTree.Element, spoken: Spoken, page: Page) -> None:
    """What somebody in the queue hears: words, then music or silence, in which one key counts."""
    again = page.address({"step": str(spoken.step), "wait": "1"})
    gather = _element(parent, "Gather", input="dtmf", numDigits="1", timeout="1", action=again, method="POST")
    _say(gather, spoken, page)
    if page.music:
        _element(gather, "Play").text = _legal(page.music)
    else:
        _element(gather, "Pause", length=str(spoken.timeout_s))
    _element(parent, "Redirect", method="POST").text = _legal(again)


def _leave(parent: ElementTree.Element, spoken: Spoken, page: Page) -> None:
    _say(parent, spoken, page)
    _element(parent, "Leave")


def _confirm(parent: ElementTree.Element, spoken: Spoken, page: Page) -> None:
    """Only a person presses a key: a mailbox that answers never gets the call."""
    address = page.address({"step": str(spoken.step), "confirmed": "1"})
    timeout = str(spoken.timeout_s)
    gather = _element(parent, "Gather", input="dtmf", numDigits="1", timeout=timeout, action=address, method="POST")
    _say(gather, spoken, page)
    _element(parent, "Hangup")


def _record(parent: ElementTree.Element, spoken: Spoken, page: Page) -> None:
    """Announce and record; the file and its words follow to the webhook."""
    _say(parent, spoken, page)
    callback = page.address({})
    attributes = {
        "action": page.address({"step": str(spoken.step)}),
        "method": "POST",
        "maxLength": str(page.message_s),
        "playBeep": "true",
        "finishOnKey": "#",
        "recordingStatusCallback": callback,
        "recordingStatusCallbackEvent": "completed absent",
    }
    if page.transcribe:
        attributes |= {"transcribe": "true", "transcribeCallback": callback}
    _element(parent, "Record", **attributes)
    _element(parent, "Hangup")


def _hang_up(parent: ElementTree.Element, spoken: Spoken, page: Page) -> None:
    _say(parent, spoken, page)
    _element(parent, "Hangup")


def _nothing(parent: ElementTree.Element, spoken: Spoken, page: Page) -> None:
    """Nothing more from us: nobody listens, or somebody is connected next."""
    _say(parent, spoken, page)


_ACTS: Mapping[CallAct, Callable[[ElementTree.Element, Spoken, Page], None]] = {
    CallAct.LISTEN: _listen,
    CallAct.HOLD: _hold,
    CallAct.DIAL: _dial,
    CallAct.RECORD: _record,
    CallAct.HANG_UP: _hang_up,
    CallAct.NOTHING: _nothing,
    CallAct.ENQUEUE: _enqueue,
    CallAct.KEEP: _keep,
    CallAct.LEAVE: _leave,
    CallAct.CONFIRM: _confirm,
}


def _say(parent: ElementTree.Element, spoken: Spoken, page: Page) -> None:
    for words in spoken.words:
        for part in split_text(words, SAY_LIMIT):
            voice = {"voice": page.speaker.voice} if page.speaker.voice else {}
            _element(parent, "Say", language=spoken.language, **voice).text = _legal(part)


def _element(parent: ElementTree.Element, tag: str, /, **attributes: str) -> ElementTree.Element:
    return ElementTree.SubElement(parent, tag, {key: _legal(value) for key, value in attributes.items()})


def _legal(words: str) -> str:
    """Without the control characters that XML cannot hold."""
    return _NOT_IN_XML.sub(" ", words)


def _document(response: ElementTree.Element) -> bytes:
    written: bytes = ElementTree.tostring(response, encoding="utf-8", xml_declaration=True)
    return written

"""What callers hear: TwiML documents, built from elements so that they are always valid XML."""

from __future__ import annotations

import re
from dataclasses import dataclass
from xml.etree import ElementTree

from switchboard.channels.splitting import split_text

_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

SAY_LIMIT = 3000
"""Characters that every voice can speak in one ``<Say>``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompts:
    """The sentences of the telephone line and their language (BCP 47)."""

    language: str = "en-US"
    greeting: str = (
        "Hello, and thank you for calling. You are speaking with an automated assistant, "
        "and what you say is written down. How can we help you?"
    )
    thanks: str = "Thank you, we are looking into it. Please stay on the line, or tell us more."
    again: str = "Sorry, we did not hear or understand that. Please say it again."
    voicemail: str = "Please leave us a message after the tone. It will be recorded. We will call you back."
    goodbye: str = "Thank you. We will get back to you. Goodbye."


def empty() -> bytes:
    """For notices to which nobody listens."""
    return _document(ElementTree.Element("Response"))


def ask(prompts: Prompts, words: str, *, action: str, timeout: int = 5) -> bytes:
    """Say ``words`` and listen to speech or keys; after ``timeout`` seconds of silence ``action`` is called as well."""
    response = ElementTree.Element("Response")
    gather = _gather(response, prompts, action=action, timeout=timeout)
    _say(gather, prompts, words)
    return _document(response)


def take_voicemail(prompts: Prompts, *, action: str, callback: str) -> bytes:
    """Announce and record a message of at most two minutes; the text of it follows to ``callback``."""
    response = ElementTree.Element("Response")
    _say(response, prompts, prompts.voicemail)
    attributes = {
        "action": action,
        "maxLength": "120",
        "playBeep": "true",
        "recordingStatusCallback": callback,
        "transcribe": "true",
        "transcribeCallback": callback,
    }
    ElementTree.SubElement(response, "Record", {name: _legal(value) for name, value in attributes.items()})
    _say(response, prompts, prompts.goodbye)
    ElementTree.SubElement(response, "Hangup")
    return _document(response)


def hang_up(prompts: Prompts) -> bytes:
    response = ElementTree.Element("Response")
    _say(response, prompts, prompts.goodbye)
    ElementTree.SubElement(response, "Hangup")
    return _document(response)


def speak(prompts: Prompts, words: str, *, action: str | None = None) -> bytes:
    """Speak an answer; with an ``action`` the caller can reply."""
    response = ElementTree.Element("Response")
    for part in split_text(words, SAY_LIMIT):
        _say(response, prompts, part)
    if action is not None:
        _gather(response, prompts, action=action, timeout=8)
    return _document(response)


def _gather(parent: ElementTree.Element, prompts: Prompts, *, action: str, timeout: int) -> ElementTree.Element:
    attributes = {
        "input": "speech dtmf",
        "action": _legal(action),
        "method": "POST",
        "timeout": str(timeout),
        "speechTimeout": "auto",
        "language": _legal(prompts.language),
        "actionOnEmptyResult": "true",
    }
    return ElementTree.SubElement(parent, "Gather", attributes)


def _say(parent: ElementTree.Element, prompts: Prompts, words: str) -> None:
    element = ElementTree.SubElement(parent, "Say", {"language": _legal(prompts.language)})
    element.text = _legal(words)


def _legal(words: str) -> str:
    """Without the control characters that XML cannot hold."""
    return _NOT_IN_XML.sub(" ", words)


def _document(response: ElementTree.Element) -> bytes:
    written: bytes = ElementTree.tostring(response, encoding="utf-8", xml_declaration=True)
    return written

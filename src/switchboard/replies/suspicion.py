"""Notice text that talks to the machine instead of to people: hidden words and planted instructions."""

from __future__ import annotations

import re

from switchboard.replies.plain import folded, hidden_characters

_MOST_READ = 200_000
_MODEL = r"as an ai|language model|ai (?:assistant|agent|model)s?|chatbot|llm"
_DUTY = r"must|should|shall|always|reply|respond|answer|ignore|output"
_SECRETS = r"other customers?|all customers?|every customer|your (?:instructions|prompt|rules)|text above|words above|api keys?"
_SPOKEN = r"\b(?:always|must|only) (?:reply|respond|answer|say|tell (?:the )?(?:customer|user)s?)\b"
_SIGNS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        (
            "tells the model to forget its instructions",
            r"\b(?:ignore|disregard|forget|override|bypass)\b.{0,40}\b(?:instructions?|prompts?|rules|guidelines)\b",
        ),
        (
            "speaks about the model's instructions",
            r"\b(?:system prompt|developer (?:message|mode)|jailbreak|prompt injection|hidden instructions?)\b",
        ),
        (
            "gives the model another role",
            r"\byou are (?:now|no longer) (?:an?|the|in|bound)\b|\bpretend (?:to be|you are)\b|\bact as (?:an?|the) ",
        ),
        ("addresses the model", rf"\b(?:{_MODEL})\b.{{0,40}}\b(?:{_DUTY})\b"),
        (
            "marks sections as a prompt does",
            r"<\|?(?:im_start|im_end|system|assistant|endoftext)\|?>|\[/?inst\]|###\s?(?:system|instruction)|"
            r"</?(?:section|system|data)\b",
        ),
        (
            "asks for the data of others",
            rf"\b(?:list|show|reveal|repeat|print|output|send|give)\b.{{0,40}}\b(?:{_SECRETS})\b",
        ),
        ("dictates the reply", rf"{_SPOKEN}.{{0,60}}\b(?:exactly|with|that)\b"),
    )
)


def suspicions(text: str) -> tuple[str, ...]:
    """What is suspicious about a text, in words for people; empty when nothing is. Reads the first 200,000 characters."""
    read = text[:_MOST_READ]
    hidden = hidden_characters(read)
    plain = folded(read)
    found = [name for name, pattern in _SIGNS if pattern.search(plain)]
    return tuple([f"holds {hidden} invisible characters"] if hidden > 2 else []) + tuple(found)

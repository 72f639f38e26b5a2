"""Notice text that talks to the machine instead of to people: hidden words and planted instructions."""

from __future__ import annotations

import re

from switchboard.replies.plain import folded, hidden_characters

_MOST_READ = 200_000
_SIGNS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        (
            "tells the model to forget its instructions",
            r"\b(?:ignore|disregard|forget|override|bypass)\b.{0,40}\b(?:instructions?|prompts?|rules|guidelines|directions)\b",
        ),
        (
            "speaks about the model's instructions",
            r"\b(?:system prompt|developer (?:message|mode)|jailbreak|prompt injection|hidden instructions?)\b",
        ),
        (
            "gives the model another role",
            r"\byou are (?:now|no longer)\b.{0,60}|\bpretend (?:to be|you are)\b|\bact as (?:an?|the) \b",
        ),
        (
            "addresses the model",
            r"\b(?:as an ai|language model|ai (?:assistant|agent|model)s?|chatbot|llm)\b.{0,40}\b(?:must|should|shall|always|reply|respond|answer|ignore|output)\b",
        ),
        (
            "marks sections as a prompt does",
            r"<\|?(?:im_start|im_end|system|assistant|endoftext)\|?>|\[/?inst\]|###\s?(?:system|instruction)|</?(?:section|system|data)\b",
        ),
        (
            "asks for the data of others",
            r"\b(?:list|show|reveal|repeat|print|output|send)\b.{0,40}\b(?:other customers?|all customers?|every customer|your (?:instructions|prompt|rules)|text above|words above|api keys?)\b",
        ),
        (
            "dictates the reply",
            r"\b(?:always|must|only) (?:reply|respond|answer|say|tell (?:the )?(?:customer|user)s?)\b.{0,60}\b(?:exactly|with|that)\b",
        ),
    )
)


def suspicions(text: str) -> tuple[str, ...]:
    """What is suspicious about a text, in words for people; empty when nothing is. Reads the first 200,000 characters."""
    read = text[:_MOST_READ]
    hidden = hidden_characters(read)
    plain = folded(read)
    found = [name for name, pattern in _SIGNS if pattern.search(plain)]
    return tuple([f"holds {hidden} invisible characters"] if hidden > 2 else []) + tuple(found)

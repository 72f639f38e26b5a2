"""Captured mails with their right reading, and what differs from it in ours."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from switchboard.channels.email.html_text import to_text
from switchboard.channels.email.message import ParsedMail, parse_mail
from switchboard.channels.email.reply_trimmer import newly_written
from tests.shared import FIXTURES

MAILS = FIXTURES / "channels" / "email"
Expect = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class MailCase:
    name: str
    path: Path
    expect: Expect


def zammad_cases() -> list[MailCase]:
    return [
        MailCase(path.stem, path, json.loads(path.with_suffix(".expected.json").read_text("utf-8"))["expect"])
        for path in sorted((MAILS / "zammad").glob("*.box"))
    ]


def folder_cases(folder: str) -> list[MailCase]:
    cases = json.loads((MAILS / folder / "expected.json").read_text("utf-8"))["cases"]
    return [MailCase(name, MAILS / folder / name, case["expect"]) for name, case in cases.items()]


def alnum(text: object) -> str:
    return "".join(char for char in str(text) if char.isalnum())


def differences(mail: ParsedMail, expect: Expect, *, exact_text: bool) -> list[str]:
    found = [*_people(mail, expect), *_text(mail, expect, exact=exact_text), *_files(mail, expect), *_ids(mail, expect)]
    for key, got in (("bounce", mail.event.bounce), ("complaint", mail.complaint)):
        if key in expect and bool(expect[key]) != got:
            found.append(f"{key}: {got}")
    if expect.get("automatic") is True or expect.get("auto_response"):
        found += [] if mail.event.automatic else ["automatic: not noticed"]
    if (expect.get("automatic") is False or ("auto_response" in expect and not expect["auto_response"])) and (
        mail.event.automatic and not expect.get("bounce")
    ):
        found.append(f"automatic: {mail.automatic_reason}")
    return found


def _people(mail: ParsedMail, expect: Expect) -> list[str]:
    found = []
    wanted = expect.get("from_email_any_of") or [expect.get("from_email")]
    if "from_email" in expect and mail.from_address not in wanted:  # type: ignore[operator]  # a list, by the fixtures' README
        found.append(f"from_email: {mail.from_address}")
    if expect.get("from_name") and expect["from_name"] != mail.from_name:
        found.append(f"from_name: {mail.from_name}")
    subjects = expect.get("subject_any_of") or [expect.get("subject")]
    if "subject" in expect and alnum(mail.event.content.subject) not in [alnum(s or "") for s in subjects]:  # type: ignore[attr-defined]  # a list
        found.append(f"subject: {mail.event.content.subject}")
    return found


def _text(mail: ParsedMail, expect: Expect, *, exact: bool) -> list[str]:
    got = alnum(mail.event.content.text)
    if exact:
        wanted = [alnum(expect[key]) for key in ("body_text", "body_text_plain") if key in expect]
        return [] if not wanted or got in wanted else [f"text: {mail.event.content.text[:300]!r}"]
    found = []
    if "text_starts" in expect and not got.startswith(alnum(expect["text_starts"])):
        found.append(f"text: {mail.event.content.text[:100]!r}")
    count = expect.get("text_chars_alnum")
    if isinstance(count, int) and abs(len(got) - count) > max(1, count * 0.05):
        found.append(f"length of text: {len(got)}, not {count}")
    return found


def _files(mail: ParsedMail, expect: Expect) -> list[str]:
    found = []
    ours = [(file.attachment.name, file.attachment.content_type, file.content) for file in mail.files]
    for wanted in expect.get("attachments") or []:  # type: ignore[attr-defined]  # a list, by the fixtures' README
        match = next((file for file in ours if _is_file(file, wanted)), None)
        if match is not None:
            ours.remove(match)
        elif not wanted.get("optional"):
            found.append(f"no file {wanted} in {[(name, kind, len(content)) for name, kind, content in ours]}")
    return found


def _is_file(file: tuple[str | None, str | None, bytes], wanted: Mapping[str, object]) -> bool:
    name, kind, content = file
    named = wanted.get("filename") in (None, name) or bool(wanted.get("made_up_name"))
    typed = wanted.get("mime_type") in (None, kind)
    variants = (content, content.replace(b"\r\n", b"\n"))  # the captures differ in the line ends of unencoded parts
    same = "md5" not in wanted or wanted["md5"] in [
        hashlib.md5(one, usedforsecurity=False).hexdigest() for one in variants
    ]
    return named and typed and same


def _ids(mail: ParsedMail, expect: Expect) -> list[str]:
    found = []
    if "message_id" in expect and expect["message_id"] != mail.message_id:
        found.append(f"message_id: {mail.message_id}")
    for key, got in (("in_reply_to", mail.in_reply_to), ("references", mail.references)):
        if key in expect and tuple(dict.fromkeys(expect[key] or [])) != got:  # type: ignore[call-overload]  # a list
            found.append(f"{key}: {got}")
    return found


def read(case: MailCase) -> ParsedMail:
    return parse_mail(case.path.read_bytes())


@dataclass(frozen=True, slots=True)
class ReplyCase:
    name: str
    path: Path
    wanted: Expect


def reply_cases() -> list[ReplyCase]:
    cases = json.loads((MAILS / "replies" / "expected.json").read_text("utf-8"))["cases"]
    return [ReplyCase(name, MAILS / "replies" / name, wanted) for name, wanted in cases.items()]


def newly_written_in(case: ReplyCase) -> str:
    """What our reader takes for the person's own words in a text, HTML or mail file."""
    raw = case.path.read_bytes()
    if case.path.suffix == ".eml":
        return parse_mail(raw).event.content.words
    text = raw.decode("utf-8", "replace")
    text = to_text(text) if case.path.suffix == ".html" else text
    return newly_written(text) or text


def reply_is_right(case: ReplyCase) -> bool:
    got = _stripped(newly_written_in(case))
    if case.wanted["compare"] == "exact":
        return got == _stripped(str(case.wanted["reply"]))
    if case.wanted["compare"] == "ignoring whitespace":
        return got.split() == str(case.wanted["reply"]).split()
    contains, lacks = case.wanted["reply_contains"], case.wanted["reply_lacks"]
    assert isinstance(contains, list)
    assert isinstance(lacks, list)
    return all(part in got for part in contains) and not any(part in got for part in lacks)


def _stripped(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.replace("\r\n", "\n").split("\n")).strip("\n")

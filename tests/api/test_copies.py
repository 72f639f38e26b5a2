"""People on copy of a mail over HTTP: who they are, who stays, and what a program may name."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from switchboard.settings import Email
from switchboard.trust.roles import Role
from tests.api.face import Face, open_face

MAIL = {
    "channel": "email", "sender": {"address": "ann@a.example"}, "account": "help@shop.example", "subject": "Parcel",
    "text": "Where is it?", "metadata": {"to": "help@shop.example, bob@b.example", "cc": "carol@c.example"},
}  # fmt: skip


@pytest.fixture
async def face(tmp_path: Path) -> AsyncIterator[Face]:
    async with open_face(tmp_path / "data", email=Email(address="help@shop.example")) as opened:
        yield opened


async def replied(face: Face, message: dict[str, Any] | None = None, **more: object) -> tuple[int, dict[str, Any]]:
    """Status and body of the answer to a reply."""
    talk = (await face.ask("POST", "/v1/messages", json=message or MAIL)).json()["conversation_id"]
    body = {"text": "On its way."} | more
    answer = await face.ask("POST", f"/v1/conversations/{talk}/replies", Role.ADMIN, json=body)
    return answer.status_code, answer.json()


class TestAReply:
    async def test_keeps_those_of_the_customers_mail_unless_it_says_otherwise(self, face: Face) -> None:
        status, message = await replied(face)

        assert (status, message["cc"]) == (201, ["bob@b.example", "carol@c.example"])

    async def test_names_who_gets_a_copy_or_that_nobody_does(self, face: Face) -> None:
        assert (await replied(face, cc=["Dan@D.example"]))[1]["cc"] == ["dan@d.example"]
        assert (await replied(face, cc=[]))[1]["cc"] == []

    @pytest.mark.parametrize(
        ("cc", "limit"),
        [
            (["ann@a.example", "dan"], "addresses of people outside"),
            ([f"p{n}@a.example" for n in range(51)], "at most 50"),
        ],
    )
    async def test_that_cannot_be_names_field_limit_and_fix(self, face: Face, cc: list[str], limit: str) -> None:
        status, problem = await replied(face, cc=cc)

        assert (status, problem["field"], limit in problem["limit"]) == (422, "cc", True)
        assert problem["fix"]

    async def test_on_another_channel_has_no_copies(self, face: Face) -> None:
        chat = {"channel": "web_chat", "sender": {"address": "vis_" + "5" * 32}, "text": "Hello"}

        status, problem = await replied(face, chat, cc=["dan@d.example"])

        assert (status, problem["field"], problem["fix"]) == (422, "cc", "leave cc out, or answer by e-mail")


class TestAMail:
    async def test_tells_who_else_was_on_it(self, face: Face) -> None:
        talk = (await face.ask("POST", "/v1/messages", json=MAIL)).json()["conversation_id"]

        (mail,) = (await face.ask("GET", f"/v1/conversations/{talk}/timeline")).json()["messages"]

        assert (mail["to"], mail["cc"]) == (["help@shop.example", "bob@b.example"], ["carol@c.example"])
        assert mail["participant"] is None

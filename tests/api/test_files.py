"""Files over HTTP: handed in, sent along, opened again, and never run in anybody's browser."""

from __future__ import annotations

import pytest

from switchboard.domain.message import ChannelType
from switchboard.flows import attention
from switchboard.trust.roles import Role
from tests.api.face import Face

PICTURE = b"\x89PNG a map"


async def conversation(face: Face) -> str:
    """A customer wrote on the website."""
    body = {"channel": "web_chat", "sender": {"address": "vis_" + "5" * 32}, "text": "Where are you?"}
    answer = await face.ask("POST", "/v1/messages", json=body)
    return str(answer.json()["conversation_id"])


async def hand_in(face: Face, talk: str, name: str, data: bytes, kind: str, role: Role = Role.AGENT):  # type: ignore[no-untyped-def]  # the client's response
    path = f"/v1/conversations/{talk}/attachments"
    return await face.ask("POST", path, role, files={"file": (name, data, kind)})


async def sent(face: Face, talk: str, name: str, data: bytes, kind: str) -> str:
    """The id of a reply that carries the file."""
    kept = (await hand_in(face, talk, name, data, kind)).json()
    body = {"text": "", "attachments": [kept["attachment_id"]]}
    answer = await face.ask("POST", f"/v1/conversations/{talk}/replies", Role.ADMIN, json=body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["message_id"])


class TestAFile:
    async def test_goes_along_with_a_reply_and_can_be_opened_again(self, face: Face) -> None:
        talk = await conversation(face)

        message = await sent(face, talk, "../map.png", PICTURE, "image/png")

        opened = await face.ask("GET", f"/v1/messages/{message}/attachments/0", Role.AGENT)
        assert (opened.status_code, opened.content) == (200, PICTURE)
        assert opened.headers["content-type"] == "image/png"
        assert opened.headers["content-disposition"] == "inline; filename*=UTF-8''map.png"

    async def test_that_a_browser_could_run_is_only_saved(self, face: Face) -> None:
        talk = await conversation(face)

        message = await sent(face, talk, "page.html", b"<script>alert(1)</script>", "text/html")

        opened = await face.ask("GET", f"/v1/messages/{message}/attachments/0")
        assert opened.headers["content-type"] == "application/octet-stream"
        assert opened.headers["content-disposition"].startswith("attachment")
        assert "sandbox" in opened.headers["content-security-policy"]

    @pytest.mark.parametrize("place", ["1", "-1", "x"])
    async def test_that_is_not_there_is_not_found(self, face: Face, place: str) -> None:
        message = await sent(face, await conversation(face), "map.png", PICTURE, "image/png")

        opened = await face.ask("GET", f"/v1/messages/{message}/attachments/{place}")

        assert opened.status_code in (404, 422)

    async def test_that_is_too_large_is_refused_with_the_limit(self, face: Face) -> None:
        talk = await conversation(face)

        answer = await hand_in(face, talk, "big.bin", b"x" * (26 * 1024 * 1024), "application/octet-stream")

        assert answer.status_code == 413
        assert answer.json()["limit"]

    @pytest.mark.parametrize("role", [Role.ANALYST, Role.PRIVACY_OFFICER])
    async def test_is_nothing_for_those_who_do_not_answer(self, face: Face, role: Role) -> None:
        talk = await conversation(face)

        assert (await hand_in(face, talk, "map.png", PICTURE, "image/png", role)).status_code == 403


class TestChannels:
    async def test_are_listed_with_what_they_carry(self, face: Face) -> None:
        listed = {one["channel"]: one for one in (await face.ask("GET", "/v1/channels")).json()}

        assert listed["email"]["media"] == [{"kind": "file", "max_bytes": 25 * 1024 * 1024, "content_types": []}]
        assert listed["web_chat"]["attention"] is None

    async def test_that_need_attention_are_named_to_whoever_watches(self, face: Face) -> None:
        app = face.system.app
        before = (await face.ask("GET", "/health/channels", None)).json()
        await app.store.write(lambda work: attention.note(work, app, ChannelType.EMAIL, "The relay refuses our login."))

        after = (await face.ask("GET", "/health/channels", None)).json()

        assert before == {"status": "well", "attention": {}, "paused": []}
        assert after == {"status": "attention", "attention": {"email": "The relay refuses our login."}, "paused": []}

    async def test_without_templates_say_so(self, face: Face) -> None:
        assert (await face.ask("GET", "/v1/channels/whatsapp/templates")).json() == []
        assert (await face.ask("POST", "/v1/channels/whatsapp/templates/refresh")).status_code == 404

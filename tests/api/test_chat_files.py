"""A visitor's file over HTTP, a customer's export and the channels' states, in the assembled application."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from switchboard.ports.records import Page, View
from switchboard.trust.roles import Role
from tests.api.face import Face, open_face

PICTURE = b"\x89PNG\r\n\x1a\n" + b"broken lid" * 30


@pytest.fixture
async def chat(tmp_path: Path) -> AsyncIterator[Face]:
    async with open_face(tmp_path / "data", web_chat={"ask": ("order",)}) as face:
        yield face


async def hand_in(chat: Face, client_id: str = "file-00001") -> str:
    """A visitor sends a picture; returns the conversation's customer."""
    session = await chat.client.post("/widget/session", json={"answers": {"order": "4711"}})
    sent = await chat.client.post(
        "/widget/attachments",
        headers={"x-visitor-token": session.json()["token"]},
        files={"file": ("lid.png", PICTURE, "image/png")},
        data={"client_id": client_id, "text": "My lid is broken", "page": "https://shop.example/lids"},
    )
    assert sent.status_code == 201, sent.text
    (talk,) = (await chat.system.app.store.read(lambda work: work.conversations.page(View.ALL, Page()))).items
    return talk.customer_id


class TestAVisitorsFile:
    async def test_is_kept_sealed_and_opens_for_agents(self, chat: Face) -> None:
        customer_id = await hand_in(chat)
        timeline = (await chat.ask("GET", f"/v1/customers/{customer_id}/timeline", Role.AGENT)).json()
        message = timeline["messages"][0]["message_id"]
        opened = await chat.ask("GET", f"/v1/messages/{message}/attachments/0", Role.AGENT)
        kept = await chat.system.app.store.read(lambda work: work.messages.get(message))

        assert opened.content == PICTURE
        assert kept is not None
        assert kept.metadata["page"] == "https://shop.example/lids"
        assert kept.metadata["told:order"] == "4711"

    async def test_the_form_is_told(self, chat: Face) -> None:
        told = (await chat.client.get("/widget/form")).json()

        assert told == {"fields": [{"name": "order", "required": False}]}


class TestACustomersExport:
    async def test_is_an_archive_for_those_who_may(self, chat: Face) -> None:
        customer_id = await hand_in(chat)
        path = f"/v1/customers/{customer_id}/export"
        answer = await chat.ask("GET", path, Role.PRIVACY_OFFICER)
        with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
            names = archive.namelist()
            manifest = json.loads(archive.read("manifest.json"))
            files = [archive.read(name) for name in names if name.startswith("attachments/")]

        assert answer.headers["content-type"] == "application/zip"
        assert files == [PICTURE]
        assert manifest["customer_id"] == customer_id
        assert set(manifest["files"]) == set(names) - {"manifest.json"}
        assert (await chat.ask("GET", path, Role.AGENT)).status_code == 403
        assert (await chat.ask("GET", "/v1/customers/none/export", Role.PRIVACY_OFFICER)).status_code == 404


class TestTheChannels:
    async def test_say_how_they_are_set_up_and_what_they_last_carried(self, chat: Face) -> None:
        await hand_in(chat)
        found = {one["channel"]: one for one in (await chat.ask("GET", "/v1/channels")).json()}

        assert found["web_chat"]["state"] == "ok"
        assert found["web_chat"]["last_in"] is not None
        assert found["web_chat"]["last_out"] is None
        assert found["whatsapp"]["state"] == "not_configured"

    async def test_are_tested_by_those_who_may(self, chat: Face) -> None:
        answer = await chat.ask("POST", "/v1/channels/web_chat/test")

        assert answer.json()["well"] is True
        assert (await chat.ask("POST", "/v1/channels/web_chat/test", Role.AGENT)).status_code == 403
        assert (await chat.ask("POST", "/v1/channels/voice/test")).status_code == 404

"""The message that comes most often takes a shorter way than all others, and nobody can tell the difference."""

from __future__ import annotations

from pathlib import Path

import httpx2
import pytest

from switchboard.trust.roles import Role
from tests.api.face import Face, open_face

MESSAGE = {
    "channel": "web_chat",
    "sender": {"address": "vis_1", "name": "Ana"},
    "text": "Where is my order?",
    "external_id": "one",
}
FAULTY = [
    {**MESSAGE, "text": "  "},
    {**MESSAGE, "sent_at": "2026-03-02T09:30:00"},
    {**MESSAGE, "unknown": 1},
    {**MESSAGE, "channel": "pigeon"},
    {**MESSAGE, "sender": {"address": ""}},
    {"channel": "web_chat"},
]


async def sent(face: Face, body: object, **headers: str) -> httpx2.Response:
    return await face.client.post(
        "/v1/messages", json=body, headers=headers or {"authorization": f"Bearer {face.keys[Role.ADMIN]}"}
    )


def long_way(face: Face) -> dict[str, str]:
    """The same key in the header that the short way does not look at."""
    return {"x-api-key": face.keys[Role.ADMIN]}


class TestAnOrdinaryMessage:
    async def test_is_answered_like_on_the_long_way(self, tmp_path: Path) -> None:
        async with open_face(tmp_path) as face:
            short, long = await sent(face, MESSAGE), await sent(face, MESSAGE, **long_way(face))
        assert (short.status_code, long.status_code) == (202, 202)
        assert short.json() == {**long.json(), "fate": "stored", "duplicate": False}
        assert long.json()["duplicate"]
        assert set(short.headers) == set(long.headers)
        assert short.headers["x-content-type-options"] == "nosniff"

    async def test_keeps_signs_that_no_store_can_hold_as_replacement_signs(self, tmp_path: Path) -> None:
        async with open_face(tmp_path) as face:
            answer = await face.client.post(
                "/v1/messages",
                content=b'{"channel": "web_chat", "sender": {"address": "vis_1"}, "text": "a\\ud800b"}',
                headers={"authorization": f"Bearer {face.keys[Role.ADMIN]}", "content-type": "application/json"},
            )
        assert answer.status_code == 202


class TestAFault:
    @pytest.mark.parametrize("body", FAULTY)
    async def test_is_told_like_on_the_long_way(self, tmp_path: Path, body: object) -> None:
        async with open_face(tmp_path) as face:
            short, long = await sent(face, body), await sent(face, body, **long_way(face))
        assert short.status_code == long.status_code >= 400
        assert (short.json(), short.headers["content-type"]) == (long.json(), long.headers["content-type"])

    async def test_of_the_key_is_told_like_on_the_long_way(self, tmp_path: Path) -> None:
        async with open_face(tmp_path) as face:
            unknown = await sent(face, MESSAGE, authorization="Bearer sbk_wrong")
            forbidden = await sent(face, MESSAGE, authorization=f"Bearer {face.keys[Role.ANALYST]}")
        assert (unknown.status_code, forbidden.status_code) == (401, 403)

    async def test_of_a_full_house_is_told_like_on_the_long_way(self, tmp_path: Path) -> None:
        async with open_face(tmp_path) as face:
            face.system.app.waiting = 10**9
            short, long = await sent(face, MESSAGE), await sent(face, MESSAGE, **long_way(face))
        assert short.status_code == long.status_code == 503
        assert short.headers["retry-after"] == long.headers["retry-after"]

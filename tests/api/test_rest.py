"""What every program that talks to the interface may rely on."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from switchboard.api.caller import hash_key, new_key
from switchboard.api.events import follow
from switchboard.ports.records import UserRecord
from switchboard.trust.roles import Role
from tests.api.face import Face, open_face
from tests.desk.world import CHEAP

SECRET = "app-secret"
JSON = {"Content-Type": "application/json"}
WHATSAPP: dict[str, Any] = {
    "object": "whatsapp_business_account",
    "entry": [
        {
            "id": "1",
            "changes": [
                {
                    "field": "messages",
                    "value": {
                        "messaging_product": "whatsapp",
                        "metadata": {"display_phone_number": "15550001111", "phone_number_id": "42"},
                        "contacts": [{"profile": {"name": "Ana"}, "wa_id": "49301234567"}],
                        "messages": [
                            {
                                "from": "49301234567",
                                "id": "wamid.ONE",
                                "timestamp": "1772443800",
                                "type": "text",
                                "text": {"body": "Where is my order?"},
                            }
                        ],
                    },
                }
            ],
        }
    ],
}


async def wrote(face: Face, text: str = "hello", address: str = "v1", **more: Any) -> dict[str, Any]:
    body = {"channel": "web_chat", "sender": {"address": address}, "text": text, **more}
    answer = await face.ask("POST", "/v1/messages", json=body)
    assert answer.status_code == 202, answer.text
    found: dict[str, Any] = answer.json()
    return found


class TestAList:
    async def test_is_turned_page_by_page_without_gap_or_repeat(self, face: Face) -> None:
        ids = {(await wrote(face, address=f"v{n}"))["conversation_id"] for n in range(7)}
        seen: list[str] = []
        cursor: str | None = None
        while True:
            query = f"?limit=3&view=all{f'&cursor={cursor}' if cursor else ''}"
            page = (await face.ask("GET", f"/v1/conversations{query}")).json()
            seen += [c["conversation_id"] for c in page["items"]]
            cursor = page["next_cursor"]
            if cursor is None:
                break
        assert len(seen) == len(ids)
        assert set(seen) == ids

    @pytest.mark.parametrize(
        "query", ["limit=0", "limit=101", "limit=x", "cursor=%00", "cursor=AAAA", "cursor=' OR 1", "view=nonsense"]
    )
    async def test_refuses_a_broken_page(self, face: Face, query: str) -> None:
        answer = await face.ask("GET", f"/v1/conversations?{query}")
        assert 400 <= answer.status_code < 500
        assert answer.headers["content-type"] == "application/problem+json"


class TestAnIdempotencyKey:
    async def test_gives_the_first_answer_again(self, face: Face) -> None:
        headers = {"Idempotency-Key": "k1"}
        body = {"channel": "web_chat", "sender": {"address": "v1"}, "text": "once"}
        first = await face.ask("POST", "/v1/messages", json=body, headers=headers)
        second = await face.ask("POST", "/v1/messages", json=body, headers=headers)

        assert second.json() == first.json()
        assert second.headers["idempotent-replay"] == "true"

    async def test_for_another_body_is_a_conflict(self, face: Face) -> None:
        headers = {"Idempotency-Key": "k1"}
        await face.ask("POST", "/v1/analyze", json={"text": "one"}, headers=headers)
        answer = await face.ask("POST", "/v1/analyze", json={"text": "two"}, headers=headers)
        assert (answer.status_code, answer.json()["field"]) == (409, "Idempotency-Key")

    async def test_used_twenty_times_at_once_has_one_effect(self, face: Face) -> None:
        headers = {"Idempotency-Key": "k1"}
        body = {"channel": "web_chat", "sender": {"address": "v1"}, "text": "once"}
        answers = await asyncio.gather(
            *(face.ask("POST", "/v1/messages", json=body, headers=headers) for _ in range(20))
        )
        assert len({a.json()["message_id"] for a in answers}) == 1

    async def test_of_two_callers_are_two_keys(self, face: Face) -> None:
        headers = {"Idempotency-Key": "k1"}
        body = {"channel": "web_chat", "sender": {"address": "v1"}, "text": "once"}
        answers = [
            await face.ask("POST", "/v1/messages", role, json=body, headers=headers)
            for role in (Role.ADMIN, Role.INTEGRATION)
        ]
        assert len({a.json()["message_id"] for a in answers}) == 2

    async def test_a_message_id_of_the_caller_is_stored_once_too(self, face: Face) -> None:
        first = await wrote(face, external_id="crm-7")
        again = await wrote(face, external_id="crm-7")
        assert (again["message_id"], again["duplicate"]) == (first["message_id"], True)


class TestABadBody:
    @pytest.mark.parametrize(
        ("content", "status"),
        [
            (b"", 422),
            (b"{", 400),
            (b"[1, 2]", 422),
            (b'{"text": NaN}', 400),
            (b'{"text": Infinity}', 400),
            (b"[" * 100_000, 400),
            (b'{"a":' * 70 + b"1" + b"}" * 70, 400),
            (b"{" + b",".join(b'"k%d":1' % n for n in range(10_001)) + b"}", 400),
            (b'{"text": 99999999999999999999999999}', 400),
            (b'{"text": "x", "surprise": 1}', 422),
            (b'{"text": "\xff\xfe"}', 400),
            (b'{"text": "' + b"x" * 300_000 + b'"}', 422),
            (b'{"text": "' + b"x" * 5_000_000 + b'"}', 413),
        ],
    )
    async def test_is_a_problem_document_that_does_not_repeat_it(self, face: Face, content: bytes, status: int) -> None:
        answer = await face.ask("POST", "/v1/analyze", content=content, headers=JSON)
        assert answer.status_code == status, answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        assert {"title", "status"} <= set(answer.json())
        assert len(answer.content) < 1000

    async def test_names_the_field_at_fault(self, face: Face) -> None:
        body = {"channel": "web_chat", "sender": {"address": ""}, "text": "x"}
        answer = await face.ask("POST", "/v1/messages", json=body)
        assert (answer.status_code, answer.json()["field"]) == (422, "sender.address")

    @pytest.mark.parametrize("path", ["/v1/nothing", "/v1/conversations/none", "/nowhere", "/channels/pigeon"])
    async def test_what_is_not_there_is_a_problem_document(self, face: Face, path: str) -> None:
        answer = await face.ask("GET", path)
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "application/problem+json"


async def someone(face: Face) -> None:
    user = UserRecord(
        user_id="usr_1",
        email="maya@shop.example",
        name="Maya",
        password_hash=CHEAP.hash("correct horse battery"),
        roles=frozenset({"agent"}),
        created_at=face.clock.now(),
    )
    await face.system.app.store.write(lambda work: work.access.save_user(user))


async def grant(face: Face, **fields: str) -> Any:
    return await face.client.post("/oauth/token", data=fields)


class TestOAuth:
    async def test_turns_a_key_into_a_token_of_its_scopes(self, face: Face) -> None:
        secret = face.keys[Role.INTEGRATION]
        answer = await grant(
            face, grant_type="client_credentials", client_id="crm", client_secret=secret, scope="knowledge:read"
        )
        bearer = {"Authorization": f"Bearer {answer.json()['access_token']}"}

        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "no-store"
        assert (await face.ask("GET", "/v1/knowledge/documents", None, headers=bearer)).status_code == 200
        assert (await face.ask("GET", "/v1/conversations", None, headers=bearer)).status_code == 403

    async def test_never_gives_a_token_more_than_its_key(self, face: Face) -> None:
        key, record = new_key("admin", "narrow", face.clock.now(), scopes=frozenset({"knowledge:read"}))
        await face.system.app.store.write(lambda work: work.access.add_key(record))
        answer = await grant(face, grant_type="client_credentials", client_secret=key, scope="access:write")
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_scope")

    async def test_a_token_ends_after_half_an_hour_and_with_its_key(self, face: Face) -> None:
        secret = face.keys[Role.ADMIN]
        token = (await grant(face, grant_type="client_credentials", client_secret=secret)).json()["access_token"]
        bearer = {"Authorization": f"Bearer {token}"}
        before = (await face.ask("GET", "/v1/agents", None, headers=bearer)).status_code
        face.clock.move(minutes=31)
        late = (await face.ask("GET", "/v1/agents", None, headers=bearer)).status_code
        fresh = (await grant(face, grant_type="client_credentials", client_secret=secret)).json()["access_token"]
        record = await face.system.app.store.read(lambda work: work.access.key_by_hash(hash_key(secret)))
        assert record is not None
        await face.system.app.store.write(lambda work: work.access.revoke_key(record.key_id, face.clock.now()))
        gone = (await face.ask("GET", "/v1/agents", None, headers={"Authorization": f"Bearer {fresh}"})).status_code
        assert (before, late, gone) == (200, 401, 401)

    async def test_a_stolen_refresh_token_ends_its_whole_family(self, face: Face) -> None:
        await someone(face)
        first = await grant(face, grant_type="password", username="maya@shop.example", password="correct horse battery")
        assert first.status_code == 200, first.text
        stolen = first.json()["refresh_token"]
        second = await grant(face, grant_type="refresh_token", refresh_token=stolen)
        again = await grant(face, grant_type="refresh_token", refresh_token=stolen)
        after = await grant(face, grant_type="refresh_token", refresh_token=second.json()["refresh_token"])
        assert [a.status_code for a in (second, again, after)] == [200, 400, 400]

    @pytest.mark.parametrize(
        ("fields", "status"),
        [
            ({"grant_type": "client_credentials", "client_secret": "wrong"}, 401),
            ({"grant_type": "password", "username": "a@b.example", "password": "x"}, 400),
            ({"grant_type": "refresh_token", "refresh_token": "x"}, 400),
            ({"grant_type": "magic"}, 400),
            ({}, 422),
        ],
    )
    async def test_refuses_everything_else(self, face: Face, fields: dict[str, str], status: int) -> None:
        assert (await grant(face, **fields)).status_code == status


class TestAKey:
    async def test_ends_at_its_time(self, face: Face) -> None:
        key, record = new_key("admin", "short", face.clock.now(), valid_for=timedelta(days=1))
        await face.system.app.store.write(lambda work: work.access.add_key(record))
        mine = {"X-API-Key": key}
        before = (await face.ask("GET", "/v1/agents", None, headers=mine)).status_code
        face.clock.move(days=1)
        assert (before, (await face.ask("GET", "/v1/agents", None, headers=mine)).status_code) == (200, 401)

    async def test_is_made_shown_once_and_revoked(self, face: Face) -> None:
        made = await face.ask("POST", "/v1/api-keys", json={"name": "crm", "role": "integration"})
        mine = {"Authorization": f"Bearer {made.json()['key']}"}
        before = (await face.ask("GET", "/v1/queue", None, headers=mine)).status_code
        listed = await face.ask("GET", "/v1/api-keys")
        await face.ask("DELETE", f"/v1/api-keys/{made.json()['record']['key_id']}")
        face.clock.move(seconds=3)

        assert made.status_code == 201
        assert made.json()["key"] not in listed.text
        assert (before, (await face.ask("GET", "/v1/queue", None, headers=mine)).status_code) == (200, 401)


class TestAnAnalyst:
    async def test_sees_no_words_of_customers(self, face: Face) -> None:
        secret = "kwyjibo secret words"
        message = await wrote(face, secret, subject="kwyjibo subject")
        refused = 0
        for path in (
            "/v1/conversations?view=all",
            f"/v1/conversations/{message['conversation_id']}",
            f"/v1/conversations/{message['conversation_id']}/timeline",
            f"/v1/messages/{message['message_id']}",
            "/v1/customers",
            "/v1/analytics/dashboard",
            "/v1/queue",
        ):
            answer = await face.ask("GET", path, Role.ANALYST)
            refused += answer.status_code == 403
            assert "kwyjibo" not in answer.text
        assert refused == 4


class TestTheLiveStream:
    async def test_goes_on_where_it_stopped(self, face: Face) -> None:
        await wrote(face)
        await wrote(face, address="v2")
        app, stop = face.system.app, asyncio.Event()
        last = await app.store.read(lambda work: work.events.last())
        stream = follow(app, last - 1, stop)
        ready, event = await anext(stream), await anext(stream)
        await stream.aclose()
        assert (ready.event, ready.id) == ("ready", str(last - 1))
        assert (event.event, event.id) == ("message_received", str(last))

    async def test_says_so_when_too_much_was_missed(self, face: Face) -> None:
        app = face.system.app
        stream = follow(app, 10**9, asyncio.Event())
        reset = await anext(stream)
        await stream.aclose()
        assert reset.event == "reset"

    async def test_tells_nothing_that_a_customer_wrote(self, face: Face) -> None:
        await wrote(face, "kwyjibo")
        stream = follow(face.system.app, 0, asyncio.Event())
        await anext(stream)
        event = await anext(stream)
        await stream.aclose()
        assert "kwyjibo" not in str(event.data)


class TestAProvider:
    @pytest.fixture
    async def shop(self, tmp_path: Path):  # type: ignore[no-untyped-def]  # a fixture
        whatsapp = {"app_secret": SECRET, "verify_token": "vt", "access_token": "at", "phone_number_id": "42"}
        async with open_face(tmp_path / "d", whatsapp=whatsapp) as opened:
            yield opened

    @staticmethod
    async def post(face: Face, body: bytes, secret: str = SECRET) -> Any:
        signature = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        headers = {"X-Hub-Signature-256": signature, **JSON}
        return await face.client.post("/channels/whatsapp", content=body, headers=headers)

    async def test_with_a_good_signature_is_acknowledged_when_all_is_stored(self, shop: Face) -> None:
        body = json.dumps(WHATSAPP).encode()
        answers = [(await self.post(shop, body)).status_code for _ in range(2)]
        payloads = (await shop.ask("GET", "/v1/payloads")).json()["items"]

        assert answers == [200, 200]
        assert [p["fate"] for p in payloads] == ["duplicate", "stored"]
        assert payloads[0]["events"][0]["message_id"] == payloads[1]["events"][0]["message_id"]

    async def test_with_a_bad_signature_is_refused_in_plain_sight(self, shop: Face) -> None:
        answer = await self.post(shop, json.dumps(WHATSAPP).encode(), "wrong")
        (payload,) = (await shop.ask("GET", "/v1/payloads")).json()["items"]
        assert answer.status_code == 401
        assert (payload["fate"], payload["events"]) == ("refused", [])

    async def test_with_rubbish_is_acknowledged_and_kept_for_a_look(self, shop: Face) -> None:
        answer = await self.post(shop, b"not json at all")
        (payload,) = (await shop.ask("GET", "/v1/payloads")).json()["items"]
        assert (answer.status_code, payload["fate"]) == (200, "dead_letter")

    async def test_gets_its_challenge_answered(self, shop: Face) -> None:
        good = await shop.client.get("/channels/whatsapp?hub.mode=subscribe&hub.verify_token=vt&hub.challenge=abc123")
        bad = await shop.client.get("/channels/whatsapp?hub.mode=subscribe&hub.verify_token=no&hub.challenge=abc123")
        assert (good.status_code, good.text, bad.status_code) == (200, "abc123", 403)

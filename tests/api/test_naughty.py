"""Whatever text comes, nothing breaks, nothing is lost, and it comes back as it was."""

from __future__ import annotations

import json
from collections.abc import Mapping
from urllib.parse import quote

from switchboard.domain.message import ChannelType
from tests.api.face import Face
from tests.kit import ADDRESSES
from tests.naughty import NAUGHTY, UNSTORABLE

JSON = {"Content-Type": "application/json"}
EVERY = {**{text: text for text in NAUGHTY}, **UNSTORABLE}


def sent(fields: Mapping[str, object]) -> bytes:
    """JSON that can carry lone surrogates and NUL, as an unkind client would send it."""
    return json.dumps(fields).encode()


class TestEveryNaughtyText:
    def test_there_are_many(self) -> None:
        assert len(set(NAUGHTY)) >= 120

    async def test_comes_back_as_a_message_of_every_channel(self, face: Face) -> None:
        for channel in ChannelType:
            wanted, ids = [], []
            for text, kept in EVERY.items():
                if not text.strip():
                    continue
                body = sent({"channel": channel, "sender": {"address": ADDRESSES[channel]}, "text": text})
                answer = await face.ask("POST", "/v1/messages", content=body, headers=JSON)
                assert (text, answer.status_code, answer.text) == (text, 202, answer.text)
                wanted.append(kept)
                ids.append(answer.json()["message_id"])
            store = face.system.app.store
            found = [await store.read(lambda work, i=i: work.messages.get(i)) for i in ids]  # type: ignore[misc]  # bound now
            assert [message.content.text for message in found if message] == wanted

    async def test_is_read_by_the_machine(self, face: Face) -> None:
        for text in EVERY:
            answer = await face.ask("POST", "/v1/analyze", content=sent({"text": text}), headers=JSON)
            assert (text, answer.status_code) == (text, 200)

    async def test_comes_back_as_name_note_reply_and_document(self, face: Face) -> None:
        first = await face.ask(
            "POST", "/v1/messages", json={"channel": "web_chat", "sender": {"address": "v1"}, "text": "hello"}
        )
        conversation, customer = first.json()["conversation_id"], first.json()["customer_id"]
        for text, kept in EVERY.items():
            if len(text) <= 300:
                named = await face.ask("PATCH", f"/v1/customers/{customer}", content=sent({"name": text}), headers=JSON)
                assert (named.status_code, named.json()["name"]) == (200, kept)
            if text.strip():
                for what in ("notes", "replies"):
                    answer = await face.ask(
                        "POST", f"/v1/conversations/{conversation}/{what}", content=sent({"text": text}), headers=JSON
                    )
                    assert (text, answer.status_code, answer.json().get("text")) == (text, 201, kept)
                document = {"title": "T", "content": text, "document_id": "d"}
                answer = await face.ask("POST", "/v1/knowledge/documents", content=sent(document), headers=JSON)
                assert (text, answer.status_code, answer.json().get("content")) == (text, 201, kept)

    async def test_is_searched_for_without_harm(self, face: Face) -> None:
        for text in NAUGHTY:
            if len(text) > 2000:
                continue
            for path in ("/v1/knowledge/search?q=", "/v1/customers?q=", "/v1/conversations?cursor=", "/v1/messages/"):
                answer = await face.ask("GET", path + quote(text, safe=""))
                assert (text, answer.status_code < 500) == (text, True)

"""A website visitor talks to the business: tokens, the channel and the socket."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import orjson
import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient, WebSocketTestSession
from starlette.websockets import WebSocketDisconnect

from switchboard.api.web_chat import WebChatDeps, web_chat_router
from switchboard.api.web_chat_files import web_chat_files_router
from switchboard.channels.web_chat import VisitorTokens, WebChat, topic_of
from switchboard.domain.conversation import Conversation
from switchboard.domain.customer import CustomerProfile, Evidence, Identity
from switchboard.domain.ids import ConversationId, CustomerId
from switchboard.domain.inbound import InboundEvent
from switchboard.domain.message import Author, ChannelType, ConversationMessage, DeliveryState, MessageKind
from switchboard.errors import BadSignature, InvalidInput, Unavailable, Undeliverable
from switchboard.ports.channel import Outgoing, RawRequest
from switchboard.ports.store import Store, Work
from switchboard.stores import open_sqlite
from tests.desk.samples import NOW, Line, conversation, message
from tests.desk.world import StandingClock, run_now

SITE = b"shared with the shop"
TOKENS = VisitorTokens(secret=b"s" * 32, site_secret=SITE)
TALK = ConversationId("cnv_visitor")


class LocalHub:
    """Fan-out inside one process."""

    def __init__(self) -> None:
        self.published: list[tuple[str, Mapping[str, str | int]]] = []
        self._queues: list[
            tuple[frozenset[str], asyncio.AbstractEventLoop, asyncio.Queue[Mapping[str, str | int]]]
        ] = []

    def publish(self, topic: str, hint: Mapping[str, str | int] | None = None) -> None:
        self.published.append((topic, hint or {}))
        for topics, loop, queue in list(self._queues):
            if topic in topics:
                loop.call_soon_threadsafe(queue.put_nowait, hint or {})

    @asynccontextmanager
    async def subscribe(self, *topics: str) -> AsyncIterator[AsyncIterator[Mapping[str, str | int]]]:
        queue: asyncio.Queue[Mapping[str, str | int]] = asyncio.Queue()
        place = (frozenset(topics), asyncio.get_running_loop(), queue)
        self._queues.append(place)

        async def hints() -> AsyncIterator[Mapping[str, str | int]]:
            while True:
                yield await queue.get()

        try:
            yield hints()
        finally:
            self._queues.remove(place)


@dataclass(slots=True)
class Chat:
    """The door for visitors with a story behind it that stores what they write."""

    store: Store
    clock: StandingClock = field(default_factory=StandingClock)
    hub: LocalHub = field(default_factory=LocalHub)
    down: bool = False
    taken: list[InboundEvent] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)

    @property
    def channel(self) -> WebChat:
        return WebChat(tokens=TOKENS, hub=self.hub)

    async def accept(self, events: Sequence[InboundEvent], files: Mapping[str, bytes] | None = None) -> None:
        if self.down:
            raise Unavailable("the database is away")
        self.files |= files or {}
        for event in events:
            self.taken.append(event)
            await self.store.write(lambda work, event=event: store_event(work, event))  # type: ignore[misc]  # a lambda cannot be annotated

    def deps(self) -> WebChatDeps:
        return WebChatDeps(
            store=self.store,
            hub=self.hub,
            clock=self.clock,
            channel=self.channel,
            visitors=TOKENS,
            accept=self.accept,
        )

    def app(self) -> FastAPI:
        app = FastAPI()
        app.include_router(web_chat_router(self.deps()))
        return app


def store_event(work: Work, event: InboundEvent) -> None:
    """As little of intake as the socket needs: one customer, one conversation, the message once."""
    sender = event.senders[0]
    if event.delivery is not None or work.messages.find_external(event.channel, event.account, event.external_id):
        return
    if work.conversations.get(TALK) is None:
        seen = Identity(channel=sender.channel, address=sender.address, account=sender.account)
        customer = CustomerProfile(customer_id=CustomerId("cus_visitor"), name=None, created_at=NOW, identities=(seen,))
        work.customers.add(customer)
        if not work.customers.owners([sender]):
            work.customers.add_identity(customer.customer_id, seen)
        work.conversations.add(
            conversation("visitor", urgency=5, last=NOW, channels=(sender.channel,), snippet="", topic="general")
        )
    line = Line(text=event.content.text, at=NOW, channel=event.channel)
    add(work, line, account=event.account, external_id=event.external_id)


def add(work: Work, line: Line, **changes: Any) -> ConversationMessage:
    talk: Conversation | None = work.conversations.get(TALK)
    assert talk is not None
    said = replace(message(talk, line, talk.last_sequence + 1), **changes)
    work.messages.add(said)
    work.conversations.save(replace(talk, last_sequence=said.sequence))
    return said


@pytest.fixture
def chat() -> Iterator[Chat]:
    store = open_sqlite(None, b"k" * 32, StandingClock())
    yield Chat(store=store)
    run_now(store.close())


@pytest.fixture
def client(chat: Chat) -> Iterator[TestClient]:
    with TestClient(chat.app()) as browser:
        yield browser


def token_of(client: TestClient) -> str:
    return str(client.post("/widget/session", json={}).json()["token"])


def until(socket: WebSocketTestSession, kind: str, most: int = 6) -> dict[str, Any]:
    """The next frame of a kind."""
    for _ in range(most):
        frame: dict[str, Any] = socket.receive_json()
        if frame["type"] == kind:
            return frame
    raise AssertionError(f"no {kind} frame came")


def join(socket: WebSocketTestSession, token: str, after: str | None = None) -> None:
    socket.send_json({"type": "join", "token": token, "after": after})
    assert until(socket, "joined")["cursor"] == after


def say(socket: WebSocketTestSession, text: str, client_id: str = "client-0001") -> None:
    socket.send_json({"type": "message", "client_id": client_id, "text": text})


class TestAVisitorsToken:
    def test_it_says_who_the_visitor_is_until_it_is_old(self) -> None:
        token = TOKENS.issue(NOW)

        assert TOKENS.read(token, NOW).address.startswith("vis_")
        with pytest.raises(BadSignature):
            TOKENS.read(token, NOW + timedelta(days=181))

    def test_a_continued_one_keeps_the_visitor(self) -> None:
        first = TOKENS.issue(NOW)

        second = TOKENS.issue(NOW + timedelta(days=1), known=first)

        assert TOKENS.read(second, NOW).address == TOKENS.read(first, NOW).address

    @pytest.mark.parametrize("token", ["", ".", "a.b", "é.é", "x" * 5000, TOKENS.issue(NOW)[:-1] + "x"])
    def test_anything_else_is_refused(self, token: str) -> None:
        with pytest.raises(BadSignature):
            TOKENS.read(token, NOW)

    def test_another_installations_token_is_refused(self) -> None:
        with pytest.raises(BadSignature):
            TOKENS.read(VisitorTokens(secret=b"x" * 32).issue(NOW), NOW)

    def test_a_signed_in_visitor_is_believed_only_with_the_websites_signature(self) -> None:
        right = hmac.new(SITE, b"42\nana@x.example", hashlib.sha256).hexdigest()

        visitor = TOKENS.read(TOKENS.issue(NOW, user_id="42", email="ana@x.example", signature=right), NOW)

        assert (visitor.user_id, visitor.email) == ("42", "ana@x.example")
        for user, mail, signature in (("43", "ana@x.example", right), ("42", "b@x.example", right), ("42", None, None)):
            with pytest.raises(BadSignature):
                TOKENS.issue(NOW, user_id=user, email=mail, signature=signature)

    def test_an_unsigned_name_or_address_is_forgotten(self) -> None:
        visitor = TOKENS.read(TOKENS.issue(NOW, name="The Boss", email="boss@x.example"), NOW)

        assert (visitor.name, visitor.email) == (None, None)


class TestTheChannel:
    def request(self, body: object, token: str | None = None) -> RawRequest:
        headers = {"x-visitor-token": TOKENS.issue(NOW) if token is None else token}
        return RawRequest(
            method="POST", url="/ws/chat", headers=headers, query={}, body=orjson.dumps(body), received_at=NOW
        )

    def frame(self, **changes: object) -> dict[str, object]:
        return {"type": "message", "client_id": "client-0001", "text": "Hello ☕", **changes}

    def test_a_frame_becomes_one_message_of_this_visitor(self) -> None:
        token = TOKENS.issue(NOW)
        (event,) = WebChat(tokens=TOKENS, hub=LocalHub()).parse(self.request(self.frame(), token)).events

        address = TOKENS.read(token, NOW).address
        assert event.content.text == "Hello ☕"
        assert event.external_id == f"{address}:client-0001"
        assert [(s.address, s.verified) for s in event.senders] == [(address, False)]

    def test_what_the_website_signed_is_evidence(self) -> None:
        signature = hmac.new(SITE, b"42\nana@x.example", hashlib.sha256).hexdigest()
        token = TOKENS.issue(NOW, user_id="42", name="Ana", email="ana@x.example", signature=signature)
        (event,) = WebChat(tokens=TOKENS, hub=LocalHub()).parse(self.request(self.frame(), token)).events

        assert event.sender_name == "Ana"
        assert all(s.verified and s.evidence is Evidence.SIGNED_VISITOR for s in event.senders)
        assert (ChannelType.EMAIL, "ana@x.example") in [(s.channel, s.address) for s in event.senders]

    @pytest.mark.parametrize("changes", [{"text": ""}, {"text": "x" * 4001}, {"client_id": "a:b"}, {"type": "join"}])
    def test_a_frame_that_cannot_be_read_names_what_is_wrong(self, changes: dict[str, object]) -> None:
        with pytest.raises(InvalidInput) as caught:
            WebChat(tokens=TOKENS, hub=LocalHub()).parse(self.request(self.frame(**changes)))

        assert caught.value.field == next(iter(changes))

    def test_a_frame_without_our_token_is_refused(self) -> None:
        with pytest.raises(BadSignature):
            WebChat(tokens=TOKENS, hub=LocalHub()).verify(self.request(self.frame(), "forged.token"))

    async def test_sending_tells_the_visitors_open_windows(self) -> None:
        hub = LocalHub()
        channel = WebChat(tokens=TOKENS, hub=hub)
        out = Outgoing(key="msg_1", channel=ChannelType.WEB_CHAT, account="widget", to="vis_1", text="Hi")

        receipt = await channel.send(out)

        assert receipt.external_ids == ("msg_1",)
        assert hub.published == [("chat:vis_1", {"message_id": "msg_1"})]
        with pytest.raises(Undeliverable):
            await channel.send(replace(out, to="someone"))


class TestAnOpenWindow:
    def test_a_message_is_stored_before_it_is_acknowledged_and_shown_in_every_tab(
        self, client: TestClient, chat: Chat
    ) -> None:
        token = token_of(client)
        with client.websocket_connect("/ws/chat") as tab, client.websocket_connect("/ws/chat") as other:
            join(tab, token)
            join(other, token)
            say(tab, "Which descaler is safe?")

            assert until(tab, "ack")["client_id"] == "client-0001"
            shown = until(other, "message")

        assert [event.content.text for event in chat.taken] == ["Which descaler is safe?"]
        assert shown["text"] == "Which descaler is safe?"
        assert (shown["author"], shown["client_id"]) == ("customer", "client-0001")

    def test_an_answer_appears_while_it_is_being_sent_and_only_once(self, client: TestClient, chat: Chat) -> None:
        token = token_of(client)
        visitor = TOKENS.read(token, NOW).address
        with client.websocket_connect("/ws/chat") as tab:
            join(tab, token)
            say(tab, "Hello")
            until(tab, "message")
            answer = Line(text="Hi!", at=NOW, channel=ChannelType.WEB_CHAT, author=Author.AUTOMATION)
            sent = run_now(chat.store.write(lambda work: add(work, answer, delivery=DeliveryState.PENDING)))
            chat.hub.publish(topic_of(visitor), {"message_id": sent.message_id})
            shown = until(tab, "message")
            run_now(chat.store.write(lambda work: work.messages.set_delivery(sent.message_id, DeliveryState.SENT)))
            chat.hub.publish(topic_of(visitor))
            tab.send_json({"type": "ping"})

            assert (shown["text"], shown["author"]) == ("Hi!", "automation")
            assert until(tab, "pong", most=1) == {"type": "pong"}

    def test_notes_drafts_and_other_channels_never_reach_the_visitor(self, client: TestClient, chat: Chat) -> None:
        token = token_of(client)
        with client.websocket_connect("/ws/chat") as tab:
            join(tab, token)
            say(tab, "Hello")
            until(tab, "ack")

        def behind_the_scenes(work: Work) -> None:
            web, mail = ChannelType.WEB_CHAT, ChannelType.EMAIL
            add(work, Line(text="a note", at=NOW, channel=web, author=Author.AGENT, kind=MessageKind.NOTE))
            add(work, Line(text="held", at=NOW, channel=web, author=Author.AGENT), delivery=DeliveryState.PENDING)
            add(work, Line(text="stopped", at=NOW, channel=web, author=Author.AGENT), delivery=DeliveryState.CANCELLED)
            add(work, Line(text="by mail", at=NOW, channel=mail, author=Author.AGENT), delivery=DeliveryState.SENT)

        run_now(chat.store.write(behind_the_scenes))
        with client.websocket_connect("/ws/chat") as tab:
            join(tab, token)
            assert until(tab, "message")["text"] == "Hello"
            assert until(tab, "status", most=1)["handler"] == "agent"

    def test_a_returning_visitor_gets_what_was_missed(self, client: TestClient, chat: Chat) -> None:
        token = token_of(client)
        with client.websocket_connect("/ws/chat") as tab:
            join(tab, token)
            say(tab, "Hello")
            cursor = until(tab, "message")["cursor"]
        later = Line(text="Here is your answer.", at=NOW, channel=ChannelType.WEB_CHAT, author=Author.AGENT)
        run_now(chat.store.write(lambda work: add(work, later, delivery=DeliveryState.SENT)))

        with client.websocket_connect("/ws/chat") as tab:
            join(tab, token, after=cursor)
            texts = [until(tab, "message")["text"], until(tab, "message")["text"]]

        assert texts[-1] == "Here is your answer."

    def test_the_same_message_sent_twice_is_one(self, client: TestClient, chat: Chat) -> None:
        token = token_of(client)
        with client.websocket_connect("/ws/chat") as tab:
            join(tab, token)
            for _ in range(2):
                say(tab, "Hello")
                until(tab, "ack")

        stored = run_now(chat.store.read(lambda work: work.messages.newest(TALK)))
        assert [m.content.text for m in stored] == ["Hello"]

    def test_an_outage_is_told_and_the_widget_may_try_again(self, client: TestClient, chat: Chat) -> None:
        chat.down = True
        token = token_of(client)
        with client.websocket_connect("/ws/chat") as tab:
            join(tab, token)
            say(tab, "Hello")
            refused = until(tab, "error")

        assert (refused["client_id"], refused["again"]) == ("client-0001", True)

    @pytest.mark.parametrize("first", [{"type": "join", "token": "forged"}, {"type": "message"}, {}])
    def test_nobody_talks_without_a_valid_token(self, client: TestClient, first: dict[str, str]) -> None:
        with client.websocket_connect("/ws/chat") as tab:
            tab.send_json(first)
            assert tab.receive_json()["code"] == "join_first"
            with pytest.raises(WebSocketDisconnect) as closed:
                tab.receive_json()

        assert closed.value.code == 1008

    def test_a_page_of_another_site_cannot_open_the_socket(self, client: TestClient) -> None:
        with (
            pytest.raises(WebSocketDisconnect),
            client.websocket_connect("/ws/chat", headers={"origin": "https://evil.example"}),
        ):
            pass

    def test_a_flood_is_slowed_down(self, client: TestClient, chat: Chat) -> None:
        token = token_of(client)
        with client.websocket_connect("/ws/chat") as tab:
            join(tab, token)
            for n in range(20):
                say(tab, "again", client_id=f"client-{n:04}")
                until(tab, "ack")
            say(tab, "again", client_id="client-9999")

            assert until(tab, "error")["client_id"] == "client-9999"

    def test_a_huge_or_unreadable_frame_harms_nobody(self, client: TestClient) -> None:
        token = token_of(client)
        with client.websocket_connect("/ws/chat") as tab:
            join(tab, token)
            tab.send_text("{nonsense")
            assert until(tab, "error")["code"] == "bad_frame"
            tab.send_text("x" * 20_000)
            with pytest.raises(WebSocketDisconnect) as closed:
                until(tab, "never")

        assert closed.value.code == 1009


class TestASession:
    def test_a_forged_identity_gets_no_token(self, client: TestClient) -> None:
        answer = client.post("/widget/session", json={"user_id": "42", "signature": "00"})

        assert answer.status_code == 401

    def test_an_old_or_broken_token_is_replaced(self, client: TestClient) -> None:
        assert client.post("/widget/session", json={"token": "broken"}).status_code == 200


class TestWhatBothSidesSee:
    def test_reading_an_answer_tells_us_once(self, client: TestClient, chat: Chat) -> None:
        token = token_of(client)
        with client.websocket_connect("/ws/chat") as tab:
            join(tab, token)
            say(tab, "Hello")
            until(tab, "message")
            tab.send_json({"type": "read"})  # nothing of ours to read yet
            answer = Line(text="Hi!", at=NOW, channel=ChannelType.WEB_CHAT, author=Author.AGENT)
            sent = run_now(chat.store.write(lambda work: add(work, answer, delivery=DeliveryState.SENT)))
            chat.hub.publish(topic_of(TOKENS.read(token, NOW).address), {"message_id": sent.message_id})
            until(tab, "message")
            for _ in range(2):
                tab.send_json({"type": "read"})
            tab.send_json({"type": "ping"})
            until(tab, "pong")

        marks = [event for event in chat.taken if event.delivery is DeliveryState.READ]
        assert len(marks) == 1
        assert "watermark" in marks[0].metadata

    def test_an_agent_who_reads_or_writes_is_seen_by_the_visitor(self, client: TestClient, chat: Chat) -> None:
        token = token_of(client)
        visitor = TOKENS.read(token, NOW).address
        with client.websocket_connect("/ws/chat") as tab:
            join(tab, token)
            run_now(chat.channel.signal("widget", visitor, f"{visitor}:client-0001", typing=False))
            read = until(tab, "read")
            run_now(chat.channel.signal("widget", visitor, None, typing=True))

            assert read["client_id"] == "client-0001"
            assert until(tab, "typing") == {"type": "typing"}


@pytest.fixture
def asking(chat: Chat) -> Iterator[TestClient]:
    """A chat with a form before it."""
    app = FastAPI()
    deps = replace(chat.deps(), ask=("name", "order"), required=("name",), largest_file=1000)
    app.include_router(web_chat_router(deps))
    app.include_router(web_chat_files_router(deps))
    with TestClient(app) as browser:
        yield browser


def answered(client: TestClient, **answers: str) -> str:
    return str(client.post("/widget/session", json={"answers": answers}).json()["token"])


class TestAFormBeforeTheChat:
    def test_is_told_and_what_is_required_must_be_there(self, asking: TestClient, chat: Chat) -> None:
        fields = asking.get("/widget/form").json()["fields"]
        with asking.websocket_connect("/ws/chat") as tab:
            join(tab, answered(asking, order="4711"))
            say(tab, "Hello")
            refused = until(tab, "error")
        with asking.websocket_connect("/ws/chat") as tab:
            join(tab, answered(asking, name="Ana", unasked="x"))
            say(tab, "Hello")
            until(tab, "ack")

        assert fields == [{"name": "name", "required": True}, {"name": "order", "required": False}]
        assert (refused["code"], refused["again"]) == ("not_taken", False)
        (event,) = chat.taken
        assert event.sender_name == "Ana"
        assert event.metadata["told:name"] == "Ana"
        assert not any(key == "told:unasked" for key in event.metadata)
        assert not event.senders[0].verified

    def test_keeps_its_answers_when_the_visitor_returns(self, asking: TestClient) -> None:
        token = answered(asking, name="Ana")
        again = asking.post("/widget/session", json={"token": token}).json()["token"]

        assert TOKENS.read(str(again), NOW).answers == {"name": "Ana"}


class TestAVisitorsFile:
    def hand_in(self, client: TestClient, token: str, data: bytes = b"\x89PNG a picture", name: str = "lid.png") -> Any:
        return client.post(
            "/widget/attachments",
            headers={"x-visitor-token": token},
            files={"file": (name, data, "image/png")},
            data={"client_id": "file-00001", "text": "It looks like this"},
        )

    def test_becomes_a_message_with_its_bytes(self, asking: TestClient, chat: Chat) -> None:
        answer = self.hand_in(asking, answered(asking, name="Ana"))

        assert answer.status_code == 201
        (event,) = chat.taken
        (attachment,) = event.content.attachments
        assert (attachment.kind, attachment.name, event.content.text) == ("image", "lid.png", "It looks like this")
        assert chat.files == {"file": b"\x89PNG a picture"}

    @pytest.mark.parametrize(
        ("data", "name", "status"),
        [(b"x" * 1001, "big.png", 413), (b"MZ program", "lid.png", 422), (b"", "lid.png", 422), (b"x", "a.exe", 422)],
    )
    def test_that_may_not_be_kept_is_refused(
        self, asking: TestClient, chat: Chat, data: bytes, name: str, status: int
    ) -> None:
        assert self.hand_in(asking, answered(asking, name="Ana"), data, name).status_code == status
        assert chat.taken == []

    def test_needs_a_token_the_form_and_patience(self, asking: TestClient) -> None:
        token = answered(asking, name="Ana")
        statuses = [self.hand_in(asking, token).status_code for _ in range(11)]

        assert self.hand_in(asking, "forged.token").status_code == 401
        assert self.hand_in(asking, answered(asking)).status_code == 422
        assert statuses == [201] * 10 + [429]

"""A website visitor whose network lets no socket through talks over plain requests: nothing is lost, nothing comes twice."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from switchboard.api.web_chat import web_chat_router
from switchboard.api.web_chat_poll import WINDOWS, web_chat_poll_router
from switchboard.channels.web_chat import topic_of
from switchboard.domain.message import Author, ChannelType, DeliveryState
from switchboard.stores import open_sqlite
from tests.desk.samples import NOW, Line
from tests.desk.test_web_chat import TOKENS, Chat, add, join, token_of, until
from tests.desk.world import StandingClock, run_now


@pytest.fixture
def chat() -> Iterator[Chat]:
    store = open_sqlite(None, b"k" * 32, StandingClock())
    yield Chat(store=store)
    run_now(store.close())


@pytest.fixture
def client(chat: Chat) -> Iterator[TestClient]:
    app, deps = FastAPI(), chat.deps()
    app.include_router(web_chat_router(deps))
    app.include_router(web_chat_poll_router(deps))
    with TestClient(app) as browser:
        yield browser


@pytest.fixture
def token(client: TestClient) -> str:
    return token_of(client)


def poll(client: TestClient, token: str, wait_s: float = 0, **form: object) -> dict[str, Any]:
    answer = client.post("/widget/poll", json={"wait_s": wait_s, **form}, headers={"x-visitor-token": token})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def say(client: TestClient, token: str, text: str, client_id: str = "client-0001") -> list[dict[str, Any]]:
    frame = {"type": "message", "client_id": client_id, "text": text}
    answer = client.post("/widget/frames", json=frame, headers={"x-visitor-token": token})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["frames"]
    return found


def texts(answer: dict[str, Any]) -> list[str]:
    return [frame["text"] for frame in answer["frames"] if frame["type"] == "message"]


def our_answer(chat: Chat, token: str, text: str, *, state: DeliveryState = DeliveryState.SENT) -> str:
    """We write, and the visitor's windows hear that something is there."""
    line = Line(text=text, at=NOW, channel=ChannelType.WEB_CHAT, author=Author.AGENT)
    sent = run_now(chat.store.write(lambda work: add(work, line, delivery=state)))
    chat.hub.publish(topic_of(TOKENS.read(token, NOW).address), {"message_id": sent.message_id})
    return sent.message_id


def later(pool: ThreadPoolExecutor, client: TestClient, token: str, **form: Any) -> Future[dict[str, Any]]:
    waiting = pool.submit(poll, client, token, 20, **form)
    time.sleep(0.4)
    return waiting


class TestAVisitorWithoutASocket:
    def test_a_message_is_durable_when_it_is_acknowledged(self, chat: Chat, client: TestClient, token: str) -> None:
        assert say(client, token, "Hello") == [{"type": "ack", "client_id": "client-0001"}]
        assert [event.content.text for event in chat.taken] == ["Hello"]
        assert texts(poll(client, token)) == ["Hello"]

    def test_sent_again_after_a_lost_answer_it_is_one_message(self, client: TestClient, token: str) -> None:
        say(client, token, "Hello")
        say(client, token, "Hello")

        assert texts(poll(client, token)) == ["Hello"]

    def test_an_outage_is_told_and_the_message_may_come_again(self, chat: Chat, client: TestClient, token: str) -> None:
        chat.down = True

        (refused,) = say(client, token, "Hello")

        assert (refused["code"], refused["client_id"], refused["again"]) == ("not_taken", "client-0001", True)

    def test_a_waiting_poll_answers_as_soon_as_we_write(self, chat: Chat, client: TestClient, token: str) -> None:
        say(client, token, "Hello")
        first = poll(client, token)
        have = [frame["id"] for frame in first["frames"] if frame["type"] == "message"]
        with ThreadPoolExecutor() as pool:
            waiting = later(pool, client, token, after=first["frames"][0]["cursor"], have=have, state=first["state"])
            our_answer(chat, token, "How can I help?")
            answer = waiting.result(15)  # by itself it would wait for 20 s

        assert texts(answer) == ["How can I help?"]

    def test_one_announced_a_moment_before_it_counts_as_sent_is_shown(
        self, chat: Chat, client: TestClient, token: str
    ) -> None:
        say(client, token, "Hello")
        first = poll(client, token)
        have = [frame["id"] for frame in first["frames"] if frame["type"] == "message"]
        with ThreadPoolExecutor() as pool:
            waiting = later(pool, client, token, have=have, state=first["state"])
            our_answer(chat, token, "On its way", state=DeliveryState.PENDING)

            assert texts(waiting.result(10)) == ["On its way"]

    def test_one_announced_between_two_polls_is_found_by_the_next(
        self, chat: Chat, client: TestClient, token: str
    ) -> None:
        say(client, token, "Hello")
        first = poll(client, token)
        have = [frame["id"] for frame in first["frames"] if frame["type"] == "message"]
        our_answer(chat, token, "You were away")

        assert texts(poll(client, token, have=have, state=first["state"])) == ["You were away"]

    def test_a_slow_poll_without_news_ends_by_itself_and_says_nothing_twice(
        self, client: TestClient, token: str
    ) -> None:
        say(client, token, "Hello")
        first = poll(client, token)
        have = [frame["id"] for frame in first["frames"] if frame["type"] == "message"]

        again = poll(client, token, wait_s=1.5, have=have, state=first["state"])

        assert again == {"frames": [], "state": first["state"]}

    def test_writing_and_reading_of_ours_reach_a_waiting_poll(self, chat: Chat, client: TestClient, token: str) -> None:
        first = poll(client, token)
        topic = topic_of(TOKENS.read(token, NOW).address)
        with ThreadPoolExecutor() as pool:
            waiting = later(pool, client, token, state=first["state"])
            chat.hub.publish(topic, {"what": "typing"})

            assert waiting.result(10)["frames"] == [{"type": "typing"}]

    def test_what_was_read_is_told_once_there_is_something_to_read(
        self, chat: Chat, client: TestClient, token: str
    ) -> None:
        seen = {"x-visitor-token": token}
        say(client, token, "Hello")
        client.post("/widget/frames", json={"type": "read"}, headers=seen)
        nothing_yet = len(chat.taken)
        our_answer(chat, token, "Hi")
        client.post("/widget/frames", json={"type": "read"}, headers=seen)

        assert nothing_yet == 1
        assert chat.taken[-1].delivery is DeliveryState.READ


class TestComingBack:
    def test_after_a_gap_everything_comes_once_and_in_order(self, chat: Chat, client: TestClient, token: str) -> None:
        for number in range(18):
            say(client, token, f"Line {number}", f"client-{number:04}")
        shown = poll(client, token)["frames"]
        seen = [frame for frame in shown if frame["type"] == "message"]
        for number in range(18, 40):
            our_answer(chat, token, f"Line {number}")

        news = poll(client, token, after=seen[-1]["cursor"], have=[frame["id"] for frame in seen])

        assert texts({"frames": seen}) + texts(news) == [f"Line {number}" for number in range(40)]

    def test_it_goes_on_where_a_socket_broke_off(self, chat: Chat, client: TestClient, token: str) -> None:
        with client.websocket_connect("/ws/chat") as socket:
            join(socket, token)
            socket.send_json({"type": "message", "client_id": "client-0001", "text": "By socket"})
            first = until(socket, "message")
        our_answer(chat, token, "While the line was cut")

        assert texts(poll(client, token, after=first["cursor"], have=[first["id"]])) == ["While the line was cut"]

    def test_and_a_socket_goes_on_where_polling_ended(self, chat: Chat, client: TestClient, token: str) -> None:
        say(client, token, "By request")
        cursor = poll(client, token)["frames"][0]["cursor"]
        our_answer(chat, token, "Our answer")
        with client.websocket_connect("/ws/chat") as socket:
            join(socket, token, after=cursor)

            assert {until(socket, "message")["text"], until(socket, "message")["text"]} == {"By request", "Our answer"}

    def test_two_devices_each_get_what_the_other_wrote(self, client: TestClient, token: str) -> None:
        say(client, token, "From the phone")
        phone = poll(client, token)["frames"]
        with ThreadPoolExecutor() as pool:
            laptop = later(pool, client, token, have=[frame["id"] for frame in phone if frame["type"] == "message"],
                           state=poll(client, token)["state"])  # fmt: skip
            say(client, token, "From the tablet", "client-0002")

            assert texts(laptop.result(10)) == ["From the tablet"]


class TestWhoMayAsk:
    @pytest.mark.parametrize("path", ["/widget/poll", "/widget/frames"])
    def test_a_foreign_page_is_refused(self, client: TestClient, token: str, path: str) -> None:
        headers = {"x-visitor-token": token, "origin": "https://evil.example"}

        assert client.post(path, json={"type": "read"} if "frames" in path else {}, headers=headers).status_code == 403

    @pytest.mark.parametrize("path", ["/widget/poll", "/widget/frames"])
    @pytest.mark.parametrize("bad", ["", "x.y", "a" * 1999])
    def test_a_forged_token_is_refused(self, client: TestClient, path: str, bad: str) -> None:
        assert client.post(path, json={}, headers={"x-visitor-token": bad}).status_code == 401

    @pytest.mark.parametrize(
        "form",
        [
            {"after": "x" * 81},
            {"have": ["x"] * 101},
            {"have": ["x" * 81]},
            {"have": "x"},
            {"wait_s": -1},
            {"wait_s": 1e9},
            {"wait_s": "NaN"},
            {"state": ["x"]},
            {"unknown": 1},
            [],
        ],
    )
    def test_what_cannot_be_read_is_refused(self, client: TestClient, token: str, form: object) -> None:
        assert client.post("/widget/poll", json=form, headers={"x-visitor-token": token}).status_code == 422

    @pytest.mark.parametrize(
        "after", ["cnv_visitor.-1", "cnv_visitor.99999999999", "'; DROP TABLE messages;--", "cnv_other.3"]
    )
    def test_a_made_up_cursor_shows_only_ones_own_conversation(
        self, client: TestClient, token: str, after: str
    ) -> None:
        say(client, token, "Mine")
        stranger = token_of(client)

        assert texts(poll(client, token, after=after)) == ["Mine"]
        assert texts(poll(client, stranger, after=after)) == []

    @pytest.mark.parametrize(
        "frame",
        [b"", b"[]", b'{"type":"join","token":"x"}', b'{"type":"message","client_id":"../../x","text":"x"}', b"\xff"],
    )
    def test_a_frame_that_is_none_is_refused(self, chat: Chat, client: TestClient, token: str, frame: bytes) -> None:
        answer = client.post("/widget/frames", content=frame, headers={"x-visitor-token": token})

        assert (answer.status_code, chat.taken) == (422, [])

    def test_a_frame_that_is_too_large_is_refused(self, client: TestClient, token: str) -> None:
        answer = client.post("/widget/frames", content=b"x" * 20_000, headers={"x-visitor-token": token})

        assert answer.status_code == 413

    def test_messages_have_the_sockets_limit(self, client: TestClient, token: str) -> None:
        answers = [say(client, token, "Again", f"client-{number:04}")[0] for number in range(21)]

        assert [answer["type"] for answer in answers[:20]] == ["ack"] * 20
        assert answers[20]["detail"] == "too many messages in a minute"

    def test_requests_have_the_limit_of_frames_and_are_told_to_wait(self, client: TestClient, token: str) -> None:
        answers = [
            client.post("/widget/frames", json={"type": "typing"}, headers={"x-visitor-token": token})
            for _ in range(241)
        ]

        assert (answers[239].status_code, answers[240].status_code) == (200, 429)
        assert answers[240].headers["retry-after"] == "5"

    def test_one_visitor_holds_only_so_many_polls_open(self, client: TestClient, token: str) -> None:
        state = poll(client, token)["state"]
        headers = {"x-visitor-token": token}
        with ThreadPoolExecutor(WINDOWS + 1) as pool:
            open_ones = [pool.submit(poll, client, token, 2.5, state=state) for _ in range(WINDOWS)]
            time.sleep(1)
            one_more = client.post("/widget/poll", json={"wait_s": 1, "state": state}, headers=headers)
            for one in open_ones:
                one.result(10)

        assert one_more.status_code == 429
        assert poll(client, token)["state"] == state

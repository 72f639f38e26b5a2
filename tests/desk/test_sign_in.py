"""Signing in, staying signed in, and the very first administrator."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from switchboard.desk.sign_in import hash_token, new_setup_token
from switchboard.ports.records import UserRecord
from switchboard.ports.store import Store
from switchboard.stores import open_sqlite
from tests.desk.samples import NOW
from tests.desk.world import CHEAP, Desk, StandingClock, make_desk, run_now

PASSWORD = "correct horse battery"


@pytest.fixture
def empty() -> Iterator[Store]:
    store = open_sqlite(None, b"k" * 32, StandingClock())
    yield store
    run_now(store.close())


@pytest.fixture
def door(empty: Store) -> Desk:
    return make_desk(empty, real_sign_in=True)


@pytest.fixture
def stranger(door: Desk) -> Iterator[TestClient]:
    with TestClient(door.app, follow_redirects=False) as client:
        yield client


def add_user(desk: Desk, *, disabled: bool = False) -> None:
    user = UserRecord(
        user_id="usr_ana",
        email="ana@larkfield.example",
        name="Ana",
        password_hash=CHEAP.hash(PASSWORD),
        roles=frozenset({"agent"}),
        created_at=NOW,
        disabled=disabled,
    )
    run_now(desk.write(lambda work: work.access.save_user(user)))


def sign_in(client: TestClient, password: str = PASSWORD, email: str = "Ana@Larkfield.example ") -> int:
    return client.post("/sign-in", data={"email": email, "password": password}).status_code


class TestTheFirstAdministrator:
    def test_the_printed_link_makes_one_and_signs_in(self, stranger: TestClient, door: Desk) -> None:
        token = run_now(door.write(lambda work: new_setup_token(work, NOW)))
        form = {"token": token or "", "email": "Boss@x.example", "name": "Boss", "password": PASSWORD}

        answer = stranger.post("/setup", data=form)

        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        assert stranger.get("/").status_code == 200
        assert stranger.post("/setup", data=form).status_code == 409

    @pytest.mark.parametrize(
        ("changed", "said"),
        [
            ({"token": "guess"}, "not valid any more"),
            ({"password": "short"}, "12 to 128 characters"),
            ({"email": "boss"}, "ana@example.com"),
            ({"name": " "}, "Write your name"),
        ],
    )
    def test_a_wrong_form_says_what_to_mend_and_makes_nobody(
        self, stranger: TestClient, door: Desk, changed: dict[str, str], said: str
    ) -> None:
        token = run_now(door.write(lambda work: new_setup_token(work, NOW)))
        form = {"token": token or "", "email": "boss@x.example", "name": "Boss", "password": PASSWORD}

        answer = stranger.post("/setup", data={**form, **changed})

        assert answer.status_code in (403, 422)
        assert said in answer.text
        assert run_now(door.store.read(lambda work: work.access.users())) == ()

    def test_no_link_is_made_once_somebody_can_sign_in(self, door: Desk) -> None:
        add_user(door)

        assert run_now(door.write(lambda work: new_setup_token(work, NOW))) is None


class TestSigningIn:
    def test_the_right_password_opens_the_desk_and_the_cookie_is_out_of_reach_of_scripts(
        self, stranger: TestClient, door: Desk
    ) -> None:
        add_user(door)

        answer = stranger.post(
            "/sign-in", data={"email": "ana@larkfield.example", "password": PASSWORD, "next": "/desk/queue"}
        )

        assert (answer.status_code, answer.headers["location"]) == (303, "/desk/queue")
        assert "HttpOnly" in answer.headers["set-cookie"]
        assert stranger.get("/").status_code == 200

    @pytest.mark.parametrize("email", ["ana@larkfield.example", "nobody@larkfield.example"])
    def test_a_wrong_password_and_an_unknown_address_hear_the_same(
        self, stranger: TestClient, door: Desk, email: str
    ) -> None:
        add_user(door)

        answer = stranger.post("/sign-in", data={"email": email, "password": "wrong wrong wrong"})

        assert answer.status_code == 401
        assert "That e-mail address and password do not belong together." in answer.text

    def test_guessing_is_slowed_down_even_with_the_right_password_at_last(
        self, stranger: TestClient, door: Desk
    ) -> None:
        add_user(door)
        tries = [sign_in(stranger, f"guess number {n}") for n in range(8)]

        assert tries == [401] * 8
        assert sign_in(stranger) == 429

    def test_a_disabled_person_is_out_at_once(self, stranger: TestClient, door: Desk) -> None:
        add_user(door)
        sign_in(stranger)
        add_user(door, disabled=True)

        assert stranger.get("/").status_code == 303
        assert sign_in(stranger) == 401

    @pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "/\\evil.example", "evil"])
    def test_signing_in_never_leads_to_another_site(self, stranger: TestClient, door: Desk, target: str) -> None:
        add_user(door)

        answer = stranger.post(
            "/sign-in", data={"email": "ana@larkfield.example", "password": PASSWORD, "next": target}
        )

        assert answer.headers["location"] == "/"

    def test_a_form_on_another_site_cannot_sign_anybody_in(self, stranger: TestClient, door: Desk) -> None:
        add_user(door)

        answer = stranger.post(
            "/sign-in",
            data={"email": "ana@larkfield.example", "password": PASSWORD},
            headers={"origin": "https://evil.example"},
        )

        assert answer.status_code == 403


class TestStayingSignedIn:
    @pytest.mark.parametrize(("away", "inside"), [(timedelta(minutes=90), True), (timedelta(hours=3), False)])
    def test_a_session_ends_after_two_idle_hours(
        self, stranger: TestClient, door: Desk, away: timedelta, inside: bool
    ) -> None:
        add_user(door)
        sign_in(stranger)
        door.clock.at = NOW + away

        assert (stranger.get("/").status_code == 200) is inside

    def test_a_session_ends_after_half_a_day_however_busy(self, stranger: TestClient, door: Desk) -> None:
        add_user(door)
        sign_in(stranger)
        for hour in range(1, 12):
            door.clock.at = NOW + timedelta(hours=hour)
            assert stranger.get("/f/counts").status_code == 200
        door.clock.at = NOW + timedelta(hours=12)

        assert stranger.get("/").status_code == 303

    def test_signing_out_ends_the_session_on_the_server(self, stranger: TestClient, door: Desk) -> None:
        add_user(door)
        sign_in(stranger)
        cookie = stranger.cookies["switchboard"]
        session = run_now(door.store.read(lambda work: work.access.session(hash_token(cookie))))
        assert session is not None

        stranger.post("/sign-out", data={"csrf": session.csrf})
        stranger.cookies.set("switchboard", cookie)

        assert stranger.get("/").status_code == 303

    def test_the_store_never_holds_the_cookie_itself(self, stranger: TestClient, door: Desk) -> None:
        add_user(door)
        sign_in(stranger)
        cookie = stranger.cookies["switchboard"]

        assert run_now(door.store.read(lambda work: work.access.session(cookie))) is None

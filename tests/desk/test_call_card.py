"""The call card: what the telephone is doing in a conversation, and the button for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from switchboard.domain.call import Call, CallOutcome, CallStage, CallStatus
from switchboard.domain.customer import Identity
from switchboard.domain.message import ChannelType
from switchboard.errors import Conflict
from switchboard.ports.store import Work
from tests.desk.samples import MAYA, NOW, PRIYA
from tests.desk.test_pages import CSRF, words
from tests.desk.world import Desk, run_now

PAGE = f"/f/conversations/{PRIYA}"
WAITING = Call(
    call_id="CA1", account="+4930999", started_at=NOW - timedelta(minutes=4), updated_at=NOW,
    status=CallStatus.IN_PROGRESS, stage=CallStage.QUEUED, waiting_since=NOW - timedelta(minutes=2),
)  # fmt: skip
GAVE_UP = replace(
    WAITING, status=CallStatus.COMPLETED, stage=CallStage.OVER, outcome=CallOutcome.GAVE_UP, waited_s=120.0,
    ended_at=NOW,
)  # fmt: skip


@pytest.fixture
def called(desk: Desk) -> Desk:
    """Maya has a telephone, and the customer's number is known."""
    desk.telephones = frozenset({MAYA})

    def story(work: Work) -> None:
        talk = work.conversations.get(PRIYA)
        assert talk is not None
        number = Identity(channel=ChannelType.VOICE, address="+447700900555", account="+4930999", verified=True)
        work.customers.add_identity(talk.customer_id, number)

    run_now(desk.write(story))
    return desk


def has(desk: Desk, call: Call) -> None:
    def story(work: Work) -> None:
        talk = work.conversations.get(PRIYA)
        assert talk is not None
        work.calls.save(replace(call, conversation_id=PRIYA, customer_id=talk.customer_id))
        work.conversations.save(replace(talk, needs_reply_since=NOW))

    run_now(desk.write(story))


def test_a_customer_whose_number_is_known_can_be_called(called: Desk, browser: TestClient) -> None:
    page = browser.get(PAGE).text

    assert 'data-call="call"' in page
    assert "+447700900555: your telephone rings first" in page
    assert 'id="call-card" role="status" hidden' in page


def test_nobody_can_be_called_where_no_telephone_is_set_up(called: Desk, browser: TestClient) -> None:
    called.telephones = frozenset()

    assert "data-call" not in browser.get(PAGE).text


def test_who_waits_on_the_telephone_can_be_taken(called: Desk, browser: TestClient) -> None:
    has(called, WAITING)

    page = browser.get(PAGE).text

    assert "Waits for a person, since" in words(page)
    assert 'data-call="take-call"' in page
    assert 'data-call="call"' not in page


def test_who_gave_up_waiting_is_offered_a_call_back(called: Desk, browser: TestClient) -> None:
    has(called, GAVE_UP)

    page = browser.get(PAGE).text

    assert "Gave up waiting after 2 min, at" in words(page)
    assert "Call back" in words(page)


@pytest.mark.parametrize("outcome", [o for o in CallOutcome if o not in (CallOutcome.ANSWERED, CallOutcome.CONNECTED)])
def test_every_end_that_leaves_somebody_waiting_is_told(
    called: Desk, browser: TestClient, outcome: CallOutcome
) -> None:
    has(called, replace(GAVE_UP, outcome=outcome))

    assert 'class="tag warn"' in browser.get(PAGE).text.partition('id="call-card"')[2].partition("</div>")[0]


@pytest.mark.parametrize("stage", [stage for stage in CallStage if stage is not CallStage.OVER])
@pytest.mark.parametrize("ours", [True, False])
def test_every_moment_of_a_call_is_told(called: Desk, browser: TestClient, stage: CallStage, ours: bool) -> None:
    has(called, replace(WAITING, stage=stage, agent_id=MAYA if ours else None))

    card = browser.get(PAGE).text.partition('id="call-card"')[2].partition("</div>")[0]

    assert "On the telephone" in card
    assert 'data-call="call"' not in card


@pytest.mark.parametrize(("door", "noted"), [("take-call", "take_call"), ("call", "call")])
def test_both_buttons_ask_for_it_once_with_the_sessions_token(
    called: Desk, browser: TestClient, door: str, noted: str
) -> None:
    assert browser.post(f"/desk/conversations/{PRIYA}/{door}").status_code == 403

    answer = browser.post(f"/desk/conversations/{PRIYA}/{door}", headers=CSRF)

    assert (answer.status_code, called.actions.asked) == (200, [(noted, MAYA, PRIYA)])


def test_a_refusal_is_told(called: Desk, browser: TestClient) -> None:
    called.actions.refuse = Conflict("nobody waits on the telephone here any more")

    answer = browser.post(f"/desk/conversations/{PRIYA}/take-call", headers=CSRF)

    assert answer.status_code == 409
    assert "nobody waits" in answer.text


def test_the_list_marks_who_waits_on_the_telephone(called: Desk, browser: TestClient) -> None:
    row = f"/f/conversations/{PRIYA}/row"
    assert "Waits on the telephone" not in browser.get(row).text

    def by_voice(work: Work) -> None:
        talk = work.conversations.get(PRIYA)
        assert talk is not None
        work.conversations.save(replace(talk, channels=(*talk.channels, ChannelType.VOICE)))

    run_now(called.write(by_voice))
    has(called, WAITING)
    assert "Waits on the telephone" in browser.get(row).text

    has(called, replace(GAVE_UP, version=1))
    assert "Waits on the telephone" not in browser.get(row).text

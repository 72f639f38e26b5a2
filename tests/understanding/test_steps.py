"""Steps outside the service path: announced in the message, or told as what lies behind."""

from __future__ import annotations

import pytest

from switchboard.understanding.steps import announces_step, tells_of_step


class TestAStepThatIsAnnounced:
    @pytest.mark.parametrize(
        "text",
        [
            "If this is not fixed by Friday I will file a complaint with the ombudsman.",
            "I am filing this complaint to have the account corrected.",
            "We intend to take legal action against your company",
            "Dear CFPB, they have charged me twice and refuse to answer.",
            "I'm asking the attorney general to look at your fees.",
            "CFPB must step in here.",
            "My lawyer will be in touch.",
            "I won't wait any longer. I'll see you in court.",
            "I want to make an official complaint",
            "Failure to respond within ten days leaves me no choice but to sue.",
            "I will not hesitate to contact the press.",
        ],
    )
    def test_is_seen(self, text: str) -> None:
        assert announces_step(text)

    @pytest.mark.parametrize(
        "text",
        [
            "We will not sue anybody, we only want the parcel.",
            "I reported it to the police last week, please block the card.",
            "How do I dispute a charge?",
            "Where is my order LC-48213?",
            "I study law and need a lawyer joke for my blog",
            "",
        ],
    )
    def test_is_not_seen_where_there_is_none(self, text: str) -> None:
        assert not announces_step(text)


class TestAStepThatIsOnlyTold:
    @pytest.mark.parametrize(
        "text",
        [
            "I already filed a complaint last year and nothing happened.",
            "I have reported them to the CFPB before.",
            "I spoke to a manager who was rude.",
        ],
    )
    def test_is_seen_as_told_and_not_as_announced(self, text: str) -> None:
        assert tells_of_step(text)
        assert not announces_step(text)

    def test_is_not_seen_in_a_plain_question(self) -> None:
        assert not tells_of_step("Can I change the address of my order?")


class TestALongText:
    @pytest.mark.parametrize("part", ["i will ", "please would ", "i have filed ", "we are going to file a "])
    def test_of_nothing_but_beginnings_announces_nothing(self, part: str) -> None:
        assert not announces_step(part * 20_000)
        assert not tells_of_step(part * 20_000)

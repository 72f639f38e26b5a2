"""Real mails with their right reading: Zammad's, Chatwoot's and the broken ones of two mail libraries."""

from __future__ import annotations

import pytest

from tests.channels.email.mail_cases import (
    MailCase,
    ReplyCase,
    differences,
    folder_cases,
    read,
    reply_cases,
    reply_is_right,
    zammad_cases,
)

NOT_TRIMMED_RIGHT = {
    "mpr-email_1_3.txt": "wants words that stand only in the quote, and the quote left out",
}


class TestZammadsMails:
    @pytest.mark.parametrize("case", zammad_cases(), ids=lambda case: case.name)
    def test_is_read_as_its_fixture_says(self, case: MailCase) -> None:
        assert differences(read(case), case.expect, exact_text=True) == []

    def test_all_of_them_are_there(self) -> None:
        assert len(zammad_cases()) == 53


class TestChatwootsMails:
    @pytest.mark.parametrize("case", folder_cases("chatwoot"), ids=lambda case: case.name)
    def test_is_read_as_its_fixture_says(self, case: MailCase) -> None:
        assert differences(read(case), case.expect, exact_text=False) == []


class TestBrokenMails:
    @pytest.mark.parametrize("case", folder_cases("mime"), ids=lambda case: case.name)
    def test_is_read_as_its_fixture_says(self, case: MailCase) -> None:
        assert differences(read(case), case.expect, exact_text=False) == []


class TestAnswersAboveQuotes:
    @pytest.mark.parametrize("case", reply_cases(), ids=lambda case: case.name)
    def test_leaves_what_the_person_newly_wrote(self, case: ReplyCase) -> None:
        assert reply_is_right(case) == (case.name not in NOT_TRIMMED_RIGHT)

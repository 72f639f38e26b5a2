"""Links behind words: what a customer points at must not be lost when HTML becomes text."""

from __future__ import annotations

import pytest

from switchboard.channels.email.links import MOST_LINKS, hidden_links
from switchboard.channels.email.message import parse_mail

HEAD = b"From: a@b.example\nSubject: x\nContent-Type: text/html; charset=utf-8\n"


def links_of(page: str, head: bytes = HEAD) -> str | None:
    return parse_mail(head + b"\n" + page.encode()).event.metadata.get("links")


class TestALinkBehindWords:
    def test_is_kept_beside_the_text(self) -> None:
        assert links_of('<p>See <a class="x" href="https://track.example/?a=1&amp;b=2">my parcel</a></p>') == (
            "https://track.example/?a=1&b=2"
        )

    @pytest.mark.parametrize(
        "page",
        [
            '<a href="https://track.example/1">https://track.example/1</a>',
            '<a href="mailto:a@b.example">write</a>',
            '<a href="javascript:alert(1)">click</a>',
            '<a href="https://pixel.example"><img src="x"></a>',
            "<a href=>x</a>",
        ],
    )
    def test_that_is_seen_anyway_or_leads_nowhere_is_not_told(self, page: str) -> None:
        assert links_of(page) is None

    def test_in_the_quoted_mail_is_not_the_writer_s(self) -> None:
        quoted = '<blockquote type="cite"><a href="https://shop.example/order">Your order</a></blockquote>'

        assert links_of(f"<p>Yes.</p><p>On 1 May 2026, Bob wrote:</p>{quoted}") is None

    def test_in_a_newsletter_is_left_alone(self) -> None:
        assert links_of('<a href="https://x.example">Buy</a>', HEAD + b"List-Unsubscribe: <https://u>\n") is None

    @pytest.mark.timeout(20)
    def test_is_one_of_a_few_however_many_there_are(self) -> None:
        page = "".join(f'<a href="https://x.example/{place}">word</a> ' for place in range(20_000))

        assert len(hidden_links(page, "word")) == MOST_LINKS
        assert hidden_links("<a " * 100_000, "word") == ()

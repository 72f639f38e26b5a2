"""Messages as tests of understanding need them: any text at all, and the awkward ones by name."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import strategies as st

AT = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)  # a Monday

AWKWARD = {
    "empty": "",
    "spaces": " \n\t ",
    "one emoji": "😡",
    "one letter": "a",
    "digits": "123456",
    "NUL inside": "my\x00order\x00",
    "lone surrogate": "broken \ud800 text",
    "right to left": "‮desrever‬ שלום",
    "base64": "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo" * 200,
    "a quarter megabyte": "I want my order 12345 back! " * 9_400,
    "one endless word": "x" * 256_000,
    "punctuation": "!?#@-/.,$€" * 800,
    "nested markup": "<b>" * 3_000,
    "combining marks": "e" + "\u0301" * 5_000,
    "Chinese": "我的订单在哪里？",
}

PHRASES = (
    *("where", "is", "my", "order", "refund", "now", "please", "thanks", "broken", "still", "the", "speak", "human"),
    *("manager", "cancel", "great", "terrible", "?", "!", "#12345", "$20", "I want", "urgent"),
)

any_text = st.one_of(
    st.text(max_size=400),
    st.text(alphabet=st.characters(), max_size=60),
    st.sampled_from(sorted(AWKWARD.values(), key=len)[:11]),
    st.lists(
        st.sampled_from(PHRASES),
        max_size=30,
    ).map(" ".join),
)

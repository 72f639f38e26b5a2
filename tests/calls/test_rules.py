"""The rules of a call: whatever happens, nobody is left in silence and every call comes to an end."""

from __future__ import annotations

import doctest

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from switchboard.calls import speech
from switchboard.calls.phrases import CHOICES, PHRASES, WITHOUT_WAIT, phrase
from switchboard.calls.rules import CallFacts, CallLimits, Phrase, next_step
from switchboard.calls.speech import LISTENABLE, shortened, speakable
from switchboard.domain.call import CallAct, CallHeard, CallKey, CallStage
from switchboard.domain.conversation import Handler

FACTS = st.builds(
    CallFacts,
    heard=st.sampled_from([h for h in CallHeard if h not in (CallHeard.ENDED, CallHeard.NOTICE)]),
    stage=st.sampled_from([stage for stage in CallStage if stage is not CallStage.OVER]),
    key=st.none() | st.sampled_from(list(CallKey)),
    words=st.booleans(),
    only_notice=st.booleans(),
    handler=st.sampled_from(list(Handler)),
    owed=st.booleans(),
    line=st.booleans(),
    hidden=st.booleans(),
    outbound=st.booleans(),
    dial_answered=st.booleans(),
    misses=st.integers(0, 5),
    holds=st.integers(0, 20),
    waited_s=st.floats(0, 2000),
    told_s=st.floats(0, 2000),
    queue=st.booleans(),
    in_queue=st.booleans(),
)

IN_QUEUE = {CallAct.KEEP, CallAct.LEAVE, CallAct.HANG_UP}
"""What a provider can do with somebody in its queue."""


@settings(max_examples=300, deadline=None)
@given(facts=FACTS)
def test_each_step_speaks_listens_or_waits_with_an_end(facts: CallFacts) -> None:
    step = next_step(facts)

    assert step.act is not CallAct.NOTHING
    assert step.reason
    assert (step.act in IN_QUEUE) if facts.in_queue else (step.act not in {CallAct.KEEP, CallAct.LEAVE})
    if step.act not in (CallAct.HOLD, CallAct.ENQUEUE, CallAct.KEEP, CallAct.LEAVE):
        assert step.say, "nobody hears silence"
    if step.act is CallAct.HANG_UP:
        assert step.stage is CallStage.OVER


@settings(max_examples=200, deadline=None)
@given(facts=FACTS)
def test_a_hidden_number_is_never_promised_a_call_back(facts: CallFacts) -> None:
    step = next_step(facts)
    promises = {Phrase.CALL_BACK, Phrase.TAKES_LONGER, Phrase.OPTIONS, Phrase.OFFER}

    assert not (facts.hidden and promises & set(step.say))


@settings(max_examples=100, deadline=None)
@given(handler=st.sampled_from(list(Handler)), hidden=st.booleans(), line=st.booleans(), owed=st.booleans())
def test_a_caller_who_never_says_a_word_more_is_not_held_for_ever(
    handler: Handler, hidden: bool, line: bool, owed: bool
) -> None:
    limits, stage, misses, holds, waited = CallLimits(), CallStage.THINKING, 0, 0, 0.0
    for _ in range(200):
        facts = CallFacts(
            heard=CallHeard.WAITED if stage is CallStage.THINKING else CallHeard.SILENCE, stage=stage, handler=handler,
            hidden=hidden, line=line, owed=owed, misses=misses, holds=holds, waited_s=waited, told_s=10.0,
        )  # fmt: skip
        step = next_step(facts, limits)
        if step.act in (CallAct.HANG_UP, CallAct.RECORD, CallAct.DIAL):
            return
        stage, misses, holds, waited = step.stage, step.misses, step.holds, waited + 10.0
    raise AssertionError("the call never ends")


@settings(max_examples=100, deadline=None)
@given(handler=st.sampled_from(list(Handler)), hidden=st.booleans(), owed=st.booleans(), queue=st.booleans())
def test_nobody_stays_in_the_queue_for_ever(handler: Handler, hidden: bool, owed: bool, queue: bool) -> None:
    for waited in range(0, 700, 10):
        step = next_step(
            CallFacts(
                heard=CallHeard.WAITED, stage=CallStage.QUEUED, handler=handler, hidden=hidden, owed=owed, queue=queue,
                in_queue=True, waited_s=float(waited), told_s=10.0,
            )
        )  # fmt: skip
        if step.act is not CallAct.KEEP:
            return
    raise AssertionError("they wait for ever")


def test_the_wait_is_announced_before_the_options() -> None:
    step = next_step(CallFacts(heard=CallHeard.WAITED, stage=CallStage.THINKING, handler=Handler.QUEUE))

    assert (step.act, step.say) == (CallAct.HOLD, (Phrase.WAIT, Phrase.OPTIONS))


@pytest.mark.parametrize("language", sorted(PHRASES))
def test_every_language_has_every_sentence(language: str) -> None:
    spoken = set(Phrase) - {Phrase.WORDS, Phrase.REPEAT}

    assert set(PHRASES[language]) == spoken
    assert set(CHOICES[language]) == {key.value for key in CallKey}
    for name in spoken:
        assert "{" not in phrase(name, language, business="Larkfield", wait="5 minutes")
        assert "{" not in phrase(name, language, business="Larkfield")
    assert set(WITHOUT_WAIT[language]) == {Phrase.WAIT, Phrase.CALL_BACK}


def test_an_unknown_language_hears_english() -> None:
    assert phrase(Phrase.GOODBYE, "xx-YY") == PHRASES["en"][Phrase.GOODBYE]


class TestHowAnAnswerSounds:
    def test_without_marks_and_without_addresses_read_out(self) -> None:
        written = (
            "## Returns\n\n- **30 days** [1]\n- with the [form](https://shop.example/form)\n\n"
            "More at https://shop.example/returns?id=4711."
        )

        assert speakable(written, "en-US") == "Returns. 30 days. with the form. More at our website."

    def test_the_example_holds(self) -> None:
        assert doctest.testmod(speech).failed == 0

    def test_ends_after_a_whole_sentence(self) -> None:
        assert shortened("One two. Three four. Five six seven.", 22) == "One two. Three four."

    @settings(max_examples=200, deadline=None)
    @given(text=st.text(max_size=3000))
    def test_is_never_longer_than_one_can_listen(self, text: str) -> None:
        assert len(speakable(text, "de-DE", LISTENABLE)) <= LISTENABLE

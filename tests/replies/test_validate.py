"""The gate: what may not leave does not leave, and what is fine is not held back."""

from __future__ import annotations

import base64
from dataclasses import replace
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from switchboard.domain.message import ChannelType
from switchboard.domain.reading import Language
from switchboard.domain.reply import GeneratedResponse, ValidationResult
from switchboard.replies.compose import compose
from switchboard.replies.context import ResponseContext
from switchboard.replies.personal_data import normalised
from switchboard.replies.validate import ApprovedReply, ValidationFacts, approve, facts_for, validate
from tests.properties import design_property
from tests.replies.cases import BRAND, context, profile, reading

SEEN = context()
FINE = compose(SEEN)
OTHERS = frozenset(
    normalised(value) for value in ("anna.schmidt@mail.example", "+49 170 5551234", "77 Harbour Street", "Anna Schmidt")
)


def facts(seen: ResponseContext = SEEN, draft: GeneratedResponse = FINE) -> ValidationFacts:
    return facts_for(seen, draft, others=OTHERS.__contains__)


def failed(draft: GeneratedResponse, known: ValidationFacts | None = None) -> set[str]:
    return {check.name for check in validate(draft, known or facts()).checks if not check.passed}


def adding(words: str) -> GeneratedResponse:
    return replace(FINE, text=f"{FINE.text}\n\n{words}")


class TestTheOnlyWayOut:
    @design_property(40)
    @settings(max_examples=100, deadline=None)
    @given(st.text(max_size=80), st.floats(min_value=0, max_value=1), st.booleans())
    def test_only_a_draft_that_passed_every_check_becomes_a_reply(
        self, words: str, confidence: float, valid: bool
    ) -> None:
        """Feature: omnichannel-cx-platform, Property 40: Response Safety Validation"""
        draft = replace(adding(words), confidence=confidence)
        verdict = approve(draft, facts())
        assert (verdict.reply is not None) == verdict.result.is_valid
        assert verdict.result.is_valid == all(check.passed for check in verdict.result.checks)
        with pytest.raises(TypeError):
            ApprovedReply(draft, ValidationResult(is_valid=valid, violations=(), contains_pii=False), object())

    def test_nobody_imitates_an_approved_reply(self) -> None:
        with pytest.raises(TypeError):
            type("Fake", (ApprovedReply,), {})

    def test_a_validator_that_breaks_approves_nothing(self) -> None:
        def broken(identifier: str) -> bool:
            raise RuntimeError("look-up failed")

        verdict = approve(FINE, replace(facts(), others=broken))
        assert verdict.reply is None
        assert verdict.result.violations[0].type == "validator_failed"

    def test_a_good_draft_passes_and_every_check_is_told(self) -> None:
        verdict = approve(FINE, facts())
        assert verdict.reply is not None
        assert verdict.reply.text == FINE.text
        assert len(verdict.result.checks) == 10
        assert all(check.detail for check in verdict.result.checks)


LOCAL = st.from_regex(r"[a-z]{2,8}\.[a-z]{2,8}", fullmatch=True)
DISGUISES = (
    lambda mail: mail,
    str.upper,
    lambda mail: mail.replace("@", " (at) ").replace(".", " (dot) "),
    lambda mail: mail.replace("@", " at ").replace(".", " dot "),
    lambda mail: mail.replace("a", "а").replace("e", "е").replace("o", "о"),
    lambda mail: "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in mail),
    lambda mail: "\u200b".join(mail),
    lambda mail: base64.b64encode(mail.encode()).decode(),
    lambda mail: base64.urlsafe_b64encode(mail.encode()).decode().rstrip("="),
    lambda mail: quote(mail, safe="").replace(".", "%2E"),
    lambda mail: mail.encode().hex(),
    lambda mail: mail.replace("@", "&#64;"),
    lambda mail: mail[::-1],
    lambda mail: mail.replace("@", " @ "),
)
DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
PHONES = st.from_regex(r"\+(49|44|33|1)[1-9][0-9]{8,9}", fullmatch=True)
PHONE_DISGUISES = (
    lambda phone: phone,
    lambda phone: " ".join(phone),
    lambda phone: f"{phone[:3]} {phone[3:6]} {phone[6:9]} {phone[9:]}",
    lambda phone: f"{phone[:3]} ({phone[3:6]}) {phone[6:9]}-{phone[9:]}",
    lambda phone: phone.replace("+", "00"),
    lambda phone: ".".join((phone[:3], phone[3:6], phone[6:])),
    lambda phone: " ".join(DIGITS[int(digit)] for digit in phone[1:]),
)
STREETS = st.tuples(
    st.integers(min_value=1, max_value=999),
    st.sampled_from(["Harbour Street", "Old Mill Road", "Kings Avenue", "High St", "Park Lane"]),
)


class TestPersonalDataOfOthers:
    @design_property(41)
    @settings(max_examples=150, deadline=None)
    @given(LOCAL, st.sampled_from(["mail.example", "gmail.com", "posteo.de"]), st.sampled_from(DISGUISES))
    def test_no_other_address_leaves_however_it_is_written(self, local: str, host: str, disguise) -> None:  # type: ignore[no-untyped-def]  # a table of lambdas
        """Feature: omnichannel-cx-platform, Property 41: PII Protection"""
        draft = adding(f"You can write to {disguise(f'{local}@{host}')} as well.")
        result = validate(draft, facts())
        assert result.contains_pii
        assert not result.is_valid

    @design_property(41)
    @settings(max_examples=150, deadline=None)
    @given(PHONES, st.sampled_from(PHONE_DISGUISES))
    def test_no_other_number_leaves_however_it_is_written(self, phone: str, disguise) -> None:  # type: ignore[no-untyped-def]  # a table of lambdas
        """Feature: omnichannel-cx-platform, Property 41: PII Protection"""
        assert validate(adding(f"The number is {disguise(phone)} today."), facts()).contains_pii

    @design_property(41)
    @settings(max_examples=100, deadline=None)
    @given(STREETS)
    def test_no_other_postal_address_leaves(self, street: tuple[int, str]) -> None:
        """Feature: omnichannel-cx-platform, Property 41: PII Protection"""
        assert validate(adding(f"They live at {street[0]} {street[1]}."), facts()).contains_pii

    @pytest.mark.parametrize(
        "words",
        [
            "Anna Schmidt says hello.",
            "ANNA  SCHMIDT",
            "Ａｎｎａ Schmidt",
            "Аnna Schmidt",
            "anna-schmidt",
            "Änna Schmidt",
        ],
    )
    def test_names_of_other_customers_are_looked_up(self, words: str) -> None:
        assert "personal_data" in failed(adding(words))

    @pytest.mark.parametrize(
        "words",
        [
            "Rue de la Paix 12",
            "Lange Gasse 7",
            "Hauptstrasse 5, 10115 Berlin",
            "P.O. Box 1234",
            "4111 1111 1111 1111",
            "DE89 3704 0044 0532 0130 00",
            "078-05-1120",
        ],
    )
    def test_other_kinds_of_personal_data(self, words: str) -> None:
        assert validate(adding(words), facts()).contains_pii

    @settings(max_examples=100, deadline=None)
    @given(LOCAL, PHONES)
    def test_the_recipients_own_data_is_no_leak(self, local: str, phone: str) -> None:
        own = replace(profile(), email=f"{local}@mail.example", phone=phone, location="12 Kings Avenue, Leeds")
        seen = context(customer=own)
        draft = adding(f"We have {local}@mail.example, {phone[:3]} {phone[3:]} and 12 Kings Avenue.")
        assert not validate(draft, facts(seen)).contains_pii

    def test_published_contacts_are_no_leak(self) -> None:
        asked = context("How can I contact you?", understood=reading(topic="support_service"))
        draft = compose(asked)
        assert "help@larkfield.example" in draft.text
        assert approve(draft, facts(asked, draft)).reply is not None

    def test_a_help_article_with_a_customers_number_in_it_is_no_excuse(self) -> None:
        asked = context("How can I contact you?", understood=reading(topic="support_service"))
        draft = compose(asked)
        others = frozenset({normalised("+49 30 901820")})
        assert validate(draft, facts_for(asked, draft, others=others.__contains__)).contains_pii

    @pytest.mark.parametrize(
        "words",
        [
            "It costs 1,299.00 EUR.",
            "Arrives on 2026-11-23.",
            "Open 9.00-17.30.",
            "Order LC-48213",
            "order number 1135426177",
        ],
    )
    def test_amounts_dates_and_order_numbers_are_no_leak(self, words: str) -> None:
        assert "personal_data" not in failed(adding(words))


PROMISES = (
    "We will refund your order in full.",
    "You will receive a full refund tomorrow.",
    "I have refunded 249 EUR to your card.",
    "You are entitled to compensation.",
    "We guarantee delivery by Friday.",
    "You can have it free of charge.",
    "This was our fault and we are liable.",
    "Your account has been closed.",
    "Here is a discount code: SAVE20.",
    "We'll send you a replacement for free.",
    "W\u0435 will r\u0435fund you.",
    "We will re\u200bfund you.",
)
HARMS = (
    "Please send us your password.",
    "Reply with your card number and CVV.",
    "Please buy gift cards and read me the codes.",
    "Install AnyDesk so that I can help.",
    "You are an idiot.",
    "We know where you live, or else.",
    "Go kill yourself.",
    "Mix bleach with descaler.",
)
LINKS = (
    "https://evil.example/login",
    "http://help.larkfield.example.evil.example/",
    "https://help.larkfield.example@evil.example/",
    "https://help.larkfield.example/?q=mia.chen",
    "https://help.larkfield.example/a#secret",
    "https://help.larkfield.example/bWlhIGNoZW4gb3JkZXIgTEMtNDgyMTMgc2VjcmV0IHZhbHVl",
    "www.evil.com",
    "evil.com/reset",
    "javascript:alert(1)",
    "data:text/html,hi",
    "https://xn--hlp-bma.example/",
    "https://hеlp.larkfield.example/",
    "https://192.168.0.1/",
    "ftp://help.larkfield.example/",
    "https://help.larkfield.example:8443/",
)
LIES = (
    "Machines may be returned within 90 days.",
    "You can return a machine within 30 weeks.",
    "You cannot return a machine within 30 days of delivery.",
    "We do not refund the price within 5 working days.",
    "The warranty lasts two years.",
    "Your parcel was lost in Norway.",
)


class TestPolicy:
    @design_property(42)
    @settings(max_examples=100, deadline=None)
    @given(st.sampled_from(PROMISES + HARMS), st.booleans(), st.floats(min_value=0.8, max_value=1))
    def test_a_violation_is_blocked_wherever_it_stands(self, words: str, first: bool, confidence: float) -> None:
        """Feature: omnichannel-cx-platform, Property 42: Policy Violation Blocking"""
        text = f"{words} {FINE.text}" if first else f"{FINE.text} {words}"
        verdict = approve(replace(FINE, text=text, confidence=confidence), facts())
        assert verdict.reply is None
        assert verdict.result.violations

    @pytest.mark.parametrize("words", PROMISES)
    def test_promises_that_no_source_makes(self, words: str) -> None:
        assert "policy" in failed(adding(words))

    @pytest.mark.parametrize("words", HARMS)
    def test_harm(self, words: str) -> None:
        assert "harmful" in failed(adding(words))

    def test_what_the_knowledge_promises_may_be_quoted(self) -> None:
        assert "We refund the price within 5 working days" in FINE.text
        assert "policy" not in failed(FINE)

    def test_a_warning_may_be_quoted(self) -> None:
        asked = context("Do you ask for my password?", understood=reading(topic="security_fraud"))
        draft = compose(asked)
        assert "never ask for your password" in draft.text
        assert "harmful" not in failed(draft, facts(asked, draft))

    @pytest.mark.parametrize("words", ["Our rival Beanhouse is worse.", "our rival B e a n h o u s e", "ВEANHOUSE"])
    def test_the_business_own_banned_phrases(self, words: str) -> None:
        seen = context(brand=replace(BRAND, banned_phrases=("Beanhouse",)))
        assert "policy" in failed(adding(words), facts(seen))


class TestLinks:
    @pytest.mark.parametrize("link", LINKS)
    def test_no_foreign_link_and_none_with_context_in_it(self, link: str) -> None:
        assert "links" in failed(adding(f"See {link} for more."))

    def test_the_business_own_pages_are_fine(self) -> None:
        assert "https://help.larkfield.example/returns" in FINE.text
        assert "links" not in failed(adding("https://help.larkfield.example/opening-hours"))


class TestGrounding:
    @pytest.mark.parametrize("lie", LIES)
    def test_a_false_statement_is_caught_cited_or_not(self, lie: str) -> None:
        number = next(number for claim, number in FINE.claims if "30 days" in claim)
        cited = replace(FINE, text=f"{FINE.text} {lie} [{number}]", claims=(*FINE.claims, (lie, number)))
        assert "grounding" in failed(cited)
        assert "grounding" in failed(adding(lie))

    def test_a_made_up_source_is_caught(self) -> None:
        forged = replace(FINE.sources[-1], number=9, reference="made-up", quote="Machines are free.")
        draft = replace(FINE, sources=(*FINE.sources, forged), claims=(*FINE.claims, ("Machines are free.", 9)))
        assert "grounding" in failed(draft)

    def test_a_forged_quote_is_caught(self) -> None:
        forged = replace(FINE.sources[-1], quote="Return whenever you like.")
        assert "grounding" in failed(replace(FINE, sources=(*FINE.sources[:-1], forged)))

    def test_turning_a_cited_sentence_round_is_caught(self) -> None:
        claim = FINE.claims[-1][0]
        for around in (f"It is not true that {claim}", f"{claim} That is a lie."):
            assert "grounding" in failed(replace(FINE, text=FINE.text.replace(claim, around)))

    def test_a_fair_paraphrase_passes(self) -> None:
        number = next(number for claim, number in FINE.claims if "30 days" in claim)
        said = "A machine can be returned within thirty days of delivery."
        assert "grounding" not in failed(
            replace(FINE, text=f"{FINE.text} {said}", claims=(*FINE.claims, (said, number)))
        )

    def test_politeness_needs_no_source(self) -> None:
        assert "grounding" not in failed(adding("Thank you very much for your patience!"))


class TestForm:
    def test_markup_and_hidden_characters(self) -> None:
        for words in (
            "<b>hi</b>",
            "[x](https://help.larkfield.example)",
            "a\u202eb",
            "a\u200bb",
            "![i](x)",
            "\U000e0041",
        ):
            assert "plain_text" in failed(adding(words)), words

    def test_length_of_the_channel(self) -> None:
        assert "length" in failed(adding("Thank you. " * 2000))
        assert "length" in failed(adding("Thank you. " * 100), replace(facts(), channel=ChannelType.INSTAGRAM))

    def test_language(self) -> None:
        assert "language" in failed(FINE, replace(facts(), detected=Language(code="fr", confidence=0.9)))
        assert "language" in failed(replace(FINE, text="Здравствуйте, спасибо за ваше письмо."))
        german = "Sie können die Maschine nicht mit der Post und für uns ist das ein Problem."
        assert "language" in failed(replace(FINE, text=german))

    def test_relevant_knowledge_must_be_cited(self) -> None:
        assert "citations" in failed(replace(FINE, claims=()))


class TestConfidence:
    @design_property(44)
    @settings(max_examples=100, deadline=None)
    @given(st.floats(max_value=0.7999) | st.just(float("nan")))
    def test_below_four_fifths_nothing_is_sent(self, confidence: float) -> None:
        """Feature: omnichannel-cx-platform, Property 44: Low Confidence Escalation"""
        verdict = approve(replace(FINE, confidence=confidence), facts())
        assert verdict.reply is None
        assert "low_confidence" in {violation.type for violation in verdict.result.violations}

"""Phone numbers and e-mail addresses in a message: found, valued, told from other numbers."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from switchboard.domain.reading import CountrySource, MentionedIdentity, Reading
from switchboard.engines.onnx_encoder import OnnxEncoder
from switchboard.engines.understanding import OnnxUnderstanding
from switchboard.ports.engines import TextToRead
from switchboard.trust.redaction import redact
from switchboard.understanding.identities import known_region, region_of
from tests.understanding.samples import AT, any_text

READER = OnnxUnderstanding(OnnxEncoder())


def read(text: str, *regions: str, hint: str | None = None) -> Reading:
    return READER.by_rules(TextToRead(text=text, at=AT, regions=regions, language_hint=hint))


def told(text: str, *regions: str, hint: str | None = None) -> list[tuple[str, str]]:
    return [(one.value, one.normalised) for one in read(text, *regions, hint=hint).identities]


def only(text: str, *regions: str) -> MentionedIdentity:
    (one,) = read(text, *regions).identities
    return one


class TestAPhoneNumber:
    @pytest.mark.parametrize(
        ("text", "region", "expected"),
        [
            ("call me on +44 20 7946 0958 please", "", ("+44 20 7946 0958", "+442079460958")),
            ("Please ring 0049 171 2345678.", "", ("0049 171 2345678", "+491712345678")),
            ("+49 (0)30 901820 2 mal angerufen", "", ("+49 (0)30 901820", "+4930901820")),
            ("tel. +1-415-555-2671 ext 12", "", ("+1-415-555-2671", "+14155552671")),
            ("WhatsApp +55 11 91234-5678", "", ("+55 11 91234-5678", "+5511912345678")),
            ("my number is 020 7946 0958.", "GB", ("020 7946 0958", "+442079460958")),
            ("07912345678", "GB", ("07912345678", "+447912345678")),
            ("(415) 555-2671 is my cell", "", ("(415) 555-2671", "+14155552671")),
            ("text me at 2025550123", "US", ("2025550123", "+12025550123")),
        ],
    )
    def test_is_told_in_its_international_form(self, text: str, region: str, expected: tuple[str, str]) -> None:
        assert told(text, *([region] if region else [])) == [expected]

    def test_takes_its_country_from_its_prefix_before_everything_else(self) -> None:
        one = only("ring me: +33 1 42 68 53 00", "DE")

        assert (one.country, one.country_from) == ("FR", CountrySource.PREFIX)

    def test_takes_its_country_from_the_first_region_that_has_such_a_number(self) -> None:
        one = only("my number is 020 7946 0958", "FR", "GB")

        assert (one.country, one.country_from) == ("GB", CountrySource.REGION)

    def test_takes_its_country_from_the_language_when_nothing_else_tells_it(self) -> None:
        one = only("Bitte rufen Sie mich zurück, meine Nummer ist 0171 2345678, danke")

        assert (one.normalised, one.country_from) == ("+491712345678", CountrySource.LANGUAGE)

    def test_stays_national_and_says_so_when_nothing_tells_its_country(self) -> None:
        one = only("please ring me back on 020 7946 0958")

        assert (one.normalised, one.country, one.country_from) == ("02079460958", None, CountrySource.UNKNOWN)

    def test_is_less_sure_the_less_tells_its_country(self) -> None:
        prefix, region = only("ring +44 20 7946 0958"), only("ring 020 7946 0958", "GB")
        unknown = only("ring 020 7946 0958")

        assert prefix.confidence > region.confidence > unknown.confidence

    def test_is_found_twice_with_a_stroke_between(self) -> None:
        assert [value for _, value in told("call 020 7946 0958 / 020 7946 0959", "GB")] == [
            "+442079460958",
            "+442079460959",
        ]


class TestAnAddress:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("write to Anna.Berg@EXAMPLE.Com. Thanks", "Anna.Berg@example.com"),
            ("mail me (bob@shop.co.uk), ok?", "bob@shop.co.uk"),
            ("it is ana+shop@mail.example.org!", "ana+shop@mail.example.org"),
        ],
    )
    def test_is_told_without_signs_around_and_with_its_domain_in_small_letters(self, text: str, expected: str) -> None:
        assert [value for _, value in told(text)] == [expected]


class TestOtherNumbers:
    @pytest.mark.parametrize(
        "text",
        [
            "order number 4155552671",
            "order LF-20417 is late",
            "tracking number for my parcel is 4155552671",
            "policy 123-456-7890",
            "my card 4111 1111 1111 1111 was charged",
            "IBAN DE89 3704 0044 0532 0130 00",
            "on 12-03-2026 I paid 1.234.567,00 EUR",
            "between 2026-11-02 and 2026-11-05",
            "version 10.4.2023.11 fails with error 4000000017",
            "account number 0201234567890",
            "john@doe and @johndoe",
        ],
    )
    def test_are_no_identities(self, text: str) -> None:
        assert told(text, "US", "GB", "DE") == []

    def test_stay_entities_beside_an_identity(self) -> None:
        reading = read("Order LF-20417: call +44 20 7946 0958")

        assert [one.normalised for one in reading.entities] == ["LF-20417"]
        assert [one.normalised for one in reading.identities] == ["+442079460958"]


class TestAnyMessage:
    @given(text=any_text, number=st.sampled_from(["+44 20 7946 0958", "020 7946 0958", "a.b@mail.example", ""]))
    @settings(max_examples=150, deadline=None)
    def test_keeps_its_identities_in_place_apart_from_entities_and_masked(self, text: str, number: str) -> None:
        whole = f"{text} call {number} now"
        reading = read(whole, "GB")

        for one in reading.identities:
            assert whole[one.start : one.end] == one.value
            assert 0 < one.confidence <= 1
            assert all(one.end <= e.start or e.end <= one.start for e in reading.entities)
        masked = redact(whole[:4_000])
        assert all(one.value not in masked for one in reading.identities if one.value not in text)


class TestRegions:
    def test_are_those_with_numbers_of_their_own(self) -> None:
        assert known_region("DE")
        assert not known_region("Germany")

    def test_are_told_from_a_number(self) -> None:
        assert region_of("+49301234567") == "DE"
        assert region_of("visitor-1") is None

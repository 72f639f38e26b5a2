"""The demo business loads whole, refers only to what exists and reads like many different people."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import combinations, pairwise
from pathlib import Path

import pytest

from switchboard.demo.catalogue import CONTENT, customer_id, load_demo
from switchboard.demo.files import EntryKind
from switchboard.demo.shapes import DemoBusiness, DemoHistory
from switchboard.domain.conversation import ConversationStatus, Handler
from switchboard.domain.customer import CustomerValue, Evidence
from switchboard.domain.message import Author, ChannelType
from switchboard.domain.reading import ReadingSource
from switchboard.errors import InvalidInput

NOW = datetime(2026, 5, 18, 10, 47, tzinfo=UTC)
ORDER = re.compile(r"LC-\d{5}")
LINK = re.compile(r"https?://[^\s)]+")
HELP = "https://larkfield.example/help/"


@pytest.fixture(scope="module")
def larkfield() -> DemoBusiness:
    return load_demo(now=NOW)


def open_histories(business: DemoBusiness) -> list[DemoHistory]:
    return [h for h in business.histories if h.status in (ConversationStatus.ACTIVE, ConversationStatus.WAITING)]


def words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", text.lower()))


def near_twins(texts: Iterable[str], limit: float) -> list[tuple[str, str]]:
    """Pairs of texts whose sets of words overlap by more than ``limit`` (Jaccard)."""
    bags = [(text, words(text)) for text in texts]
    return [(a, b) for (a, x), (b, y) in combinations(bags, 2) if len(x & y) > limit * len(x | y)]


class TestWhatTheShopKnows:
    def test_there_are_enough_documents_of_quotable_length(self, larkfield: DemoBusiness) -> None:
        lengths = {d.document_id: len(d.content.split()) for d in larkfield.documents}

        assert len(lengths) >= 36
        assert {d: n for d, n in lengths.items() if not 120 <= n <= 450} == {}

    def test_four_documents_are_german_or_french(self, larkfield: DemoBusiness) -> None:
        assert Counter(d.language for d in larkfield.documents if d.language != "en") == {"de": 2, "fr": 2}

    def test_every_document_has_its_own_help_page(self, larkfield: DemoBusiness) -> None:
        for document in larkfield.documents:
            assert document.url == HELP + document.document_id.removeprefix("doc_")

    def test_links_lead_only_to_the_help_pages(self, larkfield: DemoBusiness) -> None:
        said = [e.text for h in larkfield.histories for e in h.entries] + [d.content for d in larkfield.documents]
        pages = {d.url for d in larkfield.documents}

        assert {link for text in said for link in LINK.findall(text)} <= pages


class TestPeople:
    def test_eight_agents_cover_every_skill_in_english_twice(self, larkfield: DemoBusiness) -> None:
        needed = set(larkfield.brand.topic_skills.values()) | {larkfield.brand.vip_skill}

        assert len(larkfield.agents) == 8
        for skill in needed:
            assert sum(skill in a.skills and "en" in a.languages for a in larkfield.agents) >= 2

    def test_somebody_can_serve_every_topic_in_every_language_of_a_customer(self, larkfield: DemoBusiness) -> None:
        for language in {c.language for c in larkfield.customers if c.language}:
            served = set().union(*(a.skills for a in larkfield.agents if language in a.languages))
            assert set(larkfield.brand.topic_skills.values()) <= served, language

    def test_somebody_works_whenever_the_shop_is_open(self, larkfield: DemoBusiness) -> None:
        for hours in larkfield.brand.hours:
            shifts = [s for a in larkfield.agents for s in a.hours if s.weekday == hours.weekday]
            assert min(s.start for s in shifts) <= hours.start
            assert max(s.end for s in shifts) >= hours.end

    def test_each_role_can_sign_in(self, larkfield: DemoBusiness) -> None:
        assert {u.role for u in larkfield.users} == {"agent", "supervisor", "admin", "analyst", "privacy_officer"}


class TestCustomers:
    def test_sixty_buyers_of_every_value_with_one_to_five_orders(self, larkfield: DemoBusiness) -> None:
        buyers = [c for c in larkfield.customers if c.purchase_history]
        values = Counter(c.customer_value for c in buyers)

        assert len(buyers) >= 60
        assert set(values) == set(CustomerValue)
        assert 4 <= values[CustomerValue.VIP] <= 6
        assert all(len(c.purchase_history) <= 5 for c in buyers)

    def test_addresses_belong_to_one_customer_and_to_nobody_real(self, larkfield: DemoBusiness) -> None:
        identities = [i for c in larkfield.customers for i in c.identities]
        seen = Counter((i.channel, i.address) for i in identities)

        assert [key for key, times in seen.items() if times > 1] == []
        assert all(i.address.endswith(".example") for i in identities if i.channel is ChannelType.EMAIL)

    def test_unverified_addresses_carry_only_a_claim(self, larkfield: DemoBusiness) -> None:
        for identity in (i for c in larkfield.customers for i in c.identities):
            assert identity.verified == (identity.evidence is not Evidence.CLAIMED)

    def test_order_numbers_are_unique(self, larkfield: DemoBusiness) -> None:
        numbers = Counter(p.order_number for c in larkfield.customers for p in c.purchase_history)

        assert [number for number, times in numbers.items() if times > 1] == []


class TestHistories:
    def test_two_weeks_on_all_channels(self, larkfield: DemoBusiness) -> None:
        used = Counter(channel for h in larkfield.histories for channel in h.channels)

        assert len(larkfield.histories) >= 210
        assert all(used[channel] >= 20 for channel in ChannelType), used
        assert sum(len(h.channels) > 1 for h in larkfield.histories) >= 3
        assert min(h.started_at for h in larkfield.histories) >= NOW - timedelta(days=15)

    def test_everything_lies_in_the_past_and_in_order(self, larkfield: DemoBusiness) -> None:
        for history in larkfield.histories:
            assert all(a.at <= b.at for a, b in pairwise(history.entries))
            assert history.last_activity_at < NOW

    @pytest.mark.parametrize("hour", [0, 6, 9, 13, 18, 23])
    def test_a_customer_has_one_conversation_at_a_time_whenever_the_demo_starts(self, hour: int) -> None:
        business = load_demo(now=NOW.replace(hour=hour))
        by_customer: dict[str, list[DemoHistory]] = {}
        for history in sorted(business.histories, key=lambda h: h.started_at):
            by_customer.setdefault(history.customer_id, []).append(history)

        for several in by_customer.values():
            for earlier, later in pairwise(several):
                assert later.started_at - earlier.last_activity_at > timedelta(hours=72), (earlier.key, later.key)

    def test_orders_that_are_named_belong_to_the_customer(self, larkfield: DemoBusiness) -> None:
        owned = {c.customer_id: {p.order_number for p in c.purchase_history} for c in larkfield.customers}

        for history in larkfield.histories:
            named = {n for e in history.entries for n in ORDER.findall(f"{e.text} {e.subject or ''}")}
            assert named <= owned[history.customer_id], history.key

    def test_orders_are_placed_before_anybody_speaks_of_them(self, larkfield: DemoBusiness) -> None:
        placed = {p.order_number: p.purchased_at for c in larkfield.customers for p in c.purchase_history}

        for history in larkfield.histories:
            for entry in history.messages:
                for number in ORDER.findall(f"{entry.text} {entry.subject or ''}"):
                    assert placed[number] < entry.at + timedelta(days=1), (history.key, number)

    def test_speakers_sources_and_channels_exist(self, larkfield: DemoBusiness) -> None:
        agents = {a.agent_id for a in larkfield.agents}
        documents = {d.document_id for d in larkfield.documents}
        channels = {c.customer_id: {i.channel for i in c.identities} for c in larkfield.customers}

        for history in larkfield.histories:
            assert {e.agent_id for e in history.entries if e.agent_id} <= agents
            assert {s for e in history.entries for s in e.sources} <= documents
            assert set(history.channels) <= channels[history.customer_id]

    def test_automation_quotes_its_documents_word_for_word(self, larkfield: DemoBusiness) -> None:
        texts = {d.document_id: d.content for d in larkfield.documents}
        automated = [e for h in larkfield.histories for e in h.messages if e.author is Author.AUTOMATION]

        assert len(automated) > 50
        for entry in automated:
            sentences = re.split(r"(?<=[.?!]) ", " ".join(texts[s] for s in entry.sources).replace("\n\n", " "))
            assert any(sentence in entry.text for sentence in sentences), entry.text

    def test_about_twenty_five_are_open_with_every_kind_of_handler(self, larkfield: DemoBusiness) -> None:
        still_open = open_histories(larkfield)

        assert 20 <= len(still_open) <= 35
        assert {h.handler for h in still_open} == {Handler.AGENT, Handler.QUEUE, Handler.AUTOMATION}
        assert all(NOW - h.last_activity_at < timedelta(hours=24) for h in still_open)
        assert len({h.customer_id for h in still_open}) == len(still_open)

    def test_no_agent_holds_more_than_five(self, larkfield: DemoBusiness) -> None:
        held = Counter(h.agent_id for h in open_histories(larkfield) if h.agent_id)

        assert max(held.values()) <= 5

    def test_resolved_ones_end_with_a_resolution_and_many_are_rated(self, larkfield: DemoBusiness) -> None:
        resolved = [h for h in larkfield.histories if h.status is ConversationStatus.RESOLVED]
        rated = [h for h in resolved if h.entries[-1].satisfaction]

        assert all(h.entries[-1].kind is EntryKind.RESOLUTION for h in resolved)
        assert len(rated) > len(resolved) / 2
        assert {h.entries[-1].satisfaction for h in rated} == {1, 2, 3, 4, 5}

    def test_some_escalate_some_reopen_and_some_moods_fall(self, larkfield: DemoBusiness) -> None:
        kinds = Counter(e.kind for h in larkfield.histories for e in h.entries)
        falls = 0
        for history in larkfield.histories:
            moods = [e.labels.sentiment for e in history.messages if e.labels]
            falls += any(a - b > 0.3 for a, b in pairwise(moods))

        assert kinds[EntryKind.ESCALATION] >= 10
        assert kinds[EntryKind.REOPENING] >= 3
        assert kinds[EntryKind.NOTE] >= 5
        assert falls >= 3

    def test_no_two_people_say_nearly_the_same(self, larkfield: DemoBusiness) -> None:
        said = [e.text for h in larkfield.histories for e in h.messages if e.author is Author.CUSTOMER]
        openings = [h.messages[0].text for h in larkfield.histories]

        assert near_twins(openings, 0.6) == []
        assert near_twins([text for text in said if len(text.split()) > 6], 0.75) == []

    def test_priya_moves_from_whatsapp_to_e_mail(self, larkfield: DemoBusiness) -> None:
        priya = next(h for h in open_histories(larkfield) if h.customer_id == customer_id("priya-raman"))

        assert priya.channels == (ChannelType.WHATSAPP, ChannelType.EMAIL)
        assert [e.labels.sentiment for e in priya.messages if e.labels] == [-0.12, -0.48]

    def test_labels_can_stand_in_for_the_models_reading(self, larkfield: DemoBusiness) -> None:
        for history in larkfield.histories:
            for entry in history.messages:
                if entry.labels:
                    reading = entry.labels.reading(history.language)
                    assert reading.primary.category is entry.labels.intent
                    assert reading.source is ReadingSource.MODEL


class TestBrokenContent:
    def test_a_wrong_field_is_refused_with_file_place_and_reason(self, tmp_path: Path) -> None:
        copy = Path(shutil.copytree(CONTENT, tmp_path / "content"))
        products = copy / "products.toml"
        products.write_text(
            products.read_text(encoding="utf-8").replace("price_eur", "price_euro", 1), encoding="utf-8"
        )

        with pytest.raises(InvalidInput, match=r"products\.toml: products\.0\.price_eur: Field required"):
            load_demo(now=NOW, content=copy)

    def test_an_order_of_an_unknown_article_is_refused_by_name(self, tmp_path: Path) -> None:
        copy = Path(shutil.copytree(CONTENT, tmp_path / "content"))
        customers = copy / "customers.toml"
        text = customers.read_text(encoding="utf-8").replace('product = "otto-2"', 'product = "otto-9"', 1)
        customers.write_text(text, encoding="utf-8")

        with pytest.raises(InvalidInput, match="priya-raman: product 'otto-9' is not in products"):
            load_demo(now=NOW, content=copy)

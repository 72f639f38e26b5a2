"""Everything else in every store: decisions, drafts, advice, knowledge, audit, access, settings, answers, timers."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from switchboard.domain.advice import ActionOutcome, ActionRecommendation, ActionType, PastCase
from switchboard.domain.ids import (
    ActionId,
    AgentId,
    CustomerId,
    DecisionId,
    DocumentId,
    MessageId,
    PayloadId,
)
from switchboard.domain.inbound import Fate
from switchboard.domain.knowledge import KnowledgeDocument, Passage
from switchboard.domain.message import ChannelType
from switchboard.domain.reply import (
    Check,
    GeneratedResponse,
    PolicyViolation,
    Severity,
    Source,
    SourceKind,
    ValidationResult,
)
from switchboard.domain.routing import AgentRequirements, CandidateVerdict, Decision, RoutingDecision, RuleTrace
from switchboard.errors import Conflict
from switchboard.ports.records import (
    AgentDraft,
    ApiKeyRecord,
    AuditEntry,
    DecisionRecord,
    DraftOrigin,
    DraftRecord,
    Page,
    PayloadEvent,
    PayloadRecord,
    RefreshRecord,
    SessionRecord,
    StoredAnswer,
    UserRecord,
    WebhookDelivery,
    WebhookEndpoint,
)
from switchboard.ports.store import Store
from tests.stores.opening import START, SetClock
from tests.stores.samples import all_of, bound, newcomer, urgency

DAY = timedelta(days=1)


class TestWhatTheMachineDecidedAndWrote:
    async def test_a_decision_keeps_every_reason(self, store: Store) -> None:
        started = await store.write(newcomer)
        decision = RoutingDecision(
            decision=Decision.ASSIGN_AGENT,
            rule="history",
            reasoning="Maria knows the customer",
            agent_id=AgentId("agt_1"),
            estimated_wait_s=12.5,
            trace=(RuleTrace(rule="urgent", fired=False, detail="score 5"),),
            candidates=(
                CandidateVerdict(agent_id=AgentId("a"), name="Maria", chosen=True, score=0.5, reasons=("free",)),
            ),
            requirements=AgentRequirements(skills=frozenset({"billing"}), topic="general"),
        )
        record = DecisionRecord(
            decision_id=DecisionId("dec_1"),
            conversation_id=started.conversation_id,
            customer_id=started.customer_id,
            message_id=MessageId("msg_1"),
            at=START,
            decision=decision,
            urgency=urgency(),
        )
        await store.write(lambda work: work.decisions.add(record))
        found = await store.read(
            lambda work: (
                work.decisions.get(record.decision_id),
                work.decisions.of_message(MessageId("msg_1")),
                work.decisions.of_conversation(started.conversation_id),
            )
        )
        assert found == (record, record, (record,))

    async def test_a_draft_keeps_sources_and_checks(self, store: Store) -> None:
        started = await store.write(newcomer)
        source = Source(number=1, kind=SourceKind.KNOWLEDGE, reference="doc", title="Returns", quote="30 days")
        record = DraftRecord(
            draft_id="drf_1",
            conversation_id=started.conversation_id,
            customer_id=started.customer_id,
            message_id=None,
            origin=DraftOrigin.AUTOMATION,
            at=START,
            response=GeneratedResponse(
                text="You have 30 days [1].",
                confidence=0.9,
                sources=(source,),
                generator="built-in",
                prompt_version="1",
                claims=(("You have 30 days", 1),),
            ),
            validation=ValidationResult(
                is_valid=False,
                violations=(PolicyViolation(type="promise", severity=Severity.HIGH, description="no"),),
                contains_pii=False,
                checks=(Check(name="links", passed=True, detail=""),),
            ),
        )
        await store.write(lambda work: work.drafts.add(record))
        assert await store.read(lambda work: work.drafts.latest(started.conversation_id)) == record
        sent = replace(record, sent_as=MessageId("msg_9"))
        await store.write(lambda work: work.drafts.add(sent))
        assert await store.read(lambda work: work.drafts.sent_as(MessageId("msg_9"))) == sent

    async def test_what_an_agent_typed_waits_for_them(self, store: Store) -> None:
        started = await store.write(newcomer)
        cid = started.conversation_id
        drafts = [
            AgentDraft(agent_id="a", conversation_id=cid, kind=kind, text=f"my {kind}", saved_at=START)
            for kind in ("note", "reply")
        ]
        await store.write(lambda work: all_of(work.drafts.save_typed, [*drafts, *drafts]))
        assert await store.read(lambda work: work.drafts.typed("a", cid)) == tuple(drafts)
        assert await store.read(lambda work: work.drafts.typed("b", cid)) == ()
        await store.write(lambda work: work.drafts.clear_typed("a", cid, "note"))
        assert await store.read(lambda work: work.drafts.typed("a", cid)) == (drafts[1],)

    async def test_advice_is_replaced_and_learned_from(self, store: Store) -> None:
        started = await store.write(newcomer)
        offers = [
            ActionRecommendation(
                action_id=ActionId(f"act_{n}"),
                type=ActionType.ISSUE_REFUND,
                description="Refund",
                confidence=0.5,
                expected_outcome="happy",
                basis="7 cases",
                parameters={"amount": "5"},
            )
            for n in range(3)
        ]
        cid = started.conversation_id
        await store.write(lambda work: work.advice.offer(cid, started.customer_id, offers[:1], START))
        await store.write(lambda work: work.advice.offer(cid, started.customer_id, offers[1:], START))
        assert await store.read(lambda work: work.advice.offered(cid)) == tuple(offers[1:])
        assert await store.read(lambda work: work.advice.conversation_of(ActionId("act_0"))) == cid
        outcome = ActionOutcome(action_id=ActionId("act_0"), success=True, recorded_at=START, notes="well done")
        case = PastCase(
            type=ActionType.ISSUE_REFUND,
            success=True,
            intent="complaint",
            topic="general",
            sentiment_score=-0.5,
            conversation_id=cid,
            at=START,
            embedding=(0.5, 0.25),
        )
        await store.write(lambda work: work.advice.record(outcome, case))
        assert await store.read(lambda work: work.advice.outcome(ActionId("act_0"))) == outcome
        assert await store.read(lambda work: work.advice.past_cases()) == (case,)


class TestKnowledge:
    async def test_is_replaced_removed_and_tells_that_it_changed(self, store: Store) -> None:
        document = KnowledgeDocument(
            document_id=DocumentId("doc_1"),
            title="Returns",
            content="Within 30 days.",
            category="policy",
            tags=("returns",),
            last_updated=START,
        )
        passages = [
            Passage(
                passage_id=f"p{n}",
                document_id=document.document_id,
                position=n,
                heading="",
                text="Within",
                start=0,
                end=6,
                embedding=(0.5, 0.25),
            )
            for n in range(2)
        ]
        before = await store.read(lambda work: work.knowledge.generation())
        await store.write(lambda work: work.knowledge.add(document, passages))
        newer = replace(document, title="Returning", version=2)
        await store.write(lambda work: work.knowledge.add(newer, passages[:1]))
        assert await store.read(lambda work: work.knowledge.get(document.document_id)) == newer
        ((of, passage),) = await store.read(lambda work: work.knowledge.passages())
        assert of == newer
        assert list(passage.embedding) == [0.5, 0.25]
        assert (await store.read(lambda work: work.knowledge.page(Page()))).items == (newer,)
        assert await store.write(lambda work: work.knowledge.remove(document.document_id))
        assert not await store.write(lambda work: work.knowledge.remove(document.document_id))
        assert await store.read(lambda work: work.knowledge.generation()) == before + 3


class TestPayloads:
    async def test_keep_their_bytes_and_the_fate_of_every_event(self, store: Store) -> None:
        record = PayloadRecord(
            payload_id=PayloadId("pay_1"),
            channel=ChannelType.WHATSAPP,
            account="acme",
            received_at=START,
            fate=Fate.STORED,
            reason="",
            size=3,
            body=b"\x00\xff{",
            events=(PayloadEvent(index=0, kind="message", external_id="wamid", fate=Fate.STORED),),
        )
        await store.write(lambda work: work.payloads.add(record))
        assert await store.read(lambda work: work.payloads.get(record.payload_id)) == record
        listed = await store.read(lambda work: work.payloads.page(Page()))
        assert listed.items == (replace(record, body=b""),)
        assert await store.write(lambda work: work.payloads.purge(START)) == 0
        assert await store.write(lambda work: work.payloads.purge(START + DAY)) == 1


class TestTheAuditTrail:
    async def test_is_a_chain_that_parallel_writers_cannot_fork(self, store: Store) -> None:
        started = await store.write(newcomer)
        entry = AuditEntry(
            at=START,
            actor="agt_1",
            action="reply",
            target="msg",
            details={"text": "hello"},
            customer_id=started.customer_id,
        )
        await asyncio.gather(*(store.write(lambda work: work.audit.append(entry)) for _ in range(12)))
        rows = await store.read(lambda work: work.audit.page(Page(limit=5)))
        assert [row.sequence for row in rows.items] == [12, 11, 10, 9, 8]
        assert rows.items[0].details == {"text": "hello"}
        assert await store.read(lambda work: work.audit.verify()) is None

    async def test_stays_whole_when_the_customer_is_erased(self, store: Store, clock: SetClock) -> None:
        started = await store.write(newcomer)
        entry = AuditEntry(
            at=START, actor="a", action="read", target="t", details={"x": "y"}, customer_id=started.customer_id
        )
        await store.write(lambda work: work.audit.append(entry))
        await store.write(lambda work: work.customers.erase(started.customer_id, clock.now()))
        await store.write(lambda work: work.audit.append(replace(entry, action="erase")))
        assert await store.read(lambda work: work.audit.verify()) is None
        rows = await store.read(lambda work: work.audit.page(Page()))
        assert rows.items[1].details == {}


class TestAccess:
    async def test_people_are_found_by_address_and_keep_it_to_themselves(self, store: Store) -> None:
        user = UserRecord(
            user_id="usr_1",
            email="Maria@Example.com",
            name="Maria",
            password_hash="$argon2id$",
            roles=frozenset({"agent"}),
            created_at=START,
        )
        await store.write(lambda work: work.access.save_user(user))
        assert await store.read(lambda work: work.access.user_by_email("maria@example.com")) == user
        with pytest.raises(Conflict):
            await store.write(lambda work: work.access.save_user(replace(user, user_id="usr_2")))
        await store.write(lambda work: work.access.save_user(replace(user, disabled=True, session_epoch=1)))
        assert [each.session_epoch for each in await store.read(lambda work: work.access.users())] == [1]

    async def test_sessions_end(self, store: Store) -> None:
        session = SessionRecord(
            token_hash="h", user_id="u", csrf="c", created_at=START, last_seen_at=START, expires_at=START + DAY
        )
        await store.write(lambda work: work.access.add_session(session))
        await store.write(lambda work: work.access.touch_session("h", START + timedelta(hours=1)))
        known = await store.read(lambda work: work.access.session("h"))
        assert known == replace(session, last_seen_at=START + timedelta(hours=1))
        await store.write(lambda work: work.access.end_sessions_of("u"))
        assert await store.read(lambda work: work.access.session("h")) is None

    async def test_a_refresh_token_spent_twice_revokes_its_family(self, store: Store) -> None:
        def token(name: str) -> RefreshRecord:
            return RefreshRecord(
                token_hash=name, family="f", client_id="c", subject="s", scopes=frozenset({"x"}), expires_at=START + DAY
            )

        await store.write(lambda work: all_of(work.access.add_refresh, [token("one"), token("two")]))
        spent = [
            await store.write(bound(lambda work, name: work.access.spend_refresh(name), name))
            for name in ("one", "one", "two")
        ]
        assert [each.spent if each else None for each in spent] == [False, True, True]
        assert await store.write(lambda work: work.access.spend_refresh("none")) is None

    async def test_one_time_tokens_serve_once_and_not_late(self, store: Store) -> None:
        await store.write(lambda work: work.access.put_once("setup", "h", START + DAY))
        with pytest.raises(Conflict):
            await store.write(lambda work: work.access.put_once("setup", "h", START + DAY))
        tries = await asyncio.gather(
            *(store.write(lambda work: work.access.take_once("setup", "h", START)) for _ in range(5))
        )
        assert sum(tries) == 1
        await store.write(lambda work: work.access.put_once("setup", "late", START + DAY))
        assert not await store.write(lambda work: work.access.take_once("setup", "late", START + DAY))

    async def test_keys_can_be_revoked(self, store: Store) -> None:
        key = ApiKeyRecord(
            key_id="k", name="shop", key_hash="h", role="integration", scopes=frozenset({"read"}), created_at=START
        )
        await store.write(lambda work: work.access.add_key(key))
        assert await store.read(lambda work: work.access.key_by_hash("h")) == key
        revoked = [await store.write(lambda work: work.access.revoke_key("k", START)) for _ in range(2)]
        assert revoked == [True, False]
        assert [each.revoked_at for each in await store.read(lambda work: work.access.keys())] == [START]


class TestSettings:
    async def test_are_versioned_and_settle_rivals(self, store: Store) -> None:
        assert await store.read(lambda work: work.config.get("hours")) is None
        assert await store.write(lambda work: work.config.set("hours", {"open": 9}, expected_version=0)) == 1
        with pytest.raises(Conflict):
            await store.write(lambda work: work.config.set("hours", {"open": 8}, expected_version=0))
        assert await store.write(lambda work: work.config.set("hours", {"open": 8})) == 2
        assert await store.read(lambda work: work.config.get("hours")) == ({"open": 8}, 2)
        assert await store.read(lambda work: work.config.names()) == ("hours",)

    async def test_keep_secrets(self, store: Store) -> None:
        await store.write(lambda work: work.config.set_secret("token", b"\x00one"))
        await store.write(lambda work: work.config.set_secret("token", b"two"))
        assert await store.read(lambda work: work.config.get_secret("token")) == b"two"
        assert await store.read(lambda work: work.config.get_secret("none")) is None


class TestRepeatedRequests:
    async def test_get_the_first_answer_for_a_day(self, store: Store, clock: SetClock) -> None:
        answer = StoredAnswer(
            key="k", fingerprint="f", status=201, content_type="application/json", body=b"{}", expires_at=START + DAY
        )
        await store.write(lambda work: work.answers.put(answer))
        with pytest.raises(Conflict):
            await store.write(lambda work: work.answers.put(answer))
        assert await store.read(lambda work: work.answers.get("k", START)) == answer
        assert await store.read(lambda work: work.answers.get("k", START + DAY)) is None
        clock.move(days=1)
        await store.write(lambda work: work.answers.put(replace(answer, expires_at=START + 2 * DAY)))
        assert await store.write(lambda work: work.answers.purge(START + 2 * DAY)) == 1

    async def test_start_anew_where_the_answer_was_dropped(self, store: Store) -> None:
        answer = StoredAnswer(key="k", fingerprint="f", status=201, content_type="", body=b"", expires_at=START + DAY)
        await store.write(lambda work: work.answers.put(answer))
        await store.write(lambda work: work.answers.drop("k"))
        await store.write(lambda work: work.answers.drop("never there"))
        await store.write(lambda work: work.answers.put(answer))
        assert await store.read(lambda work: work.answers.get("k", START)) == answer

    async def test_at_the_same_moment_have_one_effect(self, store: Store) -> None:
        answer = StoredAnswer(key="k", fingerprint="f", status=201, content_type="", body=b"", expires_at=START + DAY)
        results = await asyncio.gather(
            *(store.write(lambda work: work.answers.put(answer)) for _ in range(6)), return_exceptions=True
        )
        assert sum(result is None for result in results) == 1


class TestWebhooks:
    async def test_remember_subscribers_tries_and_how_far_they_are(self, store: Store) -> None:
        endpoint = WebhookEndpoint(
            endpoint_id="e",
            url="https://shop.example/hook",
            events=frozenset({"routed"}),
            secret="whsec",
            created_at=START,
        )
        delivery = WebhookDelivery(
            delivery_id="d",
            endpoint_id="e",
            event_sequence=3,
            event_type="routed",
            state="pending",
            attempts=(),
            created_at=START,
        )
        await store.write(lambda work: work.webhooks.save(endpoint))
        await store.write(lambda work: work.webhooks.add_delivery(delivery))
        assert await store.read(lambda work: work.webhooks.all()) == (endpoint,)
        tried = replace(delivery, state="failed", attempts=((START, "503"),))
        await store.write(lambda work: work.webhooks.save_delivery(tried))
        assert (await store.read(lambda work: work.webhooks.deliveries("e", Page()))).items == (tried,)
        assert await store.read(lambda work: work.webhooks.delivery("d")) == tried
        assert await store.read(lambda work: work.webhooks.cursor()) == 0
        await store.write(lambda work: work.webhooks.set_cursor(17))
        assert await store.read(lambda work: work.webhooks.cursor()) == 17
        assert await store.write(lambda work: work.webhooks.remove("e"))
        assert await store.read(lambda work: work.webhooks.get("e")) is None


class TestTimers:
    async def test_ring_for_exactly_one_replica_in_each_period(self, store: Store) -> None:
        hour = timedelta(hours=1)

        async def rings(after: timedelta) -> int:
            asked = (store.write(lambda work: work.schedules.take("report", hour, START + after)) for _ in range(5))
            return sum(await asyncio.gather(*asked))

        assert [await rings(timedelta(minutes=minutes)) for minutes in (0, 59, 60, 61, 130)] == [1, 0, 1, 0, 1]

    async def test_survive_a_clock_set_back(self, store: Store) -> None:
        hour = timedelta(hours=1)
        await store.write(lambda work: work.schedules.take("report", hour, START + 365 * DAY))
        assert await store.write(lambda work: work.schedules.take("report", hour, START))


class TestFiles:
    async def test_are_sealed_with_the_customers_key(self, store: Store) -> None:
        started = await store.write(newcomer)
        owner = CustomerId(started.customer_id)
        sealed = await store.write(lambda work: work.seal_blob(owner, "blob_1", b"picture"))
        assert b"picture" not in sealed
        assert await store.read(lambda work: work.open_blob(owner, "blob_1", sealed)) == b"picture"

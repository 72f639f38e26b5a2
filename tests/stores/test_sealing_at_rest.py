"""What a thief of the database file learns: nothing that a customer said or is (Property 54)."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from switchboard.domain.advice import ActionOutcome, ActionRecommendation, ActionType, PastCase
from switchboard.domain.customer import Issue, Purchase
from switchboard.domain.ids import ActionId, ConversationId, PayloadId
from switchboard.domain.inbound import Fate
from switchboard.domain.message import ChannelType, MessageContent
from switchboard.domain.reading import Entity, EntityType
from switchboard.domain.routing import Decision, RoutingDecision
from switchboard.errors import Erased, Tampered
from switchboard.ports.records import (
    AgentDraft,
    AuditEntry,
    DecisionRecord,
    MergeRecord,
    Page,
    PayloadRecord,
    StoredAnswer,
    UserRecord,
    WebhookEndpoint,
)
from switchboard.ports.store import Store, Work
from switchboard.stores import open_sqlite, rotate_master_key
from switchboard.stores.sqlite import SqliteStore
from switchboard.trust.master_key import MasterKey
from tests.properties import design_property
from tests.stores.opening import MASTER, START, SetClock, open_kind
from tests.stores.samples import (
    all_of,
    bound,
    conversation,
    customer,
    identity,
    message,
    newcomer,
    reading,
    said,
    urgency,
)

MARK = "Zaubernuss"


def write_everywhere(work: Work, mark: str) -> ConversationId:
    """The same private words in every place that takes customer data."""
    purchase = Purchase(
        purchase_id=f"{mark}-p",
        product=mark,
        amount=1,  # type: ignore[arg-type]  # any number will do here
        currency="EUR",
        purchased_at=START,
        order_number=f"{mark}-o",
    )
    profile = customer(
        mark,
        identity(f"{mark}@example.com", ChannelType.EMAIL, display_name=mark),
        email=f"{mark}@example.com",
        location=mark,
        preferences={"greeting": mark},
        purchase_history=(purchase,),
    )
    started = conversation(profile.customer_id, subject=mark, snippet=mark)
    issue = Issue(
        issue_id="i",
        conversation_id=started.conversation_id,
        intent="request",
        topic="general",
        created_at=START,
        summary=mark,
    )
    work.customers.add(replace(profile, previous_issues=(issue,)))
    work.conversations.add(started)
    entity = Entity(type=EntityType.PERSON, value=mark, confidence=1.0, start=0, end=1)
    content = MessageContent(text=f"I am {mark}", subject=mark, html=f"<b>{mark}</b>", media_urls=(f"https://{mark}",))
    spoken = message(
        started,
        content=content,
        external_id=f"wamid.{mark}",
        metadata={"name": mark},
        delivery_error=mark,
        reading=reading(entities=(entity,)),
    )
    work.messages.add(spoken, [f"thread-{mark}"])
    work.messages.replace_content(spoken.message_id, MessageContent(text=f"{mark} again"), START)
    decision = RoutingDecision(decision=Decision.QUEUE, rule="r", reasoning=mark)
    work.decisions.add(
        DecisionRecord(
            decision_id="d",  # type: ignore[arg-type]  # a plain name is enough
            conversation_id=started.conversation_id,
            customer_id=profile.customer_id,
            message_id=spoken.message_id,
            at=START,
            decision=decision,
            urgency=urgency(),
        )
    )
    cid = started.conversation_id
    work.drafts.save_typed(AgentDraft(agent_id="a", conversation_id=cid, kind="note", text=mark, saved_at=START))
    offer = ActionRecommendation(
        action_id=ActionId("act"),
        type=ActionType.ESCALATE,
        description=mark,
        confidence=0.5,
        expected_outcome=mark,
        basis=mark,
    )
    work.advice.offer(cid, profile.customer_id, [offer], START)
    case = PastCase(
        type=ActionType.ESCALATE,
        success=True,
        intent="request",
        topic="general",
        sentiment_score=0.0,
        conversation_id=cid,
        at=START,
    )
    work.advice.record(ActionOutcome(action_id=ActionId("act"), success=True, recorded_at=START, notes=mark), case)
    work.payloads.add(
        PayloadRecord(
            payload_id=PayloadId("pay"),
            channel=ChannelType.EMAIL,
            account="acme",
            received_at=START,
            fate=Fate.STORED,
            reason=mark,
            size=1,
            body=mark.encode(),
        )
    )
    work.audit.append(
        AuditEntry(
            at=START, actor="a", action="reply", target="m", details={"t": mark}, customer_id=profile.customer_id
        )
    )
    work.answers.put(
        StoredAnswer(key=mark, fingerprint="f", status=200, content_type="", body=mark.encode(), expires_at=START)
    )
    work.access.save_user(
        UserRecord(
            user_id="u",
            email=f"{mark}@staff.example",
            name=mark,
            password_hash="h",
            roles=frozenset(),
            created_at=START,
        )
    )
    other = customer("Somebody")
    work.customers.add(other)
    work.customers.merge(
        MergeRecord(
            merge_id="m", kept=profile.customer_id, merged=other.customer_id, at=START, actor="a", evidence=mark
        )
    )
    work.config.set("hours", {"note": mark})
    work.config.set_secret("token", mark.encode())
    work.webhooks.save(
        WebhookEndpoint(endpoint_id="e", url=f"https://{mark}", events=frozenset(), secret=mark, created_at=START)
    )
    return cid


def bytes_on_disk(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


class TestAStolenFile:
    async def test_holds_no_customer_text_in_database_or_log(self, tmp_path: Path) -> None:
        store = open_kind("sqlite", tmp_path, SetClock())
        await store.write(lambda work: write_everywhere(work, MARK))
        open_bytes = bytes_on_disk(tmp_path)
        await store.close()
        for stolen in (open_bytes, bytes_on_disk(tmp_path)):
            assert len(stolen) > 10_000
            for spelling in (MARK, MARK.lower(), MARK.upper()):
                assert spelling.encode() not in stolen
                assert spelling.encode("utf-16-le") not in stolen

    async def test_opens_only_with_its_own_master_key(self, tmp_path: Path) -> None:
        store = open_kind("sqlite", tmp_path, SetClock())
        await store.close()
        with pytest.raises(Tampered):
            open_sqlite(tmp_path / "data" / "switchboard.db", bytes(32), SetClock())

    @design_property(54)
    @settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(words=st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=5, max_size=60).map("¶{}¶".format))
    # The pilcrows keep a text of digits from being found by chance in a time or an id.
    async def test_never_shows_what_was_said(self, stores: SqliteStore, words: str) -> None:
        """Feature: omnichannel-cx-platform, Property 54: Data Encryption at Rest.

        Whatever a customer writes is read back exactly, and stands nowhere in the raw rows of the database."""
        written: list[str] = []

        def story(work: Work) -> None:
            started = newcomer(work, words)
            work.messages.add(message(started, words, metadata={"raw": words}))
            read = work.messages.of_conversation(started.conversation_id)
            written.extend(each.content.text for each in read)

        await stores.write(story)
        assert written == [words]
        assert words.encode() not in await stores.write(dump)


def dump(work: Work) -> bytes:
    """Every value of every row of the newest customer, conversation and message, as stored."""
    session = work.session  # type: ignore[attr-defined]  # looks under the floor on purpose
    connection: sqlite3.Connection = session.driver
    parts: list[bytes] = []
    for table in (
        "customers",
        "conversations",
        "messages",
        "search_terms",
        "customer_terms",
        "thread_keys",
        "data_keys",
    ):
        order = "term" if table.endswith("terms") else "rowid" if table != "thread_keys" else "thread_key"
        for row in connection.execute(f"SELECT * FROM {table} ORDER BY {order} DESC LIMIT 20"):
            parts += [value if isinstance(value, bytes) else str(value).encode() for value in row]
    return b"\x00".join(parts)


@pytest.fixture
async def stores() -> Store:
    return open_sqlite(None, MASTER, SetClock())


class TestASealedValue:
    async def test_changed_moved_or_cut_is_an_alarm_never_text(self, tmp_path: Path) -> None:
        store = open_kind("sqlite", tmp_path, SetClock())
        started = await store.write(newcomer)
        one, two = await store.write(lambda work: said(work, started, "first secret", "second secret"))
        raw = sqlite3.connect(tmp_path / "data" / "switchboard.db")
        (sealed,) = raw.execute("SELECT sealed FROM messages WHERE message_id = ?", [one.message_id]).fetchone()
        for forged in (sealed[:-1] + bytes([sealed[-1] ^ 1]), sealed[: len(sealed) // 2], b"", b"plain text"):
            raw.execute("UPDATE messages SET sealed = ? WHERE message_id = ?", [forged, one.message_id])
            raw.commit()
            with pytest.raises(Tampered):
                await store.read(lambda work: work.messages.get(one.message_id))
        raw.execute("UPDATE messages SET sealed = ? WHERE message_id = ?", [sealed, two.message_id])
        raw.commit()
        with pytest.raises(Tampered):
            await store.read(lambda work: work.messages.get(two.message_id))
        raw.close()
        await store.close()

    async def test_of_an_erased_customer_is_gone_for_good(self, tmp_path: Path) -> None:
        clock = SetClock()
        store = open_kind("sqlite", tmp_path, clock)
        started = await store.write(newcomer)
        blob = await store.write(lambda work: work.seal_blob(started.customer_id, "b", b"photo"))
        await store.write(lambda work: work.customers.erase(started.customer_id, clock.now()))
        with pytest.raises(Erased):
            await store.read(lambda work: work.open_blob(started.customer_id, "b", blob))
        with pytest.raises(Erased):
            await store.write(lambda work: work.seal_blob(started.customer_id, "b", b"photo"))
        await store.close()


class TestANewMasterKey:
    async def test_takes_over_while_everything_stays_readable(self, tmp_path: Path) -> None:
        clock, new = SetClock(), MasterKey.generate()
        path = tmp_path / "switchboard.db"
        store = open_sqlite(path, MASTER, clock)
        started = await store.write(lambda work: newcomer(work, "Ana", identity()))
        await store.write(lambda work: said(work, started, "before"))
        assert await rotate_master_key(store, store.core, new) >= 2
        await store.write(lambda work: said(work, started, "after", start=2))
        assert await rotate_master_key(store, store.core, new) == 0
        await store.close()
        with pytest.raises(Tampered):
            open_sqlite(path, MASTER, clock)
        store = open_sqlite(path, new, clock)
        texts = [
            each.content.text for each in await store.read(lambda work: work.messages.newest(started.conversation_id))
        ]
        assert texts == ["before", "after"]
        found = await store.read(lambda work: work.messages.search(["before"], Page()))
        assert len(found.items) == 1
        await store.close()


class TestTheAuditChain:
    async def test_shows_a_changed_a_missing_and_a_cut_off_entry(self, tmp_path: Path) -> None:
        for number, damage in enumerate(
            (
                "UPDATE audit SET actor = 'nobody' WHERE seq = 2",
                "UPDATE audit SET sealed = x'00' WHERE seq = 2",
                "DELETE FROM audit WHERE seq = 2",
                "DELETE FROM audit WHERE seq >= 2",
            )
        ):
            folder = tmp_path / str(number)
            folder.mkdir()
            store = open_kind("sqlite", folder, SetClock())
            entry = AuditEntry(at=START, actor="a", action="read", target="t")
            await store.write(bound(lambda work, entry: all_of(work.audit.append, [entry] * 4), entry))
            raw = sqlite3.connect(folder / "data" / "switchboard.db")
            raw.execute(damage)
            raw.commit()
            raw.close()
            assert await store.read(lambda work: work.audit.verify()) == 2
            await store.close()

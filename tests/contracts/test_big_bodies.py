"""Payloads and files that lie beside the database, in every store: their keys come and go with their rows."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from switchboard.domain.ids import CustomerId, PayloadId
from switchboard.domain.inbound import Fate
from switchboard.domain.message import ChannelType
from switchboard.errors import Erased, Tampered
from switchboard.ports.records import LockedFile, Page, PayloadRecord
from switchboard.ports.store import Store
from switchboard.trust.sealed_file import new_file_key, seal_file
from tests.stores.opening import START
from tests.stores.samples import newcomer

FILE = LockedFile(blob_id="blb_body", key=new_file_key())
RECORD = PayloadRecord(
    payload_id=PayloadId("pay_1"),
    channel=ChannelType.EMAIL,
    account="",
    received_at=START,
    fate=Fate.DEAD_LETTER,
    reason="not a mail",
    size=25_000_000,
    body=b"",
    body_file=FILE,
)


class TestAPayloadWhoseBodyIsAFile:
    async def test_comes_back_with_the_key_of_its_file(self, store: Store) -> None:
        await store.write(lambda work: work.payloads.add(RECORD))

        assert await store.read(lambda work: work.payloads.get(RECORD.payload_id)) == RECORD
        listed = await store.read(lambda work: work.payloads.page(Page()))
        assert listed.items == (replace(RECORD, body_file=None),)
        assert await store.read(lambda work: work.files.doomed(10)) == ()

    async def test_keeps_its_file_when_its_fate_is_known_later(self, store: Store) -> None:
        await store.write(lambda work: work.payloads.add(RECORD))
        await store.write(lambda work: work.payloads.add(replace(RECORD, fate=Fate.STORED)))

        kept = await store.read(lambda work: work.payloads.get(RECORD.payload_id))
        assert kept == replace(RECORD, fate=Fate.STORED)
        assert await store.read(lambda work: work.files.doomed(10)) == ()

    async def test_dooms_its_file_when_it_is_replaced_without_one(self, store: Store) -> None:
        await store.write(lambda work: work.payloads.add(RECORD))
        await store.write(lambda work: work.payloads.add(replace(RECORD, body_file=None)))

        kept = await store.read(lambda work: work.payloads.get(RECORD.payload_id))
        assert kept == replace(RECORD, body_file=None)
        assert await store.read(lambda work: work.files.doomed(10)) == (FILE.blob_id,)

    async def test_dooms_its_file_when_its_time_is_over_and_others_keep_theirs(self, store: Store) -> None:
        newer = LockedFile(blob_id="blb_newer", key=new_file_key())
        later = replace(RECORD, payload_id=PayloadId("pay_2"), received_at=START + timedelta(days=1), body_file=newer)
        await store.write(lambda work: work.payloads.add(RECORD))
        await store.write(lambda work: work.payloads.add(later))
        await store.write(lambda work: work.payloads.purge(START + timedelta(hours=1)))

        assert await store.read(lambda work: work.files.doomed(10)) == (FILE.blob_id,)
        assert await store.read(lambda work: work.payloads.get(later.payload_id)) == later

    async def test_goes_with_its_customer_and_the_key_is_gone_at_once(self, store: Store) -> None:
        started = await store.write(newcomer)
        owner = CustomerId(started.customer_id)
        sealed = b"".join(seal_file(FILE.key, FILE.blob_id, b"a mail"))
        await store.write(lambda work: work.payloads.add(replace(RECORD, customer_id=owner)))
        opened = await store.read(lambda work: work.open_blob(owner, FILE.blob_id, sealed))
        await store.write(lambda work: work.customers.erase(owner, START))

        assert opened == b"a mail"
        assert await store.read(lambda work: work.payloads.get(RECORD.payload_id)) is None
        assert await store.read(lambda work: work.files.doomed(10)) == (FILE.blob_id,)
        with pytest.raises(Erased):
            await store.read(lambda work: work.open_blob(owner, FILE.blob_id, sealed))


class TestAFileWithAKeyOfItsOwn:
    async def test_opens_until_nobody_needs_it_and_never_under_another_name(self, store: Store) -> None:
        started = await store.write(newcomer)
        owner, sealed = CustomerId(started.customer_id), b"".join(seal_file(FILE.key, FILE.blob_id, b"a photo"))
        other = LockedFile(blob_id="blb_other", key=FILE.key)
        await store.write(lambda work: work.files.lock(FILE, owner))
        await store.write(lambda work: work.files.lock(other, owner))

        assert await store.read(lambda work: work.open_blob(owner, FILE.blob_id, sealed)) == b"a photo"
        with pytest.raises(Tampered):
            await store.read(lambda work: work.open_blob(owner, other.blob_id, sealed))
        await store.write(lambda work: work.files.doom([FILE.blob_id]))
        with pytest.raises(Erased):
            await store.read(lambda work: work.open_blob(owner, FILE.blob_id, sealed))

    async def test_cannot_be_given_to_somebody_who_was_erased(self, store: Store) -> None:
        started = await store.write(newcomer)
        owner = CustomerId(started.customer_id)
        await store.write(lambda work: work.customers.erase(owner, START))

        with pytest.raises(Erased):
            await store.write(lambda work: work.files.lock(FILE, owner))

"""The lock of one value, the keys at hand and the fingerprints that find people."""

from __future__ import annotations

import pytest

from switchboard.errors import InvalidInput, Tampered
from switchboard.trust.blind_index import MOST_TOKENS, BlindIndex, normal_address, search_tokens
from switchboard.trust.keyring import Keyring
from switchboard.trust.master_key import MasterKey
from switchboard.trust.vault import key_id_of, new_data_key, seal, unseal


class TestASealedValue:
    def test_opens_in_its_own_place_only(self) -> None:
        key, _ = new_data_key("cus_1")
        record = seal(key, "messages|m1|content", b"hello")
        assert unseal(key, "messages|m1|content", record) == b"hello"
        assert key_id_of(record) == key.key_id
        with pytest.raises(Tampered):
            unseal(key, "messages|m2|content", record)

    def test_looks_different_each_time(self) -> None:
        key, _ = new_data_key("cus_1")
        assert len({seal(key, "p", b"same") for _ in range(100)}) == 100

    def test_does_not_open_when_any_byte_was_changed(self) -> None:
        key, _ = new_data_key("cus_1")
        record = seal(key, "p", b"hello")
        for position in range(len(record)):
            forged = bytearray(record)
            forged[position] ^= 1
            with pytest.raises(Tampered):
                unseal(key, "p", bytes(forged))
        for length in range(len(record)):
            with pytest.raises(Tampered):
                unseal(key, "p", record[:length])

    def test_does_not_open_with_another_key(self) -> None:
        one, two = new_data_key("cus_1")[0], new_data_key("cus_1")[0]
        with pytest.raises(Tampered):
            unseal(two, "p", seal(one, "p", b"hello"))


class TestTheMasterKey:
    def test_is_read_from_hexadecimal_and_base64(self) -> None:
        key = MasterKey.generate()
        assert MasterKey.parse(key.text()) == MasterKey.parse(f" {key.secret.hex()}\n") == key

    @pytest.mark.parametrize("text", ["", "short", "zz" * 32, "a" * 63])
    def test_says_what_is_wrong_without_repeating_it(self, text: str) -> None:
        with pytest.raises(InvalidInput) as caught:
            MasterKey.parse(text)
        assert caught.value.field == "master_key"

    def test_is_not_shown_by_accident(self) -> None:
        key = MasterKey.generate()
        assert key.secret.hex() not in repr(key)
        assert str(key.secret) not in repr(key)

    def test_unlocks_a_data_key_only_for_its_owner(self) -> None:
        master = MasterKey.generate()
        wrapped = master.wrap("k1", "cus_1", b"x" * 32)
        assert master.unwrap("k1", "cus_1", wrapped) == b"x" * 32
        for key_id, owner in (("k1", "cus_2"), ("k2", "cus_1")):
            with pytest.raises(Tampered):
                master.unwrap(key_id, owner, wrapped)
        with pytest.raises(Tampered):
            MasterKey.generate().unwrap("k1", "cus_1", wrapped)


class TestTheKeyring:
    def test_forgets_the_least_used_and_whoever_is_erased(self) -> None:
        ring = Keyring(capacity=2)
        keys = [new_data_key(f"cus_{n}")[0] for n in range(3)]
        ring.add(keys[0], current=True)
        ring.add(keys[1], current=True)
        assert ring.current("cus_0") is keys[0]
        ring.add(keys[2], current=True)
        assert ring.current("cus_1") is None
        assert ring.current("cus_0") is keys[0]
        ring.forget("cus_0")
        assert ring.get(keys[0].key_id) is None
        assert len(ring) == 1


class TestFingerprints:
    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("+49 (170) 123-45", "4917012345"),
            ("0049 170 12345", "+4917012345"),
            (" Ana@Example.COM ", "ana@example.com"),
            ("ａｎａ@example.com", "ana@example.com"),
            ("@Handle", "handle"),
        ],
    )
    def test_do_not_depend_on_spelling(self, one: str, other: str) -> None:
        assert normal_address(one) == normal_address(other)

    def test_are_equal_for_phone_channels_and_differ_elsewhere(self) -> None:
        index = BlindIndex(bytes(32))
        assert index.address("whatsapp", "a", "+491") == index.address("voice", "b", "+491")
        assert index.address("facebook", "a", "1") != index.address("facebook", "b", "1")
        assert index.address("email", "", "x@y") != index.address("web_chat", "", "x@y")
        assert index.term("name", "ana") != index.term("message", "ana")

    def test_depend_on_the_secret(self) -> None:
        one, two = BlindIndex(bytes(32)), BlindIndex(bytes([1]) * 32)
        assert one.address("email", "", "x@y") != two.address("email", "", "x@y")
        assert one.term("name", "ana") != two.term("name", "ana")


class TestWordsForTheIndex:
    def test_are_folded_distinct_and_bounded(self) -> None:
        assert search_tokens("Where's THE the Straße? a", "ﬁne") == ["where", "the", "strasse", "fine"]
        assert search_tokens(None, "") == []
        assert len(search_tokens(" ".join(f"word{n}" for n in range(1000)))) == MOST_TOKENS

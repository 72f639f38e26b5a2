"""Channel accounts by command: stored sealed, never printed, beneath the settings; listed, tested and compared."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from switchboard.assembly.credentials import stored_accounts, with_stored
from switchboard.domain.message import ChannelType
from switchboard.ports.records import Page
from switchboard.settings import Settings, WhatsApp
from tests.cli.conftest import Shop

SECRET = "s3cret-of-the-app"


def stored(shop: Shop) -> Settings:
    return with_stored(Settings(), shop.read(stored_accounts))


class TestAnAccountThatIsAdded:
    def test_is_in_force_and_its_secret_is_never_shown(self, shop: Shop) -> None:
        added = shop.run("channels", "add", "whatsapp", f"app_secret={SECRET}", "phone_number_id=106")
        listed = shop.run("channels", "list")

        assert added.code == listed.code == 0
        assert stored(shop).whatsapp.app_secret.get_secret_value() == SECRET
        assert "whatsapp" in listed.out
        assert "stored" in listed.out
        assert SECRET not in added.out + added.err + listed.out + listed.err
        assert not any(SECRET.encode() in path.read_bytes() for path in shop.folder.rglob("*") if path.is_file())

    def test_stands_in_the_audit_trail_without_its_values(self, shop: Shop) -> None:
        shop.run("channels", "add", "voice", f"auth_token={SECRET}")
        entries = shop.read(lambda work: work.audit.page(Page(limit=10))).items

        assert [entry.target for entry in entries if entry.action == "channel_added"] == ["voice"]
        assert SECRET not in repr(entries)

    def test_gives_way_to_what_the_settings_say(self, shop: Shop) -> None:
        shop.run("channels", "add", "whatsapp", f"app_secret={SECRET}", "phone_number_id=106")
        settings = Settings(whatsapp=WhatsApp(phone_number_id="200"))
        merged = with_stored(settings, shop.read(stored_accounts))

        assert merged.whatsapp.phone_number_id == "200"
        assert merged.whatsapp.app_secret.get_secret_value() == SECRET

    def test_is_read_from_a_file_and_can_be_removed(self, shop: Shop, tmp_path: Path) -> None:
        file = tmp_path / "account.json"
        file.write_text(json.dumps({"consumer_secret": SECRET, "public": True}))
        shop.run("channels", "add", "twitter", "--file", str(file), "--expires", "2027-01-31")
        before = stored(shop).twitter
        shop.run("channels", "remove", "twitter")

        assert before.public
        assert before.consumer_secret.get_secret_value() == SECRET
        assert not stored(shop).twitter.consumer_secret.get_secret_value()

    def test_is_read_from_standard_input(self, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
        given = io.TextIOWrapper(io.BytesIO(f'app_secret = "{SECRET}"'.encode()))
        monkeypatch.setattr("sys.stdin", given)

        assert shop.run("channels", "add", "whatsapp", "--file", "-").code == 0
        assert stored(shop).whatsapp.app_secret.get_secret_value() == SECRET

    @pytest.mark.parametrize("option", ["no_such=1", "smtp_port=many", "nothing"])
    def test_bad_options_are_named_and_nothing_is_stored(self, shop: Shop, option: str) -> None:
        said = shop.run("channels", "add", "email", option)

        assert said.code == 1
        assert "field:" in said.err
        assert shop.read(stored_accounts) == {}


class TestChannels:
    def test_that_are_not_set_up_say_how(self, shop: Shop) -> None:
        said = shop.run("channels", "list")

        assert "not configured" in said.out
        assert "switchboard channels add instagram" in said.out
        assert "built in" in said.out

    def test_are_tested_and_the_fault_stays_on_the_list(self, shop: Shop) -> None:
        shop.run("channels", "add", "email", "smtp_host=127.0.0.1", "smtp_port=1", "listen_port=2525")
        tested = shop.run("channels", "test", "email")
        listed = shop.run("channels", "list")

        assert tested.code == 1
        assert "The mail relay cannot be reached" in tested.out
        assert "needs attention" in listed.out

    def test_that_cannot_be_asked_are_told_apart_when_a_day_is_compared(self, shop: Shop) -> None:
        shop.run("channels", "add", "whatsapp", f"app_secret={SECRET}")
        said = shop.run("channels", "reconcile", "whatsapp", "--day", "2026-03-02")

        assert said.code == 0
        assert "cannot be asked" in said.out

    def test_nothing_is_tested_that_is_not_set_up(self, shop: Shop) -> None:
        said = shop.run("channels", "test", ChannelType.VOICE.value)

        assert said.code == 1
        assert "not set up" in said.err

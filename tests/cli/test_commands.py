"""The commands as an operator types them: what they do, and what they say when something is wrong."""

from __future__ import annotations

import getpass
import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from switchboard.cli.main import main
from switchboard.domain.customer import CustomerProfile, Evidence, Identity
from switchboard.domain.ids import CustomerId
from switchboard.domain.message import ChannelType
from switchboard.ports.records import JobKind, NewJob
from switchboard.ports.store import Work
from tests.cli.conftest import Shop

AT = datetime(2026, 3, 2, tzinfo=UTC)


def ana(work: Work) -> None:
    work.customers.add(
        CustomerProfile(
            customer_id=CustomerId("cus_1"),
            name="Ana Lopez",
            created_at=AT,
            identities=(
                Identity(
                    channel=ChannelType.EMAIL,
                    address="ana@customers.example",
                    verified=True,
                    evidence=Evidence.SENDER_CHECKED,
                ),
            ),
        )
    )


def bury_one(work: Work) -> str:
    """A job that gave up."""
    work.jobs.add(NewJob(kind=JobKind.SEND, lane="c1", priority=1.0, due_at=AT))
    (job,) = work.jobs.claim([JobKind.SEND], 1, timedelta(minutes=1), AT)
    return work.jobs.bury(job, "the provider refuses", AT).dead_letter_id


def typed(*words: str) -> int:
    """A command without a data directory; how it ended."""
    with pytest.raises(SystemExit) as end:
        main(words)
    return int(end.value.code or 0)


class TestKeysAndPeople:
    def test_a_key_is_printed_once_and_never_stored_in_clear(self, shop: Shop) -> None:
        said = shop.run("keys", "create", "--role", "admin")
        key = said.out.strip()

        assert said.code == 0
        assert len(key) >= 32
        (record,) = shop.read(lambda work: work.access.keys())
        assert key not in repr(record)

    def test_an_account_is_made_with_a_password_from_the_prompt(
        self, shop: Shop, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(getpass, "getpass", lambda prompt: "correct horse battery")
        words = ("users", "create", "--email", "maya@shop.example", "--name", "Maya", "--role", "agent")
        said = shop.run(*words)
        again = shop.run(*words)

        assert "can sign in" in said.out
        assert again.code == 1
        assert "somebody has this address already" in again.err
        (user,) = shop.read(lambda work: work.access.users())
        assert user.agent_id is not None
        assert "horse" not in user.password_hash

    def test_a_password_that_is_too_short_is_refused(self, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(getpass, "getpass", lambda prompt: "short")
        said = shop.run("users", "create", "--email", "a@shop.example", "--name", "A")

        assert said.code == 1
        assert "12" in said.err
        assert not shop.read(lambda work: work.access.users())


class TestDeadLetters:
    def test_are_listed_shown_and_replayed_once(self, shop: Shop) -> None:
        letter = shop.write(bury_one)
        listed, shown = shop.run("dlq", "list"), shop.run("dlq", "show", letter)
        first, again = shop.run("dlq", "replay", letter), shop.run("dlq", "replay", letter)

        assert letter in listed.out
        assert "the provider refuses" in shown.out
        assert "back in the queue" in first.out
        assert "before" in again.out
        assert shop.read(lambda work: work.jobs.backlog(JobKind.SEND).waiting) == 1

    def test_are_discarded(self, shop: Shop) -> None:
        letter = shop.write(bury_one)

        assert "Discarded" in shop.run("dlq", "discard", letter).out
        assert shop.read(lambda work: work.jobs.count_dead()) == 0

    def test_that_do_not_exist_are_told_in_one_sentence(self, shop: Shop) -> None:
        assert "No dead letters" in shop.run("dlq", "list").out
        for command in ("show", "replay", "discard"):
            said = shop.run("dlq", command, "dl_nothing")
            assert said.code == 1, command
            assert "dead letter" in said.err, command


class TestCareOfTheData:
    def test_migrate_makes_the_tables_and_may_be_repeated(self, shop: Shop) -> None:
        assert [shop.run("migrate").code for _ in range(2)] == [0, 0]
        assert shop.read(lambda work: work.access.users()) == ()

    def test_doctor_says_what_is_missing(self, shop: Shop) -> None:
        said = shop.run("doctor")

        assert said.code == 1
        assert "nobody can sign in" in said.out
        assert "384 numbers" in said.out

    def test_erase_takes_away_what_is_personal(self, shop: Shop) -> None:
        shop.write(ana)
        said = shop.run("erase", "cus_1")

        assert "Erased" in said.out
        files = b"".join(path.read_bytes() for path in shop.folder.rglob("*") if path.is_file())
        assert b"ana@customers" not in files
        assert b"Ana Lopez" not in files

    def test_erase_of_nobody_is_told_in_one_sentence(self, shop: Shop) -> None:
        said = shop.run("erase", "cus_nobody")

        assert said.code == 1
        assert "Traceback" not in said.err

    def test_keys_are_rotated_and_everything_stays_readable(self, shop: Shop) -> None:
        shop.write(ana)
        file = shop.folder.with_name("data.key")
        before = file.read_text()
        said = shop.run("rotate-keys")
        profile = shop.read(lambda work: work.customers.get(CustomerId("cus_1")))

        assert "wrapped with the new master key" in said.out
        assert file.read_text() != before
        assert file.with_name("data.key.old").read_text() == before
        assert file.stat().st_mode & 0o077 == 0
        assert profile is not None
        assert profile.name == "Ana Lopez"

    def test_a_key_from_the_setting_is_rotated_into_a_file(self, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
        shop.write(ana)
        file = shop.folder.with_name("data.key")
        monkeypatch.setenv("SWITCHBOARD_MASTER_KEY", file.read_text().strip())
        said = shop.run("rotate-keys")
        monkeypatch.setenv("SWITCHBOARD_MASTER_KEY", file.with_name("data.key.new").read_text().strip())

        assert "data.key.new" in said.out
        assert shop.read(lambda work: work.customers.get(CustomerId("cus_1"))) is not None


class TestLooking:
    def test_analyze_prints_a_reading_as_json(self, capsys: pytest.CaptureFixture[str]) -> None:
        typed("analyze", "Where is my order LC-48213?")
        reading = json.loads(capsys.readouterr().out)

        assert "LC-48213" in json.dumps(reading)

    def test_evaluate_measures_and_names_a_line_at_fault(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        path = tmp_path / "few.jsonl"
        rows = [{"text": "Where is my order?", "intent": "inquiry"}, {"text": "Cancel it please", "intent": "request"}]
        path.write_text("\n".join(map(json.dumps, rows)))
        typed("evaluate", "intent", "--data", str(path))
        figures = json.loads(capsys.readouterr().out)
        path.write_text("{}\nnot json")
        assert typed("evaluate", "intent", "--data", str(path)) == 1
        assert figures["n"] == 2
        assert "few.jsonl:2" in capsys.readouterr().err

    def test_evaluate_without_its_file_is_told_in_one_sentence(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert typed("evaluate", "intent", "--data", "nothing.jsonl") == 1
        assert "does not exist" in capsys.readouterr().err

    def test_the_daily_report_is_json(self, shop: Shop) -> None:
        said = shop.run("report", "daily", "2026-03-02")

        assert isinstance(json.loads(said.out), dict)
        assert shop.run("report", "daily", "yesterday").code == 1


class TestWhenSomethingIsWrong:
    @pytest.mark.parametrize(
        ("variable", "value", "told"),
        [
            ("SWITCHBOARD_SERVER__PORT", "many", "server.port"),
            ("SWITCHBOARD_SERVER__PROT", "80", "server.prot"),
            ("SWITCHBOARD_SERVER", "not json", "server"),
            ("SWITCHBOARD_MASTER_KEY", "tooshort", "master key"),
            ("SWITCHBOARD_DATABASE_URL", "mysql://x/y", "database"),
        ],
    )
    def test_a_setting_is_named_in_one_sentence(
        self, shop: Shop, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, told: str
    ) -> None:
        monkeypatch.setenv(variable, value)
        said = shop.run("dlq", "list")

        assert said.code == 1
        assert told in said.err.casefold()
        assert "Traceback" not in said.err

    @pytest.mark.parametrize(
        ("content", "told"), [("[server]\nprot = 1\n", "server.prot"), ("[server\n", "config"), (None, "config")]
    )
    def test_a_settings_file_with_a_fault_is_named(
        self, shop: Shop, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: str | None, told: str
    ) -> None:
        file = tmp_path / "switchboard.toml"
        if content is not None:
            file.write_text(content)
        monkeypatch.setenv("SWITCHBOARD_CONFIG", str(file))
        said = shop.run("dlq", "list")

        assert said.code == 1
        assert told in said.err.casefold()

    def test_another_master_key_opens_nothing_and_says_so(self, shop: Shop) -> None:
        shop.write(ana)
        shop.folder.with_name("data.key").unlink()
        said = shop.run("doctor")

        assert said.code == 1
        assert "Traceback" not in said.err
        assert "key" in said.err.casefold()

    def test_an_unknown_option_or_command_is_told(self, shop: Shop) -> None:
        for words in (("dlq", "list", "--colour", "red"), ("dance",), ("keys", "create", "--role", "king")):
            said = shop.run(*words)
            assert said.code != 0
            assert "Traceback" not in said.err + said.out


class TestThePackage:
    def test_runs_as_a_module(self, tmp_path: Path) -> None:
        code = "import runpy, sys; sys.argv = ['switchboard', '--version']; runpy.run_module('switchboard', run_name='__main__')"
        done = subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONPATH": ":".join(sys.path), "PATH": os.environ.get("PATH", "")},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )

        assert done.returncode == 0, done.stderr
        assert done.stdout.strip()
        assert not list(tmp_path.iterdir())

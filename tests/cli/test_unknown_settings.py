"""A misspelt setting is told, with the name that was meant: in the environment as a warning, in the file as an error."""

from __future__ import annotations

import os
import re
from collections.abc import Coroutine
from pathlib import Path

import pytest

from switchboard.cli import up
from switchboard.cli.unknown_settings import explained, unknown_variables
from tests.cli.conftest import Shop


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine's own variables say nothing here."""
    for name in [name for name in os.environ if name.upper().startswith("SWITCHBOARD_")]:
        monkeypatch.delenv(name)


class TestAVariable:
    @pytest.mark.parametrize(
        ("given", "meant"),
        [
            ("SWITCHBOARD_LMM__PROVIDER", "SWITCHBOARD_LLM__PROVIDER"),
            ("SWITCHBOARD_LLM_PROVIDER", "SWITCHBOARD_LLM__PROVIDER"),
            ("SWITCHBOARD_PUBLIC_URL", "SWITCHBOARD_SERVER__PUBLIC_URL"),
            ("SWITCHBOARD_DATABSE_URL", "SWITCHBOARD_DATABASE_URL"),
            ("switchboard_emial__address", "SWITCHBOARD_EMAIL__ADDRESS"),
        ],
    )
    def test_that_is_misspelt_is_told_with_the_one_that_was_meant(self, given: str, meant: str) -> None:
        assert unknown_variables({given: "x"}) == (f"{given} is no setting; did you mean {meant}?",)

    def test_like_none_of_ours_leads_to_the_list(self) -> None:
        assert unknown_variables({"SWITCHBOARD_XYZZY": "x"}) == (
            "SWITCHBOARD_XYZZY is no setting; docs/configuration.md lists them all.",
        )

    @pytest.mark.parametrize(
        "name",
        [
            "SWITCHBOARD_CONFIG", "SWITCHBOARD_SERVER__PORT", "switchboard_server__port", "SWITCHBOARD_LLM",
            "SWITCHBOARD_EMAIL__MAILBOXES__A@B.C__IMAP_HOST", "PATH", "SWITCHBOARDER",
        ],
    )  # fmt: skip
    def test_that_is_read_or_not_ours_is_not_told(self, name: str) -> None:
        assert unknown_variables({name: "x"}) == ()

    def test_never_shows_its_value(self) -> None:
        assert "s3cret" not in repr(unknown_variables({"SWITCHBOARD_LMM__API_KEY": "s3cret"}))


class TestTheStart:
    def test_warns_and_goes_on(
        self, shop: Shop, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        monkeypatch.setenv("SWITCHBOARD_LMM__PROVIDER", "openai")
        monkeypatch.setattr(up, "configure_logs", lambda: None)
        served: list[object] = []

        def serve(main: Coroutine[None, None, None]) -> None:
            served.append(main)
            main.close()

        monkeypatch.setattr(up, "run_loop", serve)

        for command in ("up", "worker"):
            assert shop.run(command).code == 0

        assert len(served) == 2
        assert [record.levelname for record in caplog.records] == ["WARNING", "WARNING"]
        assert caplog.messages[0] == "SWITCHBOARD_LMM__PROVIDER is no setting; did you mean SWITCHBOARD_LLM__PROVIDER?"

    def test_stops_at_a_wrong_option_of_a_section(self, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SWITCHBOARD_LLM__PROVDER", "openai")

        said = shop.run("migrate")

        assert said.code == 1
        assert "SWITCHBOARD_LLM__PROVDER is no setting; did you mean SWITCHBOARD_LLM__PROVIDER?" in said.err

    @pytest.mark.parametrize(
        ("line", "told"),
        [
            ("[lmm]\nprovider = 'openai'", "lmm is no setting; did you mean llm?"),
            ("[llm]\nprovder = 'openai'", "llm.provder is no setting; did you mean llm.provider?"),
            ("public_url = 'x'", "public_url is no setting; did you mean server.public_url?"),
            (
                "[email.mailboxes.'a@b.example']\nimap_hst = 'x'",
                "email.mailboxes.a@b.example.imap_hst is no setting; did you mean email.mailboxes.a@b.example.imap_host?",
            ),
        ],
    )
    def test_stops_at_a_key_of_the_file(
        self, shop: Shop, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, line: str, told: str
    ) -> None:
        file = tmp_path / "switchboard.toml"
        file.write_text(line)
        monkeypatch.setenv("SWITCHBOARD_CONFIG", str(file))

        said = shop.run("migrate")

        assert (said.code, told in said.err) == (1, True)

    def test_a_key_with_no_like_leads_to_the_list(self) -> None:
        assert explained(("xyzzy",), {}) == "xyzzy is no setting; docs/configuration.md lists them all."


class TestTheDoctor:
    def test_names_it_as_a_warning(self, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SWITCHBOARD_LMM__PROVIDER", "openai")

        said = " ".join(
            re.split(r"[\s│]+", shop.run("doctor").out)
        )  # in a narrow terminal its cells have several lines

        assert "SWITCHBOARD_LMM__PROVIDER is no setting; did you mean SWITCHBOARD_LLM__PROVIDER?" in said
        assert "warning" in said

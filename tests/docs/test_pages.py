"""What the pages say exists does exist: links, paths, commands and options; and nothing tells of the machine it was made on."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from urllib.parse import unquote

import pytest

from switchboard.cli import access, bring_in, data, look
from switchboard.cli.main import cli
from switchboard.settings import Settings
from tests.docs.generate import variable
from tests.docs.pages import DOCS, ROOT, blocks, pages, tracked_files, without_blocks

LINK = re.compile(r"\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#{1,6} (.+)$", re.M)
PATH = re.compile(r"`((?:src|tests|docs|benchmarks|\.ci)/[\w./-]*|[\w-]+\.(?:toml|lock))`")
COMMAND = re.compile(r"(?:^\$ |`|^|\()switchboard ([a-z-]+)(?: ([a-z]+)\b)?", re.M)
OPTION = re.compile(r"SWITCHBOARD_[A-Z0-9_]+")
GROUPS = {"keys": access.keys, "users": access.users, "kb": bring_in.kb, "dlq": look.dlq, "report": look.report,
          "retention": data.retention}  # fmt: skip
EVERY_PAGE = pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))

REGISTRIES = ["pypi" + ".org", "pythonhosted" + ".org", "registry.npmjs" + ".org", "index.crates" + ".io"]
MACHINE = [r"(?<![\w.])/" + folder + r"/\w" for folder in ("work", "tmp", "root", "home/[a-z]+")]
WORKPLACE = [r"\b" + word + r"\b" for word in ("clau" + "de", "chat" + "gpt", "copi" + "lot", "sub-?" + "agents?")]
UNFINISHED = [r"\b" + word + r"\b" for word in ("TO" + "DO", "FIX" + "ME", "NotImplemented" + "Error")]


def anchor_of(heading: str) -> str:
    """As forges make it: small letters, spaces to dashes, signs dropped."""
    return re.sub(r"[^\w\- ]", "", re.sub(r"[`*]|\]\([^)]*\)|\[", "", heading).lower()).replace(" ", "-")


def anchors(page: Path) -> set[str]:
    return {anchor_of(heading) for heading in HEADING.findall(without_blocks(page.read_text(encoding="utf-8")))}


def words_of(path: Path) -> str | None:
    """The text of a file that people wrote; None for pictures, models and other data."""
    if path.suffix in {".png", ".onnx", ".npz", ".gz", ".lock", ".woff2", ".ico"} or path.stat().st_size > 400_000:
        return None
    raw = path.read_bytes()
    return None if b"\0" in raw else raw.decode("utf-8", "replace")


class TestEveryPage:
    @EVERY_PAGE
    def test_links_lead_somewhere(self, page: Path) -> None:
        for link in LINK.findall(without_blocks(page.read_text(encoding="utf-8"))):
            if link.startswith(("http://", "https://", "mailto:")):
                continue
            name, _, anchor = unquote(link).partition("#")
            target = (page.parent / name).resolve() if name else page
            assert target.exists(), f"{page.name} links to {link}"
            if anchor:
                assert anchor in anchors(target), f"{page.name} links to {link}: there is no such heading"

    @EVERY_PAGE
    def test_files_of_the_project_that_it_names_exist(self, page: Path) -> None:
        for name in PATH.findall(without_blocks(page.read_text(encoding="utf-8"))):
            assert (ROOT / name).exists() or (page.parent / name).exists(), f"{page.name} names {name}"

    @EVERY_PAGE
    def test_commands_that_it_names_exist(self, page: Path) -> None:
        known = {name for name in cli if not name.startswith("-")}
        for name, second in COMMAND.findall(page.read_text(encoding="utf-8")):
            assert name in known, f"{page.name} names the command {name}"
            if name in GROUPS and second:
                assert second in set(GROUPS[name]), f"{page.name} names the command {name} {second}"

    @EVERY_PAGE
    def test_options_that_it_names_exist(self, page: Path) -> None:
        named = set(OPTION.findall(page.read_text(encoding="utf-8"))) - {"SWITCHBOARD_", "SWITCHBOARD_CHROMIUM"}
        assert named <= every_variable()


def every_variable() -> set[str]:
    found = set()
    for name, field in Settings.model_fields.items():
        section = getattr(field.annotation, "model_fields", None)
        found |= {variable(f"{name}.{inner}") for inner in section} if section else {variable(name)}
    return found


class TestExamples:
    def test_the_settings_file_of_the_page_is_valid(self) -> None:
        (example,) = [block for block in blocks(DOCS / "configuration.md") if block.language == "toml"]
        settings = Settings.model_validate(tomllib.loads(example.text))
        assert settings.server.production
        assert settings.server.public_url == "https://support.example.com"

    def test_the_commands_of_the_readme_are_those_of_the_other_pages(self) -> None:
        readme = (ROOT / "README.md").read_text(encoding="utf-8")
        for command in (
            "python3 -m venv .venv && .venv/bin/pip install -q --require-hashes --no-deps -r requirements.lock"
            " && .venv/bin/pip install -q --no-deps . && .venv/bin/switchboard up --demo",
            "python3 -m venv .venv && .venv/bin/pip install -q --require-hashes --no-deps -r requirements-dev.lock"
            " && .venv/bin/pip install -q --no-deps -e . && .venv/bin/pytest -q -n 2",
        ):
            assert command in readme
        for name in ("requirements.lock", "requirements-dev.lock"):
            assert "--hash=sha256:" in (ROOT / name).read_text(encoding="utf-8")

    def test_every_page_can_be_found_from_the_readme(self) -> None:
        reached, ahead = set(), [ROOT / "README.md"]
        while ahead:
            page = ahead.pop()
            if page in reached or not page.exists():
                continue
            reached.add(page)
            ahead += sorted(page.glob("*.md")) if page.is_dir() else []
            links = LINK.findall(page.read_text(encoding="utf-8")) if page.suffix == ".md" else []
            ahead += [(page.parent / link.partition("#")[0]).resolve() for link in links if "://" not in link]
        assert [page.name for page in pages() if page not in reached] == []


class TestEveryFile:
    def test_nothing_tells_of_the_machine_or_the_way_it_was_made(self) -> None:
        telling = re.compile("|".join([*map(re.escape, REGISTRIES), *MACHINE, *WORKPLACE]), re.I)
        found = [
            f"{path.relative_to(ROOT)}: {hit[0]}"
            for path in tracked_files()
            if path.name != ".gitignore"
            and (text := words_of(path)) is not None
            and (hit := telling.search(text)) is not None
        ]
        assert found == []

    def test_nothing_in_the_program_is_unfinished(self) -> None:
        mark = re.compile("|".join(UNFINISHED))
        program = [path for path in tracked_files() if path.suffix in {".py", ".js", ".css", ".html"}]
        found = [str(path.relative_to(ROOT)) for path in program if mark.search(words_of(path) or "")]
        assert found == []

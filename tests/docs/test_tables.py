"""Tables in the documentation say what the code does, no more and no less."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.routing import Route
from starlette.testclient import TestClient

from switchboard.analytics.people import AgentMetrics
from switchboard.analytics.report import Outcomes, SentimentReport, Volume
from switchboard.analytics.topics import TrendingTopic
from switchboard.api.analytics import DashboardShape
from switchboard.assembly import assemble
from switchboard.cli.shared import close
from switchboard.domain.event import EventType
from switchboard.flows.business import DOCUMENTS
from switchboard.settings import Settings
from switchboard.trust.roles import Permission
from tests.docs.generate import (
    METHODS,
    TABLES,
    api_tables,
    error_table,
    methods_of,
    operations,
    permission_of,
    role_table,
    settings_tables,
    shown,
)
from tests.docs.pages import DOCS

MEND = "run: python -m tests.docs.generate"


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """Somebody without credentials, in front of the program."""
    system = asyncio.run(assemble(Settings(data_dir=tmp_path_factory.mktemp("stranger") / "data")))
    yield TestClient(system.api, raise_server_exceptions=False, follow_redirects=False)
    asyncio.run(close(system))


@pytest.fixture(scope="module")
def api(stranger: TestClient) -> FastAPI:
    assert isinstance(stranger.app, FastAPI)
    return stranger.app


def is_of_the_desk(route: APIRoute) -> bool:
    """There a session's cookie stands for the credentials."""
    return route.path == "/" or route.path.startswith(("/desk", "/f/", "/reading"))


def names_in_first_column(page: str) -> set[str]:
    """Every name in backquotes that begins a table's row."""
    text = (DOCS / page).read_text(encoding="utf-8")
    rows = re.findall(r"^\|([^|]*)\|", text, re.M)
    return {name for row in rows for name in re.findall(r"`([^`]+)`", row)}


class TestGeneratedTables:
    def test_configuration_lists_every_option_with_its_default_and_meaning(self) -> None:
        assert shown("settings") == settings_tables(), MEND

    def test_the_api_page_lists_every_operation_with_its_permission(self, api: FastAPI) -> None:
        assert shown("operations") == api_tables(api), MEND

    def test_the_errors_page_lists_every_class_with_its_status(self) -> None:
        assert shown("errors") == error_table(), MEND

    def test_the_security_page_shows_what_each_role_may(self) -> None:
        assert shown("roles") == role_table(), MEND

    @pytest.mark.parametrize("name", [name for name in TABLES if name.startswith("features")])
    def test_the_pages_of_channels_say_what_each_carries(self, name: str) -> None:
        assert shown(name) == TABLES[name][1](), MEND


class TestTablesWrittenByHand:
    def test_every_type_of_event_is_explained(self) -> None:
        assert names_in_first_column("events.md") == {kind.value for kind in EventType}

    def test_every_setting_of_the_business_is_explained(self) -> None:
        section = (DOCS / "configuration.md").read_text(encoding="utf-8").partition("## The business's own settings")[2]
        assert set(re.findall(r"^\| `([a-z-]+)`", section, re.M)) == set(DOCUMENTS)

    def test_every_figure_is_defined(self) -> None:
        defined = names_in_first_column("analytics.md")
        plain = {name.rpartition(".")[2] for name in defined}
        shapes = (Volume, SentimentReport, Outcomes, AgentMetrics, TrendingTopic)
        figures = {name for shape in shapes for name in shape.__dataclass_fields__}
        figures |= set(DashboardShape.model_fields)
        assert figures - plain == {"agent_id", "start", "end", "rank", "topic", "at"}


class TestWithoutCredentials:
    def test_every_operation_under_v1_needs_a_permission(self, api: FastAPI) -> None:
        under_v1 = [route for route in operations(api.routes) if route.path.startswith("/v1")]
        assert [route.path for route in under_v1 if permission_of(route) is None] == []
        assert len(under_v1) > 50

    def test_the_api_answers_a_stranger_only_that_they_must_sign_in(self, api: FastAPI, stranger: TestClient) -> None:
        for route in operations(api.routes):
            for method in methods_of(route) if permission_of(route) is not None else ():
                answer = stranger.request(method, route.path, json=None if method == "GET" else {})
                assert answer.status_code == 401, f"{method} {route.path} answers {answer.status_code}"

    def test_the_desk_lets_a_stranger_do_nothing(self, api: FastAPI, stranger: TestClient) -> None:
        answers = {
            f"{method} {route.path}": stranger.request(method, route.path).status_code
            for route in operations(api.routes)
            for method in methods_of(route)
            if is_of_the_desk(route)
        }
        # 303 leads to the sign-in page; 404 and 422 complain about the request before anything is looked up
        assert set(answers.values()) <= {303, 401, 404, 422}
        assert len(answers) > 20

    def test_nothing_else_is_open_than_what_the_security_page_lists(self, api: FastAPI) -> None:
        listed = {name for name in names_in_first_column("security.md") if name.startswith(METHODS)}
        open_ones = {
            f"{method} {route.path}"
            for route in operations(api.routes)
            for method in methods_of(route)
            if permission_of(route) is None and not is_of_the_desk(route)
        }
        frame = {f"GET {route.path}" for route in api.routes if isinstance(route, Route) and route.path != "/"}
        assert open_ones | frame == listed

    def test_every_permission_is_needed_somewhere_or_known_to_be_kept_for_later(self, api: FastAPI) -> None:
        needed = {permission_of(route) for route in operations(api.routes)}
        assert {permission for permission in Permission if permission not in needed} <= {
            Permission.ASSIGN_OTHERS,  # asked inside the operation, when it is somebody else
            Permission.EXPORT_CUSTOMERS,
            Permission.MANAGE_CHANNELS,
            Permission.MANAGE_RETENTION,
        }

"""A fresh desk over a store in memory, filled with the sample scene."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from switchboard.ports.store import Store
from switchboard.stores import open_sqlite
from tests.desk.samples import seed
from tests.desk.world import Desk, StandingClock, make_desk, maya, run_now


@pytest.fixture
def store() -> Iterator[Store]:
    opened = open_sqlite(None, b"k" * 32, StandingClock())
    run_now(opened.write(seed))
    yield opened
    run_now(opened.close())


@pytest.fixture
def desk(store: Store) -> Desk:
    return make_desk(store, who=maya())


@pytest.fixture
def browser(desk: Desk) -> Iterator[TestClient]:
    with TestClient(desk.app, follow_redirects=False) as client:
        yield client

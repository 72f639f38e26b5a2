"""Nobody gets in without a credential, and everybody only where their role leads."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from switchboard.api.caller import new_key
from switchboard.trust.roles import PERMISSIONS, Permission, Role
from tests.api.face import Face
from tests.api.operations import NEEDS, operations
from tests.kit import STORY
from tests.properties import design_property

WITH_FACE = settings(STORY, suppress_health_check=[HealthCheck.function_scoped_fixture])
NAMES = st.sampled_from(sorted(NEEDS))
RUBBISH = st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=60)


def split(name: str, value: str = "none-such") -> tuple[str, str]:
    method, path = name.split()
    for part in path.split("/"):
        if part.startswith("{"):
            path = path.replace(part, value)
    return method, path


class TestEveryOperation:
    async def test_is_in_the_table_of_permissions(self, face: Face) -> None:
        described = {operation.name for operation in operations(face.system.api)}
        assert described == set(NEEDS)

    async def test_names_its_security_in_the_description(self, face: Face) -> None:
        described = face.system.api.openapi()["paths"]
        assert all(described[path][method.lower()]["security"] for method, path in map(str.split, NEEDS))

    async def test_refuses_every_stranger(self, face: Face) -> None:
        for name in NEEDS:
            method, path = split(name)
            answer = await face.ask(method, path, None)
            assert (name, answer.status_code) == (name, 401)
            assert answer.headers["www-authenticate"] == "Bearer"

    @design_property(51)
    @WITH_FACE
    @given(
        name=NAMES,
        header=st.one_of(
            st.none(),
            RUBBISH.map(lambda text: ("Authorization", f"Bearer {text}")),
            RUBBISH.map(lambda text: ("Authorization", f"Bearer sbk_{text}")),
            RUBBISH.map(lambda text: ("X-API-Key", text)),
            st.just(("Authorization", "Basic YTpi")),
            st.just(("Authorization", "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJ1c2VyOjEifQ.")),
            st.just(("Cookie", "session=guessed")),
        ),
        body=st.sampled_from([b"", b"{}", b"not json", b'{"text": "x"}']),
    )
    async def test_is_closed_to_bad_credentials(
        self, face: Face, name: str, header: tuple[str, str] | None, body: bytes
    ) -> None:
        """Feature: omnichannel-cx-platform, Property 51: API Authentication"""
        method, path = split(name)
        headers = {"Content-Type": "application/json", **dict([header] if header else [])}
        before = await face.system.app.store.read(lambda work: work.events.last())

        answer = await face.ask(method, path, None, headers=headers, content=body)

        malformed = method != "GET" and body == b"not json"
        assert answer.status_code == (400 if malformed else 401)
        assert answer.headers["content-type"] == "application/problem+json"
        assert await face.system.app.store.read(lambda work: work.events.last()) == before

    @design_property(55)
    @WITH_FACE
    @given(name=NAMES.filter(lambda name: "/v1/events" not in name), role=st.sampled_from(list(Role)))
    async def test_is_open_exactly_to_the_roles_that_have_its_permission(
        self, face: Face, name: str, role: Role
    ) -> None:
        """Feature: omnichannel-cx-platform, Property 55: Role-Based Access Control"""
        method, path = split(name)
        may = NEEDS[name] in PERMISSIONS[role]
        body: dict[str, object] | None = {} if method in ("POST", "PUT", "PATCH") else None
        if name == "PUT /v1/agents/{agent_id}/status":  # of somebody else
            may = Permission.MANAGE_AGENTS in PERMISSIONS[role]
            body = {"status": "available"}

        answer = await face.ask(method, path, role, json=body)

        assert (answer.status_code == 403) == (not may)
        assert answer.status_code != 401
        assert answer.status_code < 500


class TestAnApiKey:
    async def test_is_narrowed_by_its_scopes(self, face: Face) -> None:
        key, record = new_key(
            "integration", "crm", face.clock.now(), scopes=frozenset({Permission.READ_KNOWLEDGE.value})
        )
        await face.system.app.store.write(lambda work: work.access.add_key(record))
        mine = {"Authorization": f"Bearer {key}"}

        assert (await face.ask("GET", "/v1/knowledge/documents", None, headers=mine)).status_code == 200
        assert (await face.ask("GET", "/v1/conversations", None, headers=mine)).status_code == 403

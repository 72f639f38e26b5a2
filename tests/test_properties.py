"""Each of the design document's 57 properties has a property test that can fail, and a page says which."""

from __future__ import annotations

import importlib
import inspect
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.shared import SHARED

ROOT = Path(__file__).resolve().parents[1]
TABLE = ROOT / "docs" / "properties.md"
TITLES = {
    int(number): title
    for number, title in re.findall(
        r"^\*\*Property (\d+): (.+?)\*\*$", (SHARED / "spec" / "design-document.md").read_text(), re.MULTILINE
    )
}
LEAST_EXAMPLES = 100
ROW = re.compile(r"^\| (\d+) \| ([^|]+) \| (.+) \|$", re.MULTILINE)
Test = Callable[..., object]


@cache
def property_tests() -> dict[int, dict[str, Test]]:
    """Number of the property -> ``file::Class::test`` -> the test."""
    found: defaultdict[int, dict[str, Test]] = defaultdict(dict)
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for name, test in _marked(path):
            for number in test.design_properties:  # type: ignore[attr-defined]  # set by design_property
                found[number][name] = test
    return dict(found)


def _marked(path: Path) -> Iterator[tuple[str, Test]]:
    if "design_property" not in path.read_text():
        return
    where = path.relative_to(ROOT)
    module = importlib.import_module(".".join(where.with_suffix("").parts))
    holders = [("", module), *inspect.getmembers(module, inspect.isclass)]
    for holder_name, holder in holders:
        if inspect.isclass(holder) and holder.__module__ != module.__name__:
            continue
        for name, member in vars(holder).items():
            if hasattr(member, "design_properties"):
                yield "::".join(part for part in (where.as_posix(), holder_name, name) if part), member


def is_property_test(test: Test) -> bool:
    """Generated inputs, and at least a hundred of them."""
    settings = getattr(test, "_hypothesis_internal_use_settings", None)
    generated = getattr(test, "is_hypothesis_test", False)
    return generated and settings is not None and settings.max_examples >= LEAST_EXAMPLES


def is_tagged(test: Test, number: int) -> bool:
    """A line such as ``Feature: omnichannel-cx-platform, Property 7: Sentiment Score Range``."""
    return f"Feature: omnichannel-cx-platform, Property {number}: {TITLES[number]}" in (inspect.getdoc(test) or "")


def table() -> str:
    """The page as it should be."""
    head = (
        "# The 57 properties and their tests\n\n"
        "Every property of the design document, and the tests that check it with generated inputs (Hypothesis, at least "
        "100\nexamples each). `tests/test_properties.py` fails when a property has no such test, when a test lost its "
        "tag, or when this\npage and the tests differ; `python -m tests.test_properties` writes the page anew.\n\n"
        "| property | title | tests |\n| --- | --- | --- |\n"
    )
    rows = [
        f"| {number} | {title} | {'<br>'.join(f'`{name}`' for name in sorted(property_tests().get(number, {})))} |"
        for number, title in sorted(TITLES.items())
    ]
    return head + "\n".join(rows) + "\n"


def test_the_design_document_lists_57_properties() -> None:
    assert sorted(TITLES) == list(range(1, 58))


@pytest.mark.parametrize("number", range(1, 58))
class TestEachProperty:
    def test_has_a_property_test_with_its_tag(self, number: int) -> None:
        tests = property_tests().get(number, {})
        assert any(is_property_test(test) and is_tagged(test, number) for test in tests.values()), TITLES[number]

    def test_has_only_tests_that_are_tagged_and_generated(self, number: int) -> None:
        bad = [
            name
            for name, test in property_tests().get(number, {}).items()
            if not (is_property_test(test) and is_tagged(test, number))
        ]
        assert not bad

    def test_stands_in_the_table_with_exactly_its_tests(self, number: int) -> None:
        rows = {int(row[0]): (row[1], set(re.findall(r"`([^`]+)`", row[2]))) for row in ROW.findall(TABLE.read_text())}
        assert rows.get(number) == (TITLES[number], set(property_tests().get(number, {})))


if __name__ == "__main__":
    TABLE.write_text(table())

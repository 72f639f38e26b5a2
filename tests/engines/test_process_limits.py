"""A worker keeps to its share of the processor."""

from __future__ import annotations

from switchboard.engines.process_limits import limit_threads


class TestThreadLimits:
    def test_are_written_for_every_library(self) -> None:
        environment: dict[str, str] = {}
        limit_threads(environment, 2)
        assert environment["OMP_NUM_THREADS"] == environment["OPENBLAS_NUM_THREADS"] == "2"

    def test_of_the_operator_stay(self) -> None:
        environment = {"OMP_NUM_THREADS": "8"}
        limit_threads(environment, 1)
        assert environment["OMP_NUM_THREADS"] == "8"

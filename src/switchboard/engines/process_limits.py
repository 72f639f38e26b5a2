"""Keeps a worker to its share of the processor: number crunching libraries otherwise take every core."""

from __future__ import annotations

from collections.abc import MutableMapping

THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")


def limit_threads(environment: MutableMapping[str, str], threads: int = 1) -> None:
    """Write the thread limits that NumPy's libraries read when they load; what the operator set stays.

    Call it with ``os.environ`` before the first import of NumPy (start of the command or of a worker). The encoder has
    its own setting, ``threads`` of ``build_understanding``.
    """
    for name in THREAD_VARIABLES:
        environment.setdefault(name, str(max(1, threads)))
    environment.setdefault("TOKENIZERS_PARALLELISM", "false")

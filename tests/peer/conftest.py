"""A midigpt process for the tests that compare with it, and one test a choice."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from rival_process import Rival, missing


@pytest.fixture(scope="session")
def rival() -> Iterator[Rival]:
    reason = missing()
    if reason:
        pytest.skip(reason)
    opened = Rival()
    yield opened
    opened.close()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "choice" in metafunc.fixturenames:
        found = metafunc.module.choices(metafunc.cls.encoder)
        metafunc.parametrize("choice", found, ids=[f"{n}" for n in range(len(found))])

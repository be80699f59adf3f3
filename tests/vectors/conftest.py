"""One test for each case of the vector files a module names in `VECTORS`."""

from __future__ import annotations

import pytest
from vector_files import Vectors, load, vector_files


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    wanted: dict[str, Vectors] = getattr(metafunc.module, "VECTORS", {})
    for argument, vectors in wanted.items():
        if argument in metafunc.fixturenames:
            metafunc.parametrize(argument, _params(metafunc, vectors))


def _params(metafunc: pytest.Metafunc, vectors: Vectors) -> list[object]:
    return [
        pytest.param(case, id="-".join(filter(None, (path.stem, name))))
        for path in vector_files(vectors, metafunc.config.getoption("--vectors"))
        for name, case in vectors.split(load(path))
    ]

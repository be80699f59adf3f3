"""Whether two builds of one commit are the same, file by file."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

Stock = dict[str, str]


def take_stock(bundle: Path, packages: Iterable[Path]) -> Stock:
    """SHA-256 of each file of the bundle and of each package, by name."""
    files = sorted(p for p in bundle.rglob("*") if p.is_file() and not p.is_symlink())
    named = {path.relative_to(bundle).as_posix(): path for path in files}
    named |= {path.name: path for path in packages}
    return {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in named.items()}


def differences(one: Stock, other: Stock) -> list[str]:
    """Names of what is only in one of them, or differs."""
    return sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name))

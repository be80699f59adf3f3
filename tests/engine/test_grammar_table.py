"""The measured table of legal next types, on a vocabulary that holds every type."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from descant.encoder_config import EncoderConfig
from descant.native import StepOptions, StepRules, Vocabulary

TABLE = json.loads((Path(__file__).parents[1] / "data" / "grammar_table.json").read_text())
V042 = TABLE["legal_next_0.4.2"]
V024 = TABLE["legal_next_0.2.4_where_different"]
SETTINGS: dict[str, dict[str, Any]] = {
    "": {},
    "require_notes=False": {"require_notes": False},
    "exact_bars=0": {"exact_bars": 0},
    "exact_bars=1": {"exact_bars": 1},
    "exact_bars=2": {"exact_bars": 2},
    "max_tracks=1": {"max_tracks": 1},
    "max_tracks=2": {"max_tracks": 2},
    "AR": {"autoregressive": True},
}
LATER = ("TrackLevelNomml", "UseVelocity")  # types that came after 0.2.4
UNUSED = "mask_track_start+end"  # a switch of upstream that generation never sets


def type_names() -> list[str]:
    """Every type the table speaks of."""
    names = {re.sub(r"\[.*", "", name) for row in V042.values() for name in row if row != "ANY"}
    prefixes = {part.split(":")[0] for text in TABLE["prefix"].values() for part in text.split()}
    return sorted((names | prefixes) - {"ANY"})


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    sizes = {"TimeAbsolutePos": 96, "NoteOnset": 128, "TimeSig": 3}
    return EncoderConfig.from_dict(
        {
            "resolution": 12,
            "time_signatures": ["4/4", "7/8", "2/4"],
            "token_domains": [
                {"type": name, "domain_size": sizes.get(name, 10)} for name in type_names()
            ],
        }
    ).vocabulary


def tokens(vocabulary: Vocabulary, prefix: str) -> list[int]:
    said = [f"{part}:0".split(":")[:2] for part in prefix.split()]
    return [vocabulary.encode(kind, int(value)) for kind, value in said]


def expected(vocabulary: Vocabulary, row: Any) -> set[int]:
    if row in ("ANY", ["ANY"]):
        return set(range(vocabulary.size()))
    legal = set()
    for name in row:
        kind, *bounds = re.findall(r"\w+", name)
        first, last = map(int, bounds) if bounds else (0, vocabulary.domain_size(kind) - 1)
        legal |= {vocabulary.encode(kind, value) for value in range(first, last + 1)}
    return legal


def check(vocabulary: Vocabulary, key: str, row: Any, version: str) -> None:
    state, _, settings = (part.strip() for part in key.partition("|"))
    rules = StepRules(
        vocabulary=vocabulary,
        options=StepOptions(strict=False, version=version, **SETTINGS[settings]),
        prompt=np.array(tokens(vocabulary, TABLE["prefix"][state]), np.int32),
    )
    assert set(rules.legal()) == expected(vocabulary, row)


KEYS = [key for key in V042 if UNUSED not in key]


@pytest.mark.parametrize("key", KEYS)
def test_legal_next_types_of_0_4_2(vocabulary: Vocabulary, key: str) -> None:
    check(vocabulary, key, V042[key], "0.4.2")


@pytest.mark.parametrize("key", [k for k in KEYS if not any(name in k for name in LATER)])
def test_legal_next_types_of_0_2_4(vocabulary: Vocabulary, key: str) -> None:
    check(vocabulary, key, V024.get(key, V042[key]), "0.2.4")

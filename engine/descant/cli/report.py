"""What the commands print: tables for people, JSON for programs, one line for mistakes."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from descant.bench import Figure

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)


def print_json(value: Mapping[str, Any] | list[Any]) -> None:
    """One JSON document on standard output."""
    json.dump(value, sys.stdout, indent=2)
    sys.stdout.write("\n")


def table(*columns: str) -> Table:
    """A table without frames, columns headed as given."""
    made = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        made.add_column(column)
    return made


def print_infill(summary: Mapping[str, Any], stopped: bool) -> None:
    """What was written, where, and how it compares with what was asked for."""
    for entry in summary["written"]:
        out.print(f"track {entry['track']}, bars {entry['bars']}: {entry['notes']} notes")
        for name, level in entry["levels"].items():
            out.print(f"  {name}: asked for {level['wanted']}, got {level['measured']}")
    for track in summary["dropped_tracks"]:
        out.print(f"track {track} was left out: it did not fit into the model")
    speed = f"{summary['tokens']} tokens in {summary['seconds']:.2f} s"
    out.print(f"{speed} with model {summary['model']}, seed {summary['seed']}")
    for file in summary["files"]:
        out.print(f"wrote {file}")
    if stopped:
        out.print("stopped before the end; bars that were not finished are as they were")


def print_plan(steps: list[dict[str, Any]]) -> None:
    """One row a step."""
    made = table("step", "window", "writes", "reads", "hidden", "prompt", "answer")
    for number, step in enumerate(steps, 1):
        made.add_row(
            str(number),
            f"{step['bars'][0]}-{step['bars'][1]}",
            *(_cells(step[role]) for role in ("targets", "context", "hidden")),
            str(step["prompt_tokens"]),
            f"~{step['expected_tokens']}",
        )
    out.print(made)
    for track in steps[0]["dropped_tracks"] if steps else ():
        out.print(f"track {track} is left out: it does not fit into the model")


def _cells(bars: Mapping[str, str]) -> str:
    return "; ".join(f"track {track}: {text}" for track, text in bars.items())


def print_info(found: Mapping[str, Any]) -> None:
    """Plain fields as lines, lists of entries as tables."""
    for name, value in found.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            print_rows(value)
        else:
            shown = ", ".join(map(str, value)) if isinstance(value, list) else value
            out.print(f"{name.replace('_', ' ')}: {shown}")


def print_rows(rows: list[dict[str, Any]]) -> None:
    """Entries with the same keys as a table."""
    made = table(*(name.replace("_", " ") for name in rows[0]))
    for row in rows:
        made.add_row(*(str(value) for value in row.values()))
    out.print(made)


def print_bench(figures: Sequence[Figure], against: str | None) -> None:
    """One row a measurement."""
    from descant.bench import FIGURES

    made = table("", "unit", "Descant", against or "rival", "times faster", "of the limit")
    for figure in figures:
        name, unit = FIGURES[figure.name]
        numbers = (figure.ours, figure.rival, figure.ratio)
        shown = ["" if number is None else f"{number:.1f}" for number in numbers]
        reached = "" if figure.limit_ratio is None else f"{figure.limit_ratio:.0%}"
        made.add_row(name, unit, *shown, reached)
    out.print(made)


def print_models(models: list[dict[str, Any]]) -> None:
    """The shipped models, or that there are none."""
    if models:
        print_rows(models)
    else:
        out.print("no model ships with this build")

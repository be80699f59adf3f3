"""A judgement as pictures.  Needs matplotlib, of the `train` extra."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

OWN, REAL, COPY = "#2b6cb0", "#2f855a", "#dd6b20"
MODELS = (OWN, "#718096", "#a0aec0", COPY, "#e2e8f0")
WRITERS = (OWN, COPY, "#90cdf4", "#fbd38d")
DPI = 110


def draw_bits(found: Mapping[str, Any], path: Path) -> None:
    """Bits a note of the model and the baselines, by kind of context."""
    series = {"model": found["bits_per_note"], **found["baselines"]}
    _draw_bars(series, MODELS, "bits a note, less is better", path)


def draw_distances(found: Mapping[str, Any], path: Path) -> None:
    """Distances from real music of what was written and of the bar before, copied."""
    places = {f"{name}, at its place": x for name, x in found["js_distance"].items()}
    whole = {f"{name}, all together": x for name, x in found["js_distance_of_all"].items()}
    unit = "Jensen-Shannon distance from real bars, in bits"
    _draw_bars({**places, **whole}, WRITERS, unit, path)


def draw_control(found: Mapping[str, Any], path: Path) -> None:
    """Asked against measured, one table an attribute; a column is all bars asked for a level."""
    levels = found["attributes"]
    columns = min(3, max(1, len(levels)))
    rows = max(1, -(-len(levels) // columns))
    figure = Figure((3.6 * columns, 3.6 * rows), layout="constrained")
    places = figure.subplots(rows, columns, squeeze=False).ravel()
    for axes, (name, control) in zip(places, levels.items(), strict=False):
        _draw_table(axes, name, control)
    for axes in places[len(levels) :]:
        axes.set_axis_off()
    figure.savefig(path, dpi=DPI)


def draw_density(found: Mapping[str, Any], path: Path) -> None:
    """How many bars have how many notes, written and real, by kind of track."""
    tables = found["bars_by_notes"]
    figure = Figure((8, 2.8), layout="constrained")
    for axes, kind in zip(figure.subplots(1, 2), tables["real"], strict=True):
        for name, colour in (("real", REAL), ("generated", OWN)):
            counts = np.array(tables[name][kind])
            places = np.arange(len(counts)) + (0.2 if name == "generated" else -0.2)
            axes.bar(places, counts / max(1, counts.sum()), 0.4, color=colour, label=name)
        axes.set_title(f"{kind} tracks", fontsize=9)
        axes.set_xlabel("notes in a bar")
        axes.set_ylabel("share of bars")
        axes.legend(frameon=False, fontsize=8)
    figure.savefig(path, dpi=DPI)


def draw_scaling(runs: Sequence[Mapping[str, Any]], path: Path) -> None:
    """Validation bits against tokens learned from, a line a size, and the last against weights."""
    figure = Figure((9, 3.2), layout="constrained")
    curves, last = figure.subplots(1, 2)
    for run in runs:
        curves.plot(
            run["tokens"], run["bits"], marker="o", label=f"{run['parameters'] / 1e6:.2g} M"
        )
    last.plot([run["parameters"] for run in runs], [run["bits"][-1] for run in runs], marker="o")
    curves.set_xlabel("tokens")
    curves.legend(title="weights", frameon=False, fontsize=8)
    last.set_xlabel("weights")
    last.set_xscale("log")
    for axes in (curves, last):
        axes.set_ylabel("validation bits a token")
        axes.grid(alpha=0.3)
    figure.savefig(path, dpi=DPI)


def _draw_bars(
    series: Mapping[str, Mapping[str, float]], colours: Sequence[str], unit: str, path: Path
) -> None:
    figure = Figure((8, 3.2), layout="constrained")
    axes = figure.subplots()
    groups = list(next(iter(series.values())))
    width = 0.8 / len(series)
    for number, (name, values) in enumerate(series.items()):
        places = np.arange(len(groups)) + (number - (len(series) - 1) / 2) * width
        heights = [values[group] for group in groups]
        axes.bar(places, heights, width, label=name.replace("_", " "), color=colours[number])
    axes.set_xticks(range(len(groups)), [group.replace("_", " ") for group in groups])
    axes.set_ylabel(unit, fontsize=8)
    axes.legend(frameon=False, fontsize=8)
    figure.savefig(path, dpi=DPI)


def _draw_table(axes: Axes, name: str, control: Mapping[str, Any]) -> None:
    table = np.array(control["table"], float)
    shares = table / np.maximum(1, table.sum(axis=1, keepdims=True))
    axes.imshow(shares.T, origin="lower", cmap="Blues", vmin=0, vmax=1)
    axes.plot([0, len(table) - 1], [0, len(table) - 1], color="#dd6b20", linewidth=0.8)
    title = f"{control['adjacent_rate']:.0%} within a level, correlation "
    axes.set_title(f"{name}\n{title}{control['rank_correlation']:.2f}", fontsize=8)
    axes.set_xlabel("level asked for", fontsize=8)
    axes.set_ylabel("level measured", fontsize=8)

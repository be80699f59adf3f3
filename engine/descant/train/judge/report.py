"""A judgement as a page to read: Markdown with plots, rolls and sound."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from descant.errors import DescantError
from descant.train.judge.demos import Demo

PLOTS = ("bits", "control", "density", "distances")

Columns = Mapping[str, Mapping[str, float]]


def open_report(folder: Path) -> None:
    """Make the folder; DescantError when matplotlib is missing or the folder cannot be made."""
    try:
        import matplotlib  # noqa: F401

        folder.mkdir(parents=True, exist_ok=True)
    except ImportError:
        raise DescantError(
            "a report needs matplotlib; install it with: pip install 'descant[train]'"
        ) from None
    except OSError as error:
        raise DescantError(f"cannot make {folder}: {error.strerror or error}") from None


def write_report(found: Mapping[str, Any], demos: Sequence[Demo], folder: Path) -> Path:
    """Write `report.md`, its plots and `judgement.json` into a folder that is open; the page."""
    from descant.train.judge import plots

    for name in PLOTS:
        getattr(plots, f"draw_{name}")(found, folder / f"{name}.png")
    (folder / "judgement.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    page = folder / "report.md"
    sections = (_bits, _density, _control, _music, _copies, _hiding)
    parts = [f"# {found['model']}, judged", *(part(found) for part in sections)]
    page.write_text("\n\n".join([*parts, _demos(demos, folder)]) + "\n", encoding="utf-8")
    return page


def _bits(found: Mapping[str, Any]) -> str:
    columns = {"model": found["bits_per_note"], **found["baselines"]}
    share = 1 - found["bits_per_note"]["infill"] / found["baselines"]["bigram"]["infill"]
    return "\n\n".join(
        [
            "## Bits a note",
            f"What real validation music costs; infill is {share:.0%} below the bigram model. "
            f"Before the grammar is applied, {found['legal_mass']:.2%} of the probability is on "
            "legal tokens.",
            table(columns),
            "![bits a note](bits.png)",
        ]
    )


def _density(found: Mapping[str, Any]) -> str:
    made, real = found["measures"]["generated"], found["measures"]["real"]
    ratio = made["notes_per_bar"] / max(1e-9, real["notes_per_bar"])
    return "\n\n".join(
        [
            "## Density with nothing asked for",
            f"{found['written']} places of the validation pieces: {made['notes_per_bar']:.2f} "
            f"notes a bar where the real bars have {real['notes_per_bar']:.2f} ({ratio:.0%}); "
            f"{made['silent_bars']:.1%} of the bars are silent, of the real ones "
            f"{real['silent_bars']:.1%}.",
            "![notes in a bar](density.png)",
        ]
    )


def _control(found: Mapping[str, Any]) -> str:
    names = ("bars", "exact_rate", "adjacent_rate", "rank_correlation")
    levels = found["attributes"]
    columns = {name: {a: levels[a][name] for a in levels} for name in names}
    return "\n\n".join(
        [
            "## Levels asked for, one attribute at a time",
            "For each bar a level is drawn from those of real bars, whatever its neighbours have.",
            table(columns),
            "![asked against measured](control.png)",
        ]
    )


def _music(found: Mapping[str, Any]) -> str:
    return "\n\n".join(
        [
            "## What the bars are like",
            "Means over passages of written bars, real bars and the bar before, copied.",
            table(found["measures"]),
            "Jensen-Shannon distance from the real bars, each passage at its place:",
            table(found["js_distance"]),
            "and of all bars together, whatever their place:",
            table(found["js_distance_of_all"]),
            "![distances](distances.png)",
        ]
    )


def _copies(found: Mapping[str, Any]) -> str:
    return (
        "## Copies\n\n"
        f"The longest run of notes shared with the training pieces, transposed or not, has "
        f"{found['longest_copy']} notes; of real bars at the same places it has "
        f"{found['longest_copy_of_real_bars']}."
    )


def _hiding(found: Mapping[str, Any]) -> str:
    notes = {mode: {"notes a bar": value} for mode, value in found["mask_modes"].items()}
    return "## With all later bars hidden, in each mask mode\n\n" + table(notes)


def _demos(demos: Sequence[Demo], folder: Path) -> str:
    parts = ["## Infills", "Places chosen by fixed seeds, two a style, before anybody listened."]
    for demo in demos:
        wav = folder / f"{demo.name}.wav"
        files = [f"[MIDI]({demo.name}.mid)"] + [f"[sound]({wav.name})"] * wav.is_file()
        parts += [f"{demo.place}: {', '.join(files)}", f"![{demo.place}]({demo.name}.png)"]
    return "\n\n".join(parts)


def table(columns: Columns) -> str:
    """A Markdown table; the rows are those of the first column."""
    rows = list(next(iter(columns.values()), {}))
    lines = ["| |" + "".join(f" {name.replace('_', ' ')} |" for name in columns)]
    lines.append("|---|" + "---:|" * len(columns))
    for row in rows:
        cells = "".join(f" {_number(column[row])} |" for column in columns.values())
        lines.append(f"| {row.replace('_', ' ')} |{cells}")
    return "\n".join(lines)


def _number(value: float) -> str:
    return str(value) if isinstance(value, int) else f"{value:.3f}"

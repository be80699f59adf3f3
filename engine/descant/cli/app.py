"""The console command and its options."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

import descant
from descant.cli import report
from descant.cli.wish import USUAL, Wish
from descant.defaults import LEVEL_GUIDANCE, NATURAL_TOP_P
from descant.model.native_backend import Precision
from descant.request import MASK_MODES

app = typer.Typer(
    name="descant",
    help="A piano roll that composes with you. Tracks and bars count from 1.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

Source = Annotated[Path, typer.Argument(metavar="IN.mid", help="the MIDI file to work on")]
Tracks = Annotated[
    list[int] | None, typer.Option("--track", help="a track to write; repeat for more")
]
Bars = Annotated[
    list[str] | None,
    typer.Option("--bars", help="its bars, like 5-8 or 1-4,9; once for all tracks"),
]
Hide = Annotated[
    list[str] | None,
    typer.Option("--hide", metavar="TRACK:BARS", help="bars the model must not look at"),
]
LeaveOut = Annotated[
    list[int] | None, typer.Option("--leave-out", metavar="TRACK", help="a track kept out of sight")
]
FromScratch = Annotated[
    bool, typer.Option("--from-scratch", help="write on from left to right, to the last bar")
]
Levels = Annotated[
    list[str] | None,
    typer.Option("--level", metavar="NAME[@BARS]=LEVEL", help="how bars should be, like density=7"),
]
Model = Annotated[str | None, typer.Option(help="a bundled model's name or a checkpoint file")]
MaskMode = Annotated[str, typer.Option(help=f"how bars are hidden: {', '.join(MASK_MODES)}")]
Window = Annotated[int, typer.Option(help="bars the model sees at once; 0 chooses")]
Temperature = Annotated[float, typer.Option(help="above 0; higher is more daring")]
TopP = Annotated[float, typer.Option(help="keep the likeliest tokens that make up this share")]
TopK = Annotated[int, typer.Option(help="keep only so many of the likeliest tokens; 0 is off")]
Guidance = Annotated[
    float, typer.Option(help="how far levels of bars are followed, 0 to 10; 1 is as trained")
]
Seed = Annotated[int, typer.Option(help="the same seed writes the same notes; -1 draws one")]
Takes = Annotated[int, typer.Option(help="how many versions to make, 1 to 16")]
Request = Annotated[Path | None, typer.Option(help="a request as JSON instead of these options")]
Backend = Annotated[str, typer.Option(help="auto, native or torch")]
Device = Annotated[str | None, typer.Option(help="for torch: cpu, cuda or mps")]
PrecisionName = Annotated[
    Precision, typer.Option(help="for native: int8, int6 (faster for a large model), or fp32")
]
Threads = Annotated[int | None, typer.Option(help="for native; all cores but one by default")]
AsJson = Annotated[bool, typer.Option("--json", help="print one JSON document")]


@app.callback(invoke_without_command=True)
def main(
    version: Annotated[bool, typer.Option("--version", help="print the version")] = False,
) -> None:
    if version:
        typer.echo(f"descant {descant.__version__}")
        raise typer.Exit


@app.command(epilog="Example: descant infill song.mid --track 2 --bars 5-8 --takes 3 -o out.mid")
def infill(
    source: Source,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="OUT.mid", help="the file to write")
    ],
    track: Tracks = None,
    bars: Bars = None,
    hide: Hide = None,
    leave_out: LeaveOut = None,
    from_scratch: FromScratch = False,
    level: Levels = None,
    model: Model = None,
    mask_mode: MaskMode = "auto",
    window: Window = 0,
    temperature: Temperature = 1.0,
    top_p: TopP = NATURAL_TOP_P,
    top_k: TopK = 0,
    level_guidance: Guidance = LEVEL_GUIDANCE,
    seed: Seed = -1,
    takes: Takes = 1,
    request: Request = None,
    picture: Annotated[Path | None, typer.Option(help="draw before and after as a PNG")] = None,
    backend: Backend = "auto",
    device: Device = None,
    precision: PrecisionName = "int8",
    threads: Threads = None,
    as_json: AsJson = False,
) -> None:
    """Write bars of a MIDI file anew; everything else comes back as it was."""
    from descant.cli.infill import STOPPED, InfillJob
    from descant.cli.models import open_engine

    settings = _settings(locals())
    wish = _wish(locals(), settings)
    engine = open_engine(model, backend, device, precision, threads)
    job = InfillJob(source, output, wish, engine, picture, quiet=as_json)
    summary, stopped = job.run()
    if as_json:
        report.print_json(summary)
    else:
        report.print_infill(summary, stopped)
    if stopped:
        raise typer.Exit(STOPPED)


@app.command(epilog="Example: descant plan song.mid --track 2 --bars 5-8 --window 8")
def plan(
    source: Source,
    track: Tracks = None,
    bars: Bars = None,
    hide: Hide = None,
    leave_out: LeaveOut = None,
    from_scratch: FromScratch = False,
    level: Levels = None,
    model: Model = None,
    mask_mode: MaskMode = "auto",
    window: Window = 0,
    request: Request = None,
    as_json: AsJson = False,
) -> None:
    """Show what infill would do: windows, what is read and hidden, tokens. Generates nothing."""
    from descant.cli.models import open_engine
    from descant.cli.plan import plan_report

    wish = _wish(locals(), {"mask_mode": mask_mode, "model_dim": window})
    steps = plan_report(source, wish, open_engine(model))
    if as_json:
        report.print_json(steps)
    else:
        report.print_plan(steps)


@app.command(epilog="Example: descant tokens song.mid --bars 1-4 --encoder yellow_encoder")
def tokens(
    source: Source,
    bars: Annotated[str | None, typer.Option(help="a range of bars, like 1-8")] = None,
    encoder: Annotated[str | None, typer.Option(help="an encoder that ships with Descant")] = None,
    model: Model = None,
    as_json: AsJson = False,
) -> None:
    """Print a piece as the model reads it, one bar a line."""
    from descant.cli.tokens import token_lines

    lines = token_lines(source, bars, encoder, model)
    if as_json:
        report.print_json(lines)
    else:
        for line in lines:
            report.out.print(" ".join(line["tokens"]), soft_wrap=True, markup=False)


@app.command(epilog="Example: descant info song.mid")
def info(
    file: Annotated[Path, typer.Argument(help="a MIDI file or a checkpoint")],
    as_json: AsJson = False,
) -> None:
    """Say what is in a MIDI file or a checkpoint."""
    from descant.cli.info import describe

    found = describe(file)
    if as_json:
        report.print_json(found)
    else:
        report.print_info(found)


@app.command(epilog="Example: descant bench --random small --against midigpt")
def bench(
    model: Model = None,
    random: Annotated[
        str | None, typer.Option(help="small or medium: random weights instead of a model")
    ] = None,
    against: Annotated[
        str | None, typer.Option(help="a rival: midigpt, torch, onnxruntime")
    ] = None,
    rounds: Annotated[int, typer.Option(min=1, help="medians are of so many")] = 5,
    precision: PrecisionName = "int8",
    threads: Threads = None,
    as_json: AsJson = False,
) -> None:
    """Measure how fast a model writes here, beside what memory allows and beside a rival."""
    from descant.cli.bench import BenchJob

    figures = BenchJob(model, random, against, rounds, precision, threads).run()
    if as_json:
        report.print_json({figure.name: figure.to_dict() for figure in figures})
    else:
        report.print_bench(figures, against)


models_app = typer.Typer(
    help="Models: those that ship with Descant, and others.", no_args_is_help=True
)
app.add_typer(models_app, name="models")


@models_app.command("list")
def models_list(as_json: AsJson = False) -> None:
    """List the models that ship with Descant."""
    from descant.cli.models import list_models

    found = list_models()
    if as_json:
        report.print_json(found)
    else:
        report.print_models(found)


@models_app.command("get", epilog="Example: descant models get yellow_medium")
def models_get(
    name: Annotated[str, typer.Argument(help="the model's name on the hub")],
    repository: Annotated[str, typer.Option(help="the hub repository")] = "Metacreation/MIDI-GPT",
    accept_licence: Annotated[
        bool, typer.Option("--accept-licence", help="agree without being asked")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Download a model of others after showing its licence."""
    from descant.cli.models import get_model

    found = get_model(name, repository, accept_licence)
    if as_json:
        report.print_json(found)
    else:
        report.out.print(found["path"], soft_wrap=True, markup=False)


@models_app.command("pack", epilog="Example: descant models pack big.pt small.safetensors")
def models_pack(
    model: Annotated[str, typer.Argument(metavar="IN", help="a checkpoint in any form")],
    target: Annotated[
        Path, typer.Argument(metavar="OUT.safetensors", help="the checkpoint to write")
    ],
    precision: Annotated[
        Literal["fp16", "fp32"], typer.Option(help="two or four bytes a weight")
    ] = "fp16",
    allow_torchscript: Annotated[
        bool, typer.Option("--allow-torchscript", help="run the program in a folder you trust")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Write a checkpoint small, to ship or to share, and its card beside it."""
    from descant.cli.models import pack_model

    found = pack_model(model, target, precision, allow_torchscript)
    if as_json:
        report.print_json(found)
    else:
        report.print_info(found)


@models_app.command("info", epilog="Example: descant models info yellow_medium.safetensors")
def models_info(
    model: Annotated[str, typer.Argument(help="a bundled model's name or a file")],
    as_json: AsJson = False,
) -> None:
    """Say what a model is, was trained on, and can be asked for."""
    from descant.cli.info import describe_model

    found = describe_model(model)
    if as_json:
        report.print_json(found)
    else:
        report.print_info(found)


@app.command(epilog="Example: descant prepare ~/midi archive.tar.xz songs.parquet --out corpus")
def prepare(
    out: Annotated[Path, typer.Option(help="the folder of the corpus")],
    sources: Annotated[
        list[Path] | None,
        typer.Argument(help="folders of MIDI, archives (tar, zip), parquet tables, or a corpus"),
    ] = None,
    manifest: Annotated[
        Path | None, typer.Option(help="CSV with part, path, licence, tier, split")
    ] = None,
    tiers: Annotated[str, typer.Option(help="tiers of the manifest to take, with commas")] = "A",
    licences: Annotated[
        Path | None, typer.Option(help="Markdown table: part, licence, attribution line")
    ] = None,
    licence: Annotated[str, typer.Option(help="of files nothing is known of")] = "unknown",
    min_bars: Annotated[int, typer.Option(help="leave out shorter pieces")] = 4,
    min_tracks: Annotated[int, typer.Option(help="leave out pieces of fewer tracks")] = 1,
    min_notes: Annotated[int, typer.Option(help="leave out pieces of fewer notes")] = 24,
    workers: Annotated[int | None, typer.Option(help="processes; one a core by default")] = None,
    tokens: Annotated[
        Path | None, typer.Option(help="also write tokenised samples, to train without our core")
    ] = None,
    encoder: Annotated[str, typer.Option(help="of these samples")] = "descant",
    max_seq_len: Annotated[int, typer.Option(help="their most tokens")] = 2048,
    megabytes: Annotated[float, typer.Option(help="their size together")] = 45.0,
    as_json: AsJson = False,
) -> None:
    """Turn MIDI files into a corpus to train on; called again it does what is missing."""
    from descant.cli.training import PrepareJob, TokensJob, describe_corpus, show_progress
    from descant.train.piece import Filters

    show_progress()
    filters = Filters(min_bars=min_bars, min_tracks=min_tracks, min_notes=min_notes)
    job = PrepareJob(sources or (), out, manifest, tiers, licences, licence, filters, workers)
    job.run()
    if tokens is not None:
        TokensJob(out, tokens, encoder, max_seq_len, megabytes, workers).run()
    if as_json:
        report.print_json(describe_corpus(out))


@app.command(
    "train",
    add_help_option=False,
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
)
def train_model(context: typer.Context) -> None:
    """Train a model on a corpus; called again it resumes. Options: descant train --help."""
    from descant.cli.training import show_progress
    from descant.train.command import run

    show_progress()
    run(context.args)


@app.command(epilog="Example: descant evaluate my-model.safetensors --data corpus")
def evaluate(
    data: Annotated[Path, typer.Option(help="a corpus made by descant prepare")],
    model: Annotated[
        str | None, typer.Argument(help="a bundled model's name or a checkpoint file")
    ] = None,
    samples: Annotated[int, typer.Option(help="validation samples of each kind")] = 64,
    cases: Annotated[int, typer.Option(help="places where the model writes")] = 48,
    temperature: Temperature = 1.0,
    top_p: TopP = NATURAL_TOP_P,
    report_folder: Annotated[
        Path | None,
        typer.Option("--report", metavar="DIR", help="write a page with plots, rolls and sound"),
    ] = None,
    soundfont: Annotated[Path | None, typer.Option(help="to render the report's sound")] = None,
    threads: Threads = None,
    as_json: AsJson = False,
) -> None:
    """Judge a model on the validation pieces of a corpus, beside simple baselines."""
    from descant.cli.training import EvaluateJob, print_judgement, show_progress

    show_progress()
    found = EvaluateJob(
        model, data, samples, cases, threads, temperature, top_p, report_folder, soundfont
    ).run()
    if as_json:
        report.print_json(found)
    else:
        print_judgement(found)


def _wish(options: dict[str, Any], settings: dict[str, Any]) -> Wish:
    return Wish(
        tracks=options["track"] or (),
        bars=options["bars"] or (),
        hide=options["hide"] or (),
        leave_out=options["leave_out"] or (),
        from_scratch=options["from_scratch"],
        levels=options["level"] or (),
        settings=settings,
        request=options["request"],
    )


def _settings(options: dict[str, Any]) -> dict[str, Any]:
    """Fields of InferenceConfig; with a request file only those that differ from the defaults."""
    settings = {
        "mask_mode": options["mask_mode"],
        "model_dim": options["window"],
        "temperature": options["temperature"],
        "top_p": options["top_p"],
        "top_k": options["top_k"],
        "level_guidance": options["level_guidance"],
        "seed": options["seed"],
        "num_candidates": options["takes"],
    }
    if options["request"] is None:
        return settings
    return {name: value for name, value in settings.items() if value != getattr(USUAL, name)}


def command_names() -> list[str]:
    """The words that begin a command."""
    groups = [group.name or "" for group in app.registered_groups]
    commands = [c.name or c.callback.__name__ for c in app.registered_commands if c.callback]
    return groups + commands

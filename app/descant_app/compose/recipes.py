"""A take as a command line and as a script that make it again.

The engine's requests are read when somebody asks for one: they would make the window late.
"""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

from descant_app.compose.model_info import ModelInfo
from descant_app.compose.renumbered import renumbered
from descant_app.document.document import Document
from descant_app.document.takes import Take

if TYPE_CHECKING:
    from descant.request import GenerationRequest

SCRIPT = '''\
import json

from descant import Score
from descant.inference import GenerationRequest, InferenceEngine

engine = InferenceEngine.from_checkpoint({model!r})
score = Score.from_midi({source!r})
request = GenerationRequest.from_dict(json.loads("""
{request}
"""))
engine.session(score, request).run().to_midi({target!r})
'''


def request_of(document: Document, take: Take) -> GenerationRequest:
    """The request that makes one take of a batch alone, of the piece as it is now."""
    from descant.request import GenerationRequest

    form = renumbered(document.takes.batches[take.batch], document.piece)
    config = {"seed": take.seed, "num_candidates": 1, "mask_mode": take.mask_mode}
    return GenerationRequest.from_dict({**form, "config": {**form["config"], **config}})


def command_line(document: Document, number: int, model: ModelInfo | None) -> str:
    """The `descant infill` that makes it; the request is a file where options cannot say it."""
    from descant_app.compose.flags import flags

    take = document.takes.takes[number]
    batch, request = document.takes.batches[take.batch], request_of(document, take)
    source, target = _names(document, number)
    words = ["descant", "infill", source, "--model", _model(document, batch.model)]
    options = flags(request, document.score, model) if model is not None else None
    if options is not None:
        return shlex.join([*words, *options, "-o", target]) + "\n"
    words += ["--request", f"take-{number}.json", "-o", target]
    return f"cat > take-{number}.json <<'END'\n{_as_json(request)}\nEND\n{shlex.join(words)}\n"


def python_script(document: Document, number: int) -> str:
    """The same with the library."""
    take = document.takes.takes[number]
    batch = document.takes.batches[take.batch]
    source, target = _names(document, number)
    return SCRIPT.format(
        model=_model(document, batch.model),
        source=source,
        target=target,
        request=_as_json(request_of(document, take)),
    )


def _names(document: Document, number: int) -> tuple[str, str]:
    source = str(document.path.with_suffix(".mid")) if document.path else f"{document.name}.mid"
    return source, f"{document.name}-take-{number}.mid"


def _model(document: Document, name: str) -> str:
    """The path of the model, as far as it is still known; else its name."""
    chosen = document.composition.settings.model
    return chosen if Path(chosen).stem == name else name


def _as_json(request: GenerationRequest) -> str:
    """Only what is not default; one line a track."""
    from descant.request import InferenceConfig, TrackPrompt

    form, usual = request.to_dict(), TrackPrompt(-1, []).to_dict()
    config = _without(form["config"], InferenceConfig().to_dict())
    tracks = [_track(track, usual) for track in form["tracks"]]
    lines = ",\n  ".join(json.dumps(track) for track in tracks)
    return f'{{"tracks": [\n  {lines}],\n "config": {json.dumps(config)}}}'


def _track(form: dict[str, Any], usual: dict[str, Any]) -> dict[str, Any]:
    kept = {"id": form["id"], "bars": form["bars"]}
    return kept | _without(form, usual | kept)


def _without(form: dict[str, Any], default: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in form.items() if value != default.get(name)}

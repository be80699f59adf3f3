"""`make run` without a screen: infill the demo's marked bars, draw before and after."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from descant.__main__ import main
from descant.assets import asset

OUT = Path("out")


def demo_arguments() -> list[str]:
    """`descant infill` on the demo piece, with the marked bars of its sidecar as the request."""
    marked = json.loads(asset("examples", "first_light.json").read_text(encoding="utf-8"))
    source = asset("examples", marked["midi"])
    arguments = ["infill", str(source), "-o", str(OUT / "demo.mid")]
    for prompt in marked["tracks"]:
        bars = ",".join(str(bar + 1) for bar in prompt["bars"])
        arguments += ["--track", str(prompt["id"] + 1), "--bars", bars]
    return [*arguments, "--seed", "7", "--picture", str(OUT / "demo.png")]


if __name__ == "__main__":
    OUT.mkdir(exist_ok=True)
    sys.argv = ["descant", *demo_arguments()]
    print("Descant rewrites the marked bars of its demo piece:", " ".join(sys.argv))
    main()

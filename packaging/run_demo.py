"""`make run`: the window on the demo piece; without a screen, infill its marked bars."""

from __future__ import annotations

import json
import os
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


def has_screen() -> bool:
    """Whether a window could be shown."""
    if sys.platform in ("win32", "darwin"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def run() -> int:
    """Open the window, or do its first gesture without one."""
    if has_screen():
        from descant_app.__main__ import main as open_window

        return open_window([str(asset("examples", "first_light.mid"))])
    OUT.mkdir(exist_ok=True)
    sys.argv = ["descant", *demo_arguments()]
    print("No screen, so Descant rewrites the marked bars of its demo piece:")
    print(" ".join(sys.argv))
    main()
    return 0


if __name__ == "__main__":
    sys.exit(run())

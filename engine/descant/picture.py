"""A score as a picture: one lane a track, for pages, reports and looking at what a model wrote.

Needs Pillow; nothing else in the library does.
"""

from __future__ import annotations

import os
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from descant.errors import DescantError
from descant.score import Score, Track
from descant.score.timeline import bar_starts

Colour = tuple[int, int, int]

BACKGROUND: Colour = (19, 21, 28)
LANES: tuple[Colour, Colour] = ((26, 29, 38), (31, 34, 44))
BAR_LINE: Colour = (52, 57, 71)
BEAT_LINE: Colour = (37, 41, 52)
TARGET: Colour = (255, 196, 87)
TEXT: Colour = (226, 229, 238)
FAINT: Colour = (139, 146, 164)
VOICES: tuple[Colour, ...] = (
    (99, 179, 237),
    (154, 230, 180),
    (246, 173, 85),
    (214, 158, 246),
    (252, 129, 149),
    (94, 221, 214),
    (236, 201, 75),
    (163, 191, 250),
)
SCALE = 2  # drawn larger, then reduced: smooth edges
MARGIN, LABEL, RULER, HEAD = 28, 132, 22, 46
LANE, GAP, CAPTION = 96, 6, 26


@dataclass(frozen=True)
class Panel:
    """Where one score's lanes go: left and top of the first lane, width of all bars."""

    draw: ImageDraw.ImageDraw
    left: int
    top: int
    width: int
    starts: np.ndarray[tuple[int], np.dtype[np.int64]]
    resolution: int

    def x(self, tick: float) -> float:
        return self.left + self.width * tick / max(1, int(self.starts[-1]))

    def lane_top(self, lane: int) -> int:
        return self.top + lane * (LANE + GAP) * SCALE


def draw_roll(
    score: Score,
    path: str | os.PathLike[str],
    *,
    highlight: Collection[tuple[int, int]] = (),
    before: Score | None = None,
    title: str = "",
    width: int = 1600,
) -> None:
    """Write a PNG of the score.

    `highlight` holds (track, bar) cells to tint, counted from 0.  With `before`, that score is
    drawn above for comparison.  Raises DescantError when the file cannot be written.
    """
    scores = [before, score] if before is not None else [score]
    captions = ["before", "after"] if before is not None else [""]
    heights = [_panel_height(each, before is not None) for each in scores]
    size = (width, (HEAD if title else MARGIN) + sum(heights) + MARGIN)
    image = Image.new("RGB", (size[0] * SCALE, size[1] * SCALE), BACKGROUND)
    draw = ImageDraw.Draw(image)
    top = MARGIN
    if title:
        draw.text((MARGIN * SCALE, 14 * SCALE), title, TEXT, _font(20))
        top = HEAD
    for each, caption, height in zip(scores, captions, heights, strict=True):
        _draw_score(draw, each, highlight, caption, top, width)
        top += height
    try:
        image.resize(size, Image.Resampling.LANCZOS).save(path, "PNG")
    except OSError as error:
        raise DescantError(f"cannot write {path}: {error.strerror or error}") from None


def _panel_height(score: Score, has_caption: bool) -> int:
    lanes = max(1, len(score.tracks)) * (LANE + GAP)
    return RULER + lanes + (CAPTION if has_caption else 0)


def _draw_score(
    draw: ImageDraw.ImageDraw,
    score: Score,
    highlight: Collection[tuple[int, int]],
    caption: str,
    top: int,
    width: int,
) -> None:
    if caption:
        draw.text((MARGIN * SCALE, (top + 3) * SCALE), caption, FAINT, _font(14))
        top += CAPTION
    bars = max((track.bars for track in score.tracks), key=len, default=())
    panel = Panel(
        draw,
        (MARGIN + LABEL) * SCALE,
        (top + RULER) * SCALE,
        (width - 2 * MARGIN - LABEL) * SCALE,
        bar_starts(bars, score.resolution),
        score.resolution,
    )
    _draw_ruler(panel)
    for lane, track in enumerate(score.tracks):
        _draw_lane(panel, lane, {bar for number, bar in highlight if number == lane})
        _draw_label(panel, lane, track)
        _draw_notes(panel, lane, track)


def _draw_ruler(panel: Panel) -> None:
    starts = panel.starts
    every = max(1, -(-len(starts) * 26 * SCALE // max(1, panel.width)))
    for bar in range(0, len(starts) - 1, every):
        at = (panel.x(int(starts[bar])) + 4 * SCALE, panel.top - 17 * SCALE)
        panel.draw.text(at, str(bar + 1), FAINT, _font(11))


def _draw_lane(panel: Panel, lane: int, targets: set[int]) -> None:
    top = panel.lane_top(lane)
    bottom = top + LANE * SCALE
    right = panel.left + panel.width
    base = LANES[lane % 2]
    panel.draw.rounded_rectangle((panel.left, top, right, bottom), 4 * SCALE, base)
    for bar, (start, end) in enumerate(zip(panel.starts[:-1], panel.starts[1:], strict=True)):
        x0, x1 = panel.x(int(start)), panel.x(int(end))
        beat_line = BEAT_LINE
        if bar in targets:
            beat_line = _mix(base, TARGET, 0.24)
            panel.draw.rectangle((x0, top, x1, bottom), _mix(base, TARGET, 0.16))
            panel.draw.rectangle((x0, top, x1, top + 2 * SCALE), TARGET)
        if (x1 - x0) * panel.resolution > 14 * SCALE * (end - start):
            for beat in range(int(start) + panel.resolution, int(end), panel.resolution):
                panel.draw.line((panel.x(beat), top, panel.x(beat), bottom), beat_line, SCALE // 2)
        if bar:
            panel.draw.line((x0, top, x0, bottom), BAR_LINE, SCALE)


def _draw_label(panel: Panel, lane: int, track: Track) -> None:
    top = panel.lane_top(lane)
    colour = VOICES[lane % len(VOICES)]
    left = MARGIN * SCALE
    panel.draw.rounded_rectangle(
        (left, top, left + 4 * SCALE, top + LANE * SCALE), 2 * SCALE, colour
    )
    name = track.name or ("Drums" if track.is_drum else f"Track {lane + 1}")
    kind = "drums" if track.is_drum else f"program {track.instrument + 1}"
    panel.draw.text((left + 14 * SCALE, top + 10 * SCALE), _short(name), TEXT, _font(14))
    panel.draw.text((left + 14 * SCALE, top + 31 * SCALE), kind, FAINT, _font(11))


def _draw_notes(panel: Panel, lane: int, track: Track) -> None:
    bars = zip(panel.starts.tolist(), track.bars, strict=False)
    rows = [(start, bar.notes.array) for start, bar in bars]
    pitches = [notes[:, 0] for _, notes in rows if len(notes)]
    if not pitches:
        return
    used = np.unique(np.concatenate(pitches))
    low, high = int(used[0]), int(used[-1])
    spread = max(high - low, 11)
    shift = (spread - (high - low)) / 2
    height = max(4.0 * SCALE, min(9.0 * SCALE, (LANE - 16) * SCALE / (spread + 1)))
    room = (LANE - 16) * SCALE - height
    bottom = panel.lane_top(lane) + (LANE - 8) * SCALE - height
    for start, notes in rows:
        for pitch, velocity, onset, duration, _, _ in notes.tolist():
            if track.is_drum:
                place = int(np.searchsorted(used, pitch)) / max(1, len(used) - 1)
            else:
                place = (pitch - low + shift) / spread
            y = bottom - place * room
            x0 = panel.x(start + onset)
            x1 = x0 + height if track.is_drum else panel.x(start + onset + duration)
            _draw_note(panel, lane, velocity, (x0, y, x1, y + height))


def _draw_note(
    panel: Panel, lane: int, velocity: int, box: tuple[float, float, float, float]
) -> None:
    x0, y0, x1, y1 = box
    x1 = max(x1 - SCALE, x0 + 2 * SCALE)
    colour = _mix(LANES[lane % 2], VOICES[lane % len(VOICES)], 0.5 + 0.5 * velocity / 127)
    radius = min((y1 - y0) / 2, (x1 - x0) / 2, 2.5 * SCALE)
    panel.draw.rounded_rectangle((x0, y0, x1, y1), radius, colour)


def _mix(base: Colour, top: Colour, share: float) -> Colour:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(base, top, strict=True))
    return red, green, blue


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size * SCALE)


def _short(name: str) -> str:
    return name if len(name) <= 14 else f"{name[:13]}…"

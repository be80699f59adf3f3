"""Rules V40 to V50: which bars of a track are written and which are hidden."""

from __future__ import annotations

from descant.request.problem import bar_names
from descant.request.prompt_reading import PromptReading


def check_id(reading: PromptReading, seen: set[int]) -> None:
    """V40, V41."""
    if reading.track_id is None:
        reading.refuse("type", "id must be the index of a track, a whole number from 0")
        return
    if reading.track_id in seen:
        reading.refuse("V40", "has two prompts; every track needs exactly one")
    seen.add(reading.track_id)
    if reading.track is None:
        count = len(reading.score.tracks)
        reading.refuse("V41", f"the score has {count} tracks, id 0 to {count - 1}")


def check_bars(reading: PromptReading) -> None:
    """V42 to V44; an autoregressive prompt without bars gets them all."""
    reading.autoregressive = reading.read_flag("autoregressive")
    reading.ignore = reading.read_flag("ignore")
    reading.bars = reading.read_bars("bars")
    if reading.autoregressive and reading.ignore:
        reading.refuse("V42", "autoregressive and ignore are both true; only one may be")
    if reading.ignore and reading.bars:
        reading.refuse("V43", f"ignore is true, so bars must be empty; it is {reading.bars}")
    if reading.autoregressive and not reading.bars and not reading.ignore:
        reading.bars = list(range(reading.bar_count or 0))
    reading.refuse_outside("V44", "bars", reading.bars)


def check_mask(reading: PromptReading) -> list[int]:
    """V45 to V47; the clean `mask_bars`."""
    masked = reading.read_bars("mask_bars")
    if masked and reading.ignore:
        reading.refuse("V45", f"ignore is true, so mask_bars must be empty; it is {masked}")
    reading.refuse_outside("V46", "mask_bars", masked)
    both = sorted(set(masked) & set(reading.bars))
    if both:
        reading.refuse("V47", f"{bar_names(both)} cannot be both in bars and in mask_bars")
    return masked


def check_targets(reading: PromptReading) -> None:
    """V48 to V50: autoregressive bars reach the end; no target is marked `future`."""
    count = reading.bar_count
    if count is None:
        return
    if reading.autoregressive and reading.bars and not _is_tail(reading.bars, count):
        reading.refuse(
            "V48",
            f"bars is {reading.bars}; with autoregressive it must be every index from the first "
            f"one wanted to {count - 1}, each once",
        )
    hidden = [bar for bar in sorted(set(reading.bars)) if _is_future(reading, bar)]
    if hidden:
        code = "V50" if reading.autoregressive else "V49"
        reading.refuse(
            code, f"{bar_names(hidden)} cannot be written, as the score marks it as future"
        )


def _is_tail(bars: list[int], count: int) -> bool:
    return sorted(bars) == list(range(min(bars), count))


def _is_future(reading: PromptReading, bar: int) -> bool:
    track = reading.track
    return track is not None and 0 <= bar < len(track.bars) and track.bars[bar].future

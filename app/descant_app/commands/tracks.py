"""Commands on the current track."""

from __future__ import annotations

from descant_app.main_window import MainWindow
from descant_app.settings.translation import tr


class TrackCommands:
    """Connects the Track menu."""

    def __init__(self, window: MainWindow) -> None:
        self.window, self.document, self.bars = window, window.document, window.bars
        self._connect()

    def _connect(self) -> None:
        actions = self.window.actions_
        actions.connect_all(
            add_track=self.bars.add_track,
            add_drums=lambda: self.bars.add_track(drum=True),
            duplicate_track=self.bars.duplicate_track,
            remove_track=self.bars.remove_track,
            rename_track=self.rename_track,
            mute=lambda: self._flip("mute"),
            solo=lambda: self._flip("solo"),
            lock_track=self.lock_track,
            track_is_drum=self.set_drum,
            next_track=lambda: self.step_track(1),
            previous_track=lambda: self.step_track(-1),
        )
        self.document.changed.connect(self._show_track)
        self.document.selection.track_changed.connect(self._show_track)

    def _show_track(self, _: object = None) -> None:
        index, actions = self.document.current, self.window.actions_
        if index is not None:
            locked = self.document.lanes[index].locked
            actions["lock_track"].setText(tr("Unlock") if locked else tr("Lock"))
            actions["track_is_drum"].setChecked(self.document.score.tracks[index].is_drum)

    def rename_track(self) -> None:
        """Edit the current track's name in its header."""
        if self.document.current is not None:
            self.window.headers.headers[self.document.current].rename()

    def _flip(self, name: str) -> None:
        index = self.document.current
        if index is not None:
            now = getattr(self.document.lanes[index], name)
            self.document.set_listening(index, **{name: not now})

    def lock_track(self) -> None:
        """Lock or unlock the current track."""
        index = self.document.current
        if index is not None:
            locked = not self.document.lanes[index].locked
            self.bars.set_lane(
                index, tr("Lock track") if locked else tr("Unlock track"), locked=locked
            )

    def set_drum(self, on: bool) -> None:
        """Make the current track a drum track, or a melodic one."""
        index = self.document.current
        if index is not None:
            kind = "drum" if on else "melodic"
            channel = 9 if on else None
            label = tr("Change kind of track")
            self.bars.set_track(index, label, track_type=kind, channel=channel)

    def step_track(self, by: int) -> None:
        """Edit the next or previous track."""
        index, lanes = self.document.current, self.document.lanes
        if index is not None:
            target = max(0, min(index + by, len(lanes) - 1))
            self.document.selection.set_track(lanes[target].id)

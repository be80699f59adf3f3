"""The plan of the next press above the tracks: which bars each step reads and writes."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPen, QPolygonF

from descant_app.compose.outlook import Outlook, StepOutlook
from descant_app.compose.words import bars_text, cells_text
from descant_app.document.document import Document
from descant_app.piano_roll.roles import runs_of
from descant_app.settings.theme import mixed, themes
from descant_app.settings.translation import tr

Place = Callable[[float], float]
"""Ticks to pixels."""

HEIGHT = 17
ROWS = 2
BADGE_PX = 11.0


class PlanStrip:
    """Draws the steps as brackets; `badges` are where their numbers went."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.badges: list[QRectF] = []

    def paint(self, painter: QPainter, outlook: Outlook, box: QRectF, x_of: Place) -> None:
        """The steps; without any, why there are none."""
        self.badges = []
        font = QFont(painter.font())
        font.setPixelSize(9)
        painter.setFont(font)
        if not outlook.ready:
            self._say(painter, outlook, box)
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rows = packed(outlook.steps)
        count = max(rows) + 1
        for step, row in zip(outlook.steps, rows, strict=True):
            y = box.top() + (row + 0.5) * box.height() / count
            self._bracket(painter, step, y, x_of)
        for number, (step, row) in enumerate(zip(outlook.steps, rows, strict=True), 1):
            y = box.top() + (row + 0.5) * box.height() / count
            self._badge(painter, number, self._middle(step, x_of), y, box)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _say(self, painter: QPainter, outlook: Outlook, box: QRectF) -> None:
        text = outlook.problems[0] if outlook.problems else ""
        if text:
            painter.setPen(themes.now["warm" if self.document.selection.bars else "dim"])
            line = QFontMetricsF(painter.font()).elidedText(
                text, Qt.TextElideMode.ElideRight, box.width() - 12
            )
            painter.drawText(box.adjusted(6, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, line)

    def _bracket(self, painter: QPainter, step: StepOutlook, y: float, x_of: Place) -> None:
        """A thin line over what is read, a thick one over what is written."""
        theme, starts = themes.now, self.document.starts
        x0 = x_of(int(starts[step.first])) + 1.5
        x1 = x_of(int(starts[step.last + 1])) - 1.5
        painter.setPen(QPen(mixed(theme["dim"], theme["panel"], 0.2), 1.0))
        painter.drawLine(QLineF(x0, y, x1, y))
        for x in (x0, x1):
            painter.drawLine(QLineF(x, y - 2.5, x, y + 2.5))
        painter.setPen(QPen(theme["accent"], 2.0))
        for first, last in runs_of({bar for _, bar in step.targets}):
            left, right = x_of(int(starts[first])) + 3, x_of(int(starts[last + 1])) - 3
            painter.drawLine(QLineF(left, y, right, y))
        if step.autoregressive:
            tip = [QPointF(x1 - 5, y - 3), QPointF(x1 - 5, y + 3), QPointF(x1, y)]
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme["accent"])
            painter.drawPolygon(QPolygonF(tip))

    def _middle(self, step: StepOutlook, x_of: Place) -> float:
        starts, bars = self.document.starts, [bar for _, bar in step.targets]
        first, last = (min(bars), max(bars)) if bars else (step.first, step.last)
        return (x_of(int(starts[first])) + x_of(int(starts[last + 1]))) / 2

    def _badge(self, painter: QPainter, number: int, x: float, y: float, box: QRectF) -> None:
        width = BADGE_PX if number < 10 else BADGE_PX + 5
        y = min(max(y, box.top() + BADGE_PX / 2), box.bottom() - BADGE_PX / 2)
        place = QRectF(x - width / 2, y - BADGE_PX / 2, width, BADGE_PX)
        while any(place.adjusted(-1, 0, 1, 0).intersects(other) for other in self.badges):
            place.translate(width + 2, 0)
        theme = themes.now
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme["accent"])
        painter.drawRoundedRect(place, BADGE_PX / 2, BADGE_PX / 2)
        painter.setPen(theme["on_accent"])
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, str(number))
        self.badges.append(place)

    def said_of(self, outlook: Outlook, bar: int) -> str:
        """The steps that read or write a bar, in words."""
        lines = [
            step_text(self.document, step, number, len(outlook.steps))
            for number, step in enumerate(outlook.steps, 1)
            if step.first <= bar <= step.last
        ]
        return "\n".join(lines) or "\n".join(outlook.problems)


def packed(steps: tuple[StepOutlook, ...]) -> list[int]:
    """A row for each step so that windows in one row do not overlap, while `ROWS` suffice."""
    ends = [-1] * ROWS
    rows = []
    for step in steps:
        free = [row for row in range(ROWS) if ends[row] < step.first]
        row = free[0] if free else len(rows) % ROWS
        ends[row] = max(ends[row], step.last)
        rows.append(row)
    return rows


def step_text(document: Document, step: StepOutlook, number: int, count: int) -> str:
    """What one step does."""
    text = tr("Step {} of {} reads {} and writes {}, about {} tokens").format(
        number,
        count,
        bars_text(range(step.first, step.last + 1)),
        cells_text(document.piece, step.targets),
        step.expected_tokens,
    )
    return text + (tr(", from left to right.") if step.autoregressive else ".")

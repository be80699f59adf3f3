"""Thousands of rectangles drawn in one call, and a density image when there are more than that."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from pyqtgraph.Qt import internals
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QImage, QPainter

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_pool = internals.PrimitiveArray(QRectF, 4)


def fill_rects(painter: QPainter, brush: QBrush | QColor, boxes: Floats) -> None:
    """Fill boxes of shape (n, 4): x, y, width, height."""
    if not len(boxes):
        return
    _pool.resize(len(boxes))
    _pool.ndarray()[:] = boxes
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(brush)
    painter.drawRects(*_pool.drawargs())


def boxes_of(x: Floats, y: Floats | float, width: Floats | float, height: float) -> Floats:
    """Stack columns into boxes of shape (n, 4)."""
    out = np.empty((len(x), 4))
    out[:, 0], out[:, 1], out[:, 2], out[:, 3] = x, y, width, height
    return out


def coverage(x0: Floats, x1: Floats, rows: Ints, width: int, height: int) -> Ints:
    """How many notes cover each pixel column of each row, shape (height, width).

    Every note covers at least one column.
    """
    counted = Coverage(width, height)
    counted.add(x0, x1, rows)
    return counted.counts()


class Coverage:
    """`coverage` of notes that come in parts: temporary arrays that fit the cache, and that the
    allocator keeps, are several times as fast as large ones.  `PART` is a good size."""

    PART = 32_768

    def __init__(self, width: int, height: int) -> None:
        self._width, self._shape = width, (height, width + 1)
        self._steps = np.zeros(height * (width + 1), dtype=np.int64)

    def add(self, x0: Floats, x1: Floats, rows: Ints) -> None:
        """Notes from x0 to x1; `rows` are indices below the height."""
        first = np.clip(x0.astype(np.int64), 0, self._width - 1)
        last = np.clip(np.maximum(np.ceil(x1).astype(np.int64), first + 1), 1, self._width)
        base, size = rows * self._shape[1], len(self._steps)
        self._steps += np.bincount(base + first, minlength=size)
        self._steps -= np.bincount(base + last, minlength=size)

    def counts(self) -> Ints:
        """Shape (height, width)."""
        return np.cumsum(self._steps.reshape(self._shape), axis=1)[:, : self._width]


def density_image(counts: Ints, colour: QColor) -> QImage:
    """Counts as one colour whose opacity grows with the count; shape (height, width)."""
    ramp = np.zeros(256, dtype=np.uint32)
    levels = 1.0 - 0.45 ** np.minimum(np.arange(256), 12)
    levels[1:] = np.maximum(levels[1:], 0.55)
    alpha = np.rint(levels * 255).astype(np.uint32)
    channels = (colour.red(), colour.green(), colour.blue())
    red, green, blue = (np.rint(c * levels).astype(np.uint32) for c in channels)
    ramp[:] = alpha << 24 | red << 16 | green << 8 | blue
    ramp[0] = 0
    pixels = np.ascontiguousarray(ramp[np.minimum(counts, 255)])
    height, width = pixels.shape
    image = QImage(pixels.data, width, height, width * 4, QImage.Format.Format_ARGB32_Premultiplied)
    return image.copy()  # the copy owns its pixels; the array may go

"""An icon in the form that a system wants, drawn from an SVG.

usage: icons.py IN.svg OUT.png|OUT.ico|OUT.icns [PIXELS]
"""

from __future__ import annotations

import io
import sys
from pathlib import Path

from PIL import Image
from PySide6.QtCore import QBuffer, QByteArray, QIODevice
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

ICO_SIZES = [(size, size) for size in (16, 24, 32, 48, 64, 128, 256)]


def draw(svg: Path, size: int) -> Image.Image:
    """The SVG as a square picture."""
    image = QImage(size, size, QImage.Format.Format_ARGB32)
    image.fill(0)
    painter = QPainter(image)
    QSvgRenderer(str(svg)).render(painter)
    painter.end()
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")
    return Image.open(io.BytesIO(data.data()))


def write_icon(svg: Path, target: Path, size: int) -> None:
    """Write it in the format of the ending."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.suffix == ".ico":
        draw(svg, 256).save(target, sizes=ICO_SIZES)
    elif target.suffix == ".icns":
        draw(svg, 1024).save(target)
    else:
        draw(svg, size).save(target)


if __name__ == "__main__":
    write_icon(Path(sys.argv[1]), Path(sys.argv[2]), int((sys.argv[3:] or ["256"])[0]))

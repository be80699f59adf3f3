"""Qt as pyqtgraph sees it, without its copies of every name in three modules of Qt: PySide makes a
class when it is asked for its name, and there are a thousand."""

import shiboken6
from PySide6 import QtCore, QtGui, QtWidgets  # noqa: F401

from . import compat

QT_LIB = "PySide6"
isQObjectAlive = shiboken6.isValid

compat.wrapinstance = shiboken6.wrapInstance
compat.unwrapinstance = lambda wrapped: shiboken6.getCppPointer(wrapped)[0]
compat.voidptr = shiboken6.VoidPtr

from . import internals  # noqa: E402, F401

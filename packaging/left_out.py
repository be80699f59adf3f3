"""What PyInstaller would take along and Descant does not use, each with the reason."""

from __future__ import annotations

import re

MODULES = {
    "torch": "714 MB; the network runs in the C++ core",
    "lightning": "training only",
    "pyarrow": "training only",
    "tensorboard": "training only",
    "midigpt": "the rival of the benchmarks",
    "huggingface_hub": "an extra: the packages work offline with the bundled model",
    "scipy": "pyqtgraph asks for it where it is installed",
    "matplotlib": "pyqtgraph asks for it where it is installed",
    "IPython": "pyqtgraph's console",
    "OpenGL": "an OpenGL viewport is slower here",
    "pyqtgraph.GraphicsScene.exportDialog": "of plots; see slim/pyqtgraph",
    "pyqtgraph.Qt.QtCore": "another name for PySide's",
    "pyqtgraph.Qt.QtGui": "another name for PySide's",
    "pyqtgraph.Qt.QtWidgets": "another name for PySide's",
    "PySide6.QtQml": "no QML in the window",
    "PySide6.QtQuick": "no QML in the window",
    "PySide6.QtQuickWidgets": "no QML in the window",
    "PySide6.QtDesigner": "the forms are code",
    "PySide6.QtUiTools": "the forms are code",
    "PySide6.QtHelp": "no help browser",
    "PySide6.QtSql": "no database",
    "PySide6.QtNetwork": "nothing is fetched",
    "PySide6.QtDBus": "Qt's own use of D-Bus needs no Python",
    "PySide6.QtPrintSupport": "nothing is printed",
    "PySide6.QtTest": "tests only; pyqtgraph asks for it",
    "_ssl": "5 MB of OpenSSL; nothing is fetched",
    "_hashlib": "as above; Python has these hashes of its own",
    "numpy.f2py": "a compiler",
    "numpy.testing": "tests only",
    "pytest": "tests only",
    "tkinter": "another toolkit",
    "pydoc_data": "help texts of Python",
    "lib2to3": "a translator",
}

FILES = {
    r"Qt/translations/": "the window speaks English; Qt's own dialogs do too",
    r"Qt/qml/": "no QML in the window",
    r"plugins/(egldeviceintegrations|generic|sqldrivers|qmltooling)/": "nothing uses them",
    r"plugins/(networkinformation|tls)/": "nothing is fetched",
    r"plugins/printsupport/": "nothing is printed",
    # Screens without a desktop.  Offscreen stays: the self-test draws on it.
    r"plugins/platforms/(lib)?q(eglfs|linuxfb|vnc|vkkhrdisplay|minimal|direct2d)": "no desktop",
    r"plugins/platformthemes/libqgtk3": "drags in GTK, Pango, Cairo; the window has its own look",
    r"plugins/imageformats/(lib)?q(tiff|webp|pdf|jpeg|gif|tga|wbmp|icns)": "icons are SVG and PNG",
    r"(lib)?Qt6?(EglFS|Egl|Pdf|Qml|Quick|VirtualKeyboard|Sql)": "nothing uses them",
    r"opengl32sw\.dll": "20 MB of software OpenGL for Windows; the window is raster",
    r"(^|/)libasound\.so": "must be the system's: its plug-ins and settings are",
    r"(^|/)lib(stdc\+\+|gcc_s)\.so": "the system's graphics drivers may want newer ones",
    r"(^|/)lib(wayland-(client|cursor|egl|server)|drm|gbm)\.so": "belong to the graphics drivers",
    r"(^|/)lib(EGL|GL|GLX|GLdispatch)\.so": "belong to the graphics drivers",
    r"(^|/)lib(krb5|gssapi_krb5|k5crypto|com_err|krb5support|keyutils)[.\-]": "Kerberos, unused",
    r"PIL/(_avif|_webp|_imagingcms|_imagingtk|_imagingmath)": "pictures are PNG",
    r"numpy/.*/tests/": "tests only",
    r"\.dist-info/(RECORD|INSTALLER|REQUESTED|direct_url\.json|WHEEL)$": "names build folders",
}


def is_left_out(name: str) -> bool:
    """Whether a file of the bundle, by its name there, is one of FILES."""
    return any(re.search(pattern, name.replace("\\", "/")) for pattern in FILES)

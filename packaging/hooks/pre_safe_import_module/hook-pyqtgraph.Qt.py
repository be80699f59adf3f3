"""What is not in `slim` is found in the installed package."""

from pathlib import Path

from PyInstaller.utils.hooks import get_module_file_attribute


def pre_safe_import_module(api):
    installed = Path(get_module_file_attribute("pyqtgraph")).parent / "Qt"
    api.append_package_path(str(installed))

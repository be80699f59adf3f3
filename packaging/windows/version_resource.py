"""What Windows shows under Properties, Details of a program."""

from __future__ import annotations

from typing import Any


def version_resource(version: str, program: str) -> Any:
    """PyInstaller's version resource; `version` like 0.1.0, four numbers in Windows' eyes."""
    from PyInstaller.utils.win32 import versioninfo as info

    numbers = tuple(int(part) for part in (version.split("+")[0].split(".") + ["0"] * 4)[:4])
    texts = {
        "CompanyName": "The Descant authors",
        "FileDescription": "Descant" if program == "descant" else "Descant on the command line",
        "FileVersion": version,
        "InternalName": program,
        "LegalCopyright": "The Descant authors, MIT licensed",
        "OriginalFilename": f"{program}.exe",
        "ProductName": "Descant",
        "ProductVersion": version,
    }
    strings = [info.StringStruct(name, text) for name, text in texts.items()]
    english, unicode = 0x409, 1200
    return info.VSVersionInfo(
        ffi=info.FixedFileInfo(filevers=numbers, prodvers=numbers, OS=0x40004, fileType=1),
        kids=[
            info.StringFileInfo([info.StringTable(f"{english:04X}{unicode:04X}", strings)]),
            info.VarFileInfo([info.VarStruct("Translation", [english, unicode])]),
        ],
    )

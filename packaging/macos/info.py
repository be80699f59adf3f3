"""What macOS is told of the program: its documents above all."""

from __future__ import annotations

from typing import Any

PROJECT_TYPE = "org.descant.project"


def info(version: str) -> dict[str, Any]:
    """Entries of Info.plist beside those PyInstaller writes."""
    return {
        "CFBundleShortVersionString": version,
        "CFBundleDocumentTypes": [
            {
                "CFBundleTypeName": "MIDI file",
                "CFBundleTypeRole": "Editor",
                "LSHandlerRank": "Alternate",  # offered, not taken
                "LSItemContentTypes": ["public.midi-audio"],
                "CFBundleTypeExtensions": ["mid", "midi", "kar"],
            },
            {
                "CFBundleTypeName": "Descant project",
                "CFBundleTypeRole": "Editor",
                "LSHandlerRank": "Owner",
                "LSItemContentTypes": [PROJECT_TYPE],
            },
        ],
        "UTExportedTypeDeclarations": [
            {
                "UTTypeIdentifier": PROJECT_TYPE,
                "UTTypeDescription": "Descant project",
                "UTTypeConformsTo": ["public.data"],
                "UTTypeTagSpecification": {
                    "public.filename-extension": ["descant"],
                    "public.mime-type": ["application/x-descant-project"],
                },
            }
        ],
        "LSMinimumSystemVersion": "13.0",
        "LSApplicationCategoryType": "public.app-category.music",
        "NSHighResolutionCapable": True,
        "NSHumanReadableCopyright": "The Descant authors, MIT licensed",
    }

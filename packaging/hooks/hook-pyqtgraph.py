"""In place of PyInstaller's own, which adds the icons, colour maps and dialogs of plots."""

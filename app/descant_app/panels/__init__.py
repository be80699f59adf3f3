"""Panels around the roll: tracks and arrangement, transport, lists and dialogs."""

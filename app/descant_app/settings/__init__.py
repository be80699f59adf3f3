"""Preferences, themes and icons."""

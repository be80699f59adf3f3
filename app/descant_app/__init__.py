"""The window: shows a score and asks the library for bars."""

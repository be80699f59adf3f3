"""What the mouse does to notes: one gesture a file, each press, move, release or abort.

A gesture shows a preview while it moves and makes one step of history when it ends.
"""

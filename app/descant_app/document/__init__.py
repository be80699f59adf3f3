"""The open piece: its value, how it changes, what is chosen in it.  Qt signals, no widgets.

Nothing is imported here: the player process reads `flat` and `piece`, and must start without Qt.
"""

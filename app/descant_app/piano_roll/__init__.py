"""The picture of the current track: grid, notes, keys, ruler, lanes, and the gestures on them."""

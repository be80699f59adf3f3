"""Sound: what is to be played and when, and the process of its own that plays it."""

"""Composing with the model: from chosen bars and painted levels to takes, in its own process."""

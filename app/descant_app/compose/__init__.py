"""Composing with the model: from chosen bars and painted levels to takes, in a process of its own."""

"""Room: making models.  MIDI archives -> corpus -> samples -> batches -> a trained checkpoint.

Needs the `train` extra (torch).  Design and reasons: spec/training.md 8.
"""

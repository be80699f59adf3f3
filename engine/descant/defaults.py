"""Where sampling starts from.  Apart, since the window needs it before it needs the engine."""

from __future__ import annotations

LEVEL_GUIDANCE = 2.0
"""How far levels of bars are followed (`InferenceConfig.level_guidance`)."""

NATURAL_TOP_P = 0.95
"""`top_p` in the window, on the command line and in the evaluation, where nothing else is chosen.

At 0.95 the shipped model's takes are nearest to real bars in every measure of the evaluation; the
rest of the probability is mostly mistakes.  `InferenceConfig` keeps midigpt's 1, off."""

"""Where sampling starts from.  Apart, since the window needs it before it needs the engine."""

from __future__ import annotations

LEVEL_GUIDANCE = 2.0
"""How far levels of bars are followed (`InferenceConfig.level_guidance`)."""

NATURAL_TOP_P = 0.95
"""`top_p` in the window, on the command line and in the evaluation, where nothing else is chosen.

The rest of the probability is mostly mistakes: of the shipped model's notes 1.4 % leave the range
of their track with it and 0.5 % without.  `InferenceConfig` keeps midigpt's 1, off."""

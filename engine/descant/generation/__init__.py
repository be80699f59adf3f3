"""Room: running a request.  Prompt, draw, decode, put back - step after step."""

from descant.generation.loaded_model import LoadedModel
from descant.generation.session import GenerationCancelled, SamplingSession

__all__ = ["GenerationCancelled", "LoadedModel", "SamplingSession"]

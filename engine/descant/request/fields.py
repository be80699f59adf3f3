"""Reading the JSON objects of a request: known keys only, with a word about the others."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any

from descant.errors import RequestValidationError

log = logging.getLogger("descant.request")


def nearest(name: str, known: Iterable[str]) -> str:
    """A hint like "; did you mean 'model_dim'?", or nothing when no name is close."""
    found = get_close_matches(name, list(known), n=1)
    return f"; did you mean {found[0]!r}?" if found else ""


def known_fields(form: object, known: Iterable[str], where: str) -> dict[str, Any]:
    """The entries of `form` that `where` has; the others are logged, as upstream ignores them.

    Raises RequestValidationError when `form` is not an object.
    """
    if not isinstance(form, Mapping):
        raise RequestValidationError([f"{where} must be an object, not {type(form).__name__}"])
    names = tuple(known)
    for key in form:
        if key not in names:
            hint = nearest(str(key), names)
            log.warning("%s has no field %r and it is ignored%s", where, key, hint)
    return {name: form[name] for name in names if name in form}

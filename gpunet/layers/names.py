"""The names that layers have by default, and that models may number anew."""

from __future__ import annotations

import re
from typing import Any

from ..registry import snake_case


def default_name(cls: type[Any], number: int = 0) -> str:
    """Return the name of a layer of this class: ``"dense"``, ``"dense_1"`` and so on."""
    return f"{snake_case(cls.__name__)}_{number}" if number else snake_case(cls.__name__)


def is_default_name(cls: type[Any], name: str) -> bool:
    """Tell whether a layer of this class may have been given the name by default."""
    return re.fullmatch(rf"{re.escape(default_name(cls))}(_\d+)?", name) is not None

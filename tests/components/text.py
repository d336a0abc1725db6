"""What a component says, for tests that read it as a person would."""

import re
from typing import Any


def text(component: Any) -> str:
    """All words of a component in order, parts that stand apart separated by a blank."""
    return re.sub(r"\s+", " ", " ".join(_words(component))).replace(" .", ".").strip()


def _words(component: Any) -> list[str]:
    if component is None:
        return []
    if isinstance(component, list | tuple):
        return [word for part in component for word in _words(part)]
    if isinstance(component, str | int | float):
        return [str(component)]
    return _words(getattr(component, "children", None))


def find(component: Any, kind: str) -> list[Any]:
    """All components of a type, such as "Tr", in order."""
    if isinstance(component, list | tuple):
        return [found for part in component for found in find(part, kind)]
    if component is None or isinstance(component, str | int | float):
        return []
    own = [component] if component._type == kind else []
    return own + find(getattr(component, "children", None), kind)

"""What can be imported."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from components.costs import CATEGORIES
from components.transactions import SOURCES
from services.access import COSTS_WRITE, EVENTS_WRITE


@dataclass(frozen=True)
class Kind:
    """What can be imported: who may (`scope`), what has to be chosen with it (`choices` under the label
    `asks`), and the store on the page of that `path` that is raised when something was stored or taken
    back."""

    name: Literal["costs", "transactions"]
    title: str
    scope: str
    asks: str
    choices: Mapping[str, str]
    usual: str
    nothing: str
    path: str
    changed: str

    def part(self, name: str) -> str:
        """The id of a part of the importer."""
        return f"import-{self.name}-{name}"

    def column(self, name: Any) -> dict[str, Any]:
        """The id of the field that names a column; `name` may be ALL."""
        return {"import-column": name, "of": self.name}

    def told(self, name: Any) -> dict[str, Any]:
        """The id of the field that tells how the file is written; `name` may be ALL."""
        return {"import-told": name, "of": self.name}


KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind(
            "costs",
            "Import costs from a file",
            COSTS_WRITE,
            "Category where none is named",
            CATEGORIES,
            "tools",
            "Nothing in this file is a cost.",
            "/costs",
            "costs-changed",
        ),
        Kind(
            "transactions",
            "Import income from a file",
            EVENTS_WRITE,
            "It is income from",
            SOURCES,
            "booking",
            "Nothing in this file is income.",
            "/revenue",
            "revenue-changed",
        ),
    )
}

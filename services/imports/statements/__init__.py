"""Reading the exports of banks and payment services: CSV in any dialect, and OFX / QFX.

`read` understands a file (or says what it needs to know), the Statement streams its rows, `preview` sums
them up. Nothing here stores anything.
"""

from services.imports.rejected import Rejected
from services.imports.statements.layout import ROLES, Layout, Overrides
from services.imports.statements.preview import Preview, preview
from services.imports.statements.row import Row, Skipped
from services.imports.statements.statement import Statement, columns_of, read

__all__ = [
    "ROLES",
    "Layout",
    "Overrides",
    "Preview",
    "Rejected",
    "Row",
    "Skipped",
    "Statement",
    "columns_of",
    "preview",
    "read",
]

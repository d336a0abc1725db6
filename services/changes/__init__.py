"""Changes of a profile's time zone and reporting currency, for which everything is counted again.

`begin` notes what is to change, `run` does it: in one transaction, so that the profile is either as it
was or as it is to be, whatever dies. `latest` tells how far it is.
"""

from services.changes.ledger import Change, begin, edit, latest
from services.changes.runner import follow, run

__all__ = ["Change", "begin", "edit", "follow", "latest", "run"]

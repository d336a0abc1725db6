"""The product's own PostgreSQL and Valkey, for when none are configured.

They live under the data directory, listen on 127.0.0.1 only and die with the process that started
them. The first process to come owns them; others attach for as long as they need them.
"""

from models.embedded.engines import Endpoints, engines
from models.embedded.ownership import Owner, announce_leaving, present_owner

__all__ = ["Endpoints", "Owner", "announce_leaving", "engines", "present_owner"]

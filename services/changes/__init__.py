"""Changes of a profile's time zone and reporting currency, for which everything is counted again.

It is done in one transaction, so that the profile is either as it was or as it is to be, whatever dies.
`services.jobs` has them carried out by the worker.
"""

from services.changes.runner import Report, change

__all__ = ["Report", "change"]

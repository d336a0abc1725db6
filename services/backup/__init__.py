"""Backups: one archive of all that can't be made again, taken while the product runs, and put back."""

from services.backup.archive import Manifest, Reader, checked
from services.backup.restoring import Present, Restored, present, require_alone, require_fit, restore
from services.backup.taking import Taken, replacing, take

__all__ = [
    "Manifest",
    "Present",
    "Reader",
    "Restored",
    "Taken",
    "checked",
    "present",
    "replacing",
    "require_alone",
    "require_fit",
    "restore",
    "take",
]

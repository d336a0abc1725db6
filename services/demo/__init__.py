"""The demo: three invented providers whose figures show what the product does.

Everything comes in through the same doors as real data. The same day gives the same demo.
"""

from services.demo.live import drive
from services.demo.load import EMAIL, Demo, due, password, password_holds, seed
from services.demo.personas import THIRTEEN_MONTHS

__all__ = ["EMAIL", "THIRTEEN_MONTHS", "Demo", "drive", "due", "password", "password_holds", "seed"]

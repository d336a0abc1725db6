"""The stores of an installation, opened as its settings say, for every process of it."""

from config import Config
from models.detection import Detection
from models.errors import CannotStart
from models.stores import Stores, open_stores
from services import gov_detection


def opened(config: Config, patience: float | None = None, longest: float | None = None) -> Stores:
    """The stores; connects only when they are first used. `patience` and `longest`: see models.database.

    Raises CannotStart when a url is missing, or the rules of detection can't be read.
    """
    if config.database_url is None or config.redis_url is None:
        raise CannotStart("This process needs DATABASE_URL and REDIS_URL; `make run` sets both.")
    return open_stores(
        database_url=config.database_url,
        redis_url=config.redis_url,
        data_dir=config.data_dir,
        session_key=config.session_key,
        jwt_key=config.jwt_key,
        patience=patience,
        longest=longest,
        detection=detection(config),
        outside=config.outside,
        periods=config.periods,
    )


def detection(config: Config) -> Detection | None:
    """Who judges addresses, None where that is off. Raises CannotStart when its rules can't be read."""
    return gov_detection.opened(
        config.gov_detection,
        config.geoip_paths,
        config.data_dir,
        config.gov_alert_threshold,
        config.gov_reverse_dns,
    )

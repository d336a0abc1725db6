"""How the processes log: one entry begins on one line, whatever somebody put into what it tells of."""

import logging
import re

_CONTROLS = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_BREAKS = re.compile(r"\r\n|[\n\x0b\x0c\r\x1c-\x1e\x85\u2028\u2029]")
_INDENT = "    "


class Formatter(logging.Formatter):
    """Escapes control characters, so that nobody writes entries or colours of their own; what follows an
    entry (a traceback) is indented."""

    def __init__(self, name: str):
        super().__init__(f"%(asctime)s {name}: %(levelname)s %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        """The entry with all that follows it; what another formatter made of the traceback is not used."""
        record.exc_text = None
        return super().format(record)

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  # logging's own name
        """The entry itself, on one line."""
        return _CONTROLS.sub(_escaped, super().formatMessage(record))

    def formatException(self, ei: object) -> str:  # noqa: N802  # logging's own name
        """The traceback, no line of which can be taken for an entry."""
        lines = _BREAKS.split(super().formatException(ei))  # type: ignore[arg-type]  # as logging gives it
        return "\n".join(_INDENT + _CONTROLS.sub(_escaped, line) for line in lines)


def configure(name: str, level: int = logging.INFO) -> None:
    """Has everything of this process logged so, to stderr; gunicorn's own words too."""
    handler = logging.StreamHandler()
    handler.setFormatter(Formatter(name))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for own in logging.getLogger("gunicorn.error").handlers:
        own.setFormatter(handler.formatter)


def _escaped(found: re.Match[str]) -> str:
    return found.group().encode("unicode_escape").decode()

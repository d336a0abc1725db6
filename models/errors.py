"""What can go wrong, as a few types with a stable code.

`api/` turns them into problem+json, the shell of the pages into a toast, the command line into
one sentence on stderr. Nothing below `api/` knows an HTTP status.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with an input, and where: `pointer` is an RFC 6901 JSON pointer
    (`/events/3/amount`) or, for query strings and files, the name of the field."""

    pointer: str
    detail: str


class AppError(Exception):
    """Base of every error that a person is told about; `str(error)` is the sentence to show."""

    code = "error"
    title = "Something went wrong"


class InvalidInput(AppError):
    """The input can't be taken; `problems` names each bad item. Nothing was stored."""

    code = "invalid-input"
    title = "The input is not valid"

    def __init__(self, detail: str, problems: tuple[Problem, ...] = (), code: str | None = None):
        super().__init__(detail)
        self.problems = problems
        if code:
            self.code = code

    @classmethod
    def at(cls, pointer: str, detail: str, code: str | None = None) -> "InvalidInput":
        """One problem at one place."""
        return cls(detail, (Problem(pointer, detail),), code)


class PeriodClosed(InvalidInput):
    """It is about a month that is closed: what happened in it is kept as sums alone."""

    code = "period-closed"
    title = "The month is closed"

    def alone(self) -> "PeriodClosed":
        """The same of an event that was sent by itself, and not as the first of a batch."""
        problems = (Problem(each.pointer.removeprefix("/events/0"), each.detail) for each in self.problems)
        return PeriodClosed(str(self), tuple(problems))


class NotFound(AppError):
    """There is no such thing, or it is not the caller's: the two are never told apart."""

    code = "not-found"
    title = "Not found"


class Unauthenticated(AppError):
    """No credentials, or ones that do not hold."""

    code = "unauthenticated"
    title = "Sign in first"


class Forbidden(AppError):
    """The caller is known but lacks the scope or the role."""

    code = "forbidden"
    title = "Not allowed"


class Conflict(AppError):
    """The request contradicts what is stored."""

    code = "conflict"
    title = "Conflict"


class PreconditionFailed(AppError):
    """The thing changed since the caller read it (If-Match)."""

    code = "precondition-failed"
    title = "It has changed in the meantime"


class TooManyRequests(AppError):
    """Slow down; `retry_after` in seconds."""

    code = "too-many-requests"
    title = "Too many requests"

    def __init__(self, detail: str, retry_after: int):
        super().__init__(detail)
        self.retry_after = retry_after


class Unavailable(AppError):
    """A store is away; nothing was acknowledged. `retry_after` in seconds."""

    code = "unavailable"
    title = "Temporarily unavailable"

    def __init__(self, detail: str, retry_after: int = 5):
        super().__init__(detail)
        self.retry_after = retry_after


class Busy(Unavailable):
    """Another writer has held the profile for too long to wait for; nothing was acknowledged."""

    code = "busy"


class CannotStart(AppError):
    """The product can't start or a command can't run here (port, data directory, settings)."""

    code = "cannot-start"
    title = "It can't start"

"""A statement of a bank or payment service: how it is laid out, and its rows as a stream."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from models.errors import InvalidInput
from models.money import check_currency
from services import aside
from services.imports.rejected import Rejected
from services.imports.statements import dialect, foreign, ofx, text
from services.imports.statements.decisions import SAMPLE_LINES, Reading
from services.imports.statements.layout import Layout, Overrides
from services.imports.statements.reading import rows
from services.imports.statements.records import records
from services.imports.statements.row import Row

_SAMPLE_CHARACTERS = 1_000_000
_SAMPLE_RECORDS = 50
_AT_A_STRETCH = 200


@dataclass(frozen=True)
class Statement:
    """A file understood. Iterating reads it from the start, in the order of the file and without holding it
    in memory; it can be iterated again."""

    path: Path
    layout: Layout
    _open: Callable[[], Iterator[Row | Rejected]]

    def __iter__(self) -> Iterator[Row | Rejected]:
        for number, row in enumerate(self._open()):
            if number % _AT_A_STRETCH == 0:
                aside.give_way()
            yield row


def read(path: Path, overrides: Overrides = Overrides(), fallback_currency: str | None = None) -> Statement:  # noqa: B008  # frozen
    """The statement in `path`; `fallback_currency` is used when nothing in the file tells its own.

    Raises InvalidInput, saying what it is or what it needs to know, when the file is no statement or can't
    be understood alone; its problem's pointer is the field of Overrides or the name of ours to give.
    """
    head = _head(path)
    if overrides.encoding is None and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        sentence = foreign.what_it_is(head)
        if sentence:
            raise InvalidInput(f"{path.name} can't be imported. {sentence}")
    encoding = text.Encoding.of(overrides.encoding) if overrides.encoding else text.detect(path)
    if not encoding.codec.startswith(("utf-16", "utf-32")) and foreign.is_binary(head):
        raise InvalidInput(f"{path.name} is not a text file; export CSV or OFX and import that.")
    currency = check_currency(overrides.currency, "currency") if overrides.currency else None
    fallback = check_currency(fallback_currency, "currency") if fallback_currency else None
    if ofx.is_ofx(head.decode(encoding.codec, errors="replace")):
        return _ofx(path, overrides, encoding, currency, fallback)
    return _csv(path, overrides, encoding, currency, fallback)


def columns_of(path: Path, overrides: Overrides = Overrides()) -> tuple[str, ...]:  # noqa: B008  # frozen
    """The names of a file's columns in their order, "" where one has none; () where it has no columns, or
    they can't be told apart."""
    try:
        head = _head(path)
        encoding = text.Encoding.of(overrides.encoding) if overrides.encoding else text.detect(path)
        if ofx.is_ofx(head.decode(encoding.codec, errors="replace")):
            return ()
        lines = _sample(path, encoding)
        found = _dialect(lines, overrides)
    except InvalidInput:
        return ()
    data = records(lines[found.data_after :], found.delimiter, found.unwrap)
    width = max(
        (len(record.cells) for record in islice(data, _SAMPLE_RECORDS)),
        default=len(found.header.cells) if found.header else 0,
    )
    names = [cell.strip() for cell in found.header.cells] if found.header else []
    return tuple([*names, *[""] * width][: max(width, len(names))])


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            head = file.read(65_536)
    except FileNotFoundError:
        raise InvalidInput(f"There is no file {path}.") from None
    except IsADirectoryError:
        raise InvalidInput(f"{path} is a directory, not a file.") from None
    except OSError as error:
        raise InvalidInput(f"{path} can't be read: {error.strerror}.") from None
    if not head.strip():
        raise InvalidInput(f"{path.name} is empty.")
    if len(head) == 65_536 and b"\n" not in head and b"\r" not in head:
        raise InvalidInput(f"{path.name} has no line ends, so it is not a CSV or OFX file.")
    return head


def _ofx(
    path: Path, overrides: Overrides, encoding: text.Encoding, currency: str | None, fallback: str | None
) -> Statement:
    found = ofx.default_currency(text.lines_of(path, encoding.codec))
    layout = Layout(
        encoding=encoding.name,
        delimiter="OFX",
        header_line=None,
        mapping=dict(ofx.MAPPING),
        decimal=overrides.decimal or ".",
        date_order="ymd",
        currency=currency or found or fallback,
        notes=(encoding.note,) if encoding.note else (),
    )
    if layout.currency is None:
        raise InvalidInput.at("currency", f"{path.name} does not say its currency; give it.")
    sign = -1 if overrides.sign == "inverted" else 1

    def opened() -> Iterator[Row | Rejected]:
        return ofx.rows(text.lines_of(path, encoding.codec), layout.currency or "", currency, sign)

    return Statement(path, layout, opened)


def _csv(
    path: Path, overrides: Overrides, encoding: text.Encoding, currency: str | None, fallback: str | None
) -> Statement:
    lines = _sample(path, encoding)
    try:
        found = _dialect(lines, overrides)
        reading = Reading(path, overrides, encoding, found, currency, fallback, lines)
        plan, layout = reading.decide()
    except InvalidInput as problem:
        raise InvalidInput(f"{path.name}: {problem}", problem.problems) from None

    def opened() -> Iterator[Row | Rejected]:
        return rows(reading.data(), plan)

    return Statement(path, layout, opened)


def _sample(path: Path, encoding: text.Encoding) -> list[str]:
    lines: list[str] = []
    size = 0
    for line in islice(text.lines_of(path, encoding.codec), SAMPLE_LINES):
        lines.append(line)
        size += len(line)
        if size > _SAMPLE_CHARACTERS:
            break
    return lines


def _dialect(lines: Sequence[str], overrides: Overrides) -> dialect.Dialect:
    names = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "pipe": "|", "space": " "}
    delimiter = names.get(overrides.delimiter or "", overrides.delimiter)
    if delimiter is not None and len(delimiter) != 1:
        raise InvalidInput.at("delimiter", "The delimiter must be one character, such as ; or tab.")
    found = dialect.detect(lines, delimiter, overrides.header_line or None)
    if overrides.header_line == 0:
        found = replace(found, header=None, data_after=dialect.lead_in(lines, found))
    return found

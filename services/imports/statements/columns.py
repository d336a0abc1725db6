"""Which column holds what: by the words of the header, checked against what the cells hold."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from models.errors import InvalidInput
from services.imports.statements.amounts import is_blank
from services.imports.statements.column import DATES, Column, is_number, minus, runs, values
from services.imports.statements.currencies import without_currency
from services.imports.statements.dates import parse
from services.imports.statements.layout import ROLES
from services.imports.statements.vocabulary import Meaning, meanings, plain, words


@dataclass(frozen=True)
class Columns:
    """The columns found: `roles` ours -> index; `dates` the other dates, for rows whose own is empty;
    `languages` that the header may be in; `notes` on what was decided."""

    roles: dict[str, int]
    dates: tuple[int, ...]
    languages: tuple[str, ...]
    names: tuple[str, ...]
    notes: tuple[str, ...] = ()
    fees_are_rows: bool = False

    def name(self, index: int) -> str:
        """The heading, or the 1-based number of a column without one."""
        return self.names[index] or str(index + 1)


@dataclass
class _Finder:
    columns: list[Column]
    told: dict[str, int]
    has_header: bool
    roles: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    meaning: dict[int, Meaning] = field(default_factory=dict)

    def read_headings(self) -> None:
        for column in self.columns:
            found = (
                [m for m in meanings(without_currency(column.name)) if column.fits(m.role)]
                if column.name
                else []
            )
            if column.name and _says_both(column.name):
                role = "direction" if column.fits("direction") else "amount"
                found = [Meaning(role, 1.0, 0, m.language) for m in meanings(column.name)[:1]]
            if found:
                self.meaning[column.index] = found[0]

    def named(self, *roles: str) -> list[Column]:
        """The columns whose heading means one of `roles` and that are not told otherwise, likeliest first."""
        free = [
            (self.columns[i], m)
            for i, m in self.meaning.items()
            if m.role in roles and i not in self.told.values()
        ]
        free.sort(
            key=lambda p: (p[1].score < 1, not p[0].held, p[1].rank if p[1].score == 1 else 0, p[0].index)
        )
        return [column for column, _ in free]

    def take(self, ours: str, *roles: str, most: float = 0.0) -> None:
        """Give `ours` to the likeliest column named `roles` (which default to `ours`)."""
        if ours in self.told:
            self.roles[ours] = self.told[ours]
            return
        for column in self.named(*(roles or (ours,))):
            if column.index not in self.roles.values() and column.fill >= most:
                self.roles[ours] = column.index
                return

    # Dates -------------------------------------------------------------------------------------

    def find_dates(self) -> tuple[int, ...]:
        named = [c for role in DATES for c in self._by_fill(self.named(role))]
        usable = [c for c in named if c.held]
        if "date" in self.told:
            self.roles["date"] = self.told["date"]
        elif usable:
            # A column with holes (settled on) stands back behind a full one of the same sense (started on).
            self.roles["date"] = usable[0].index
        else:
            known = set(self.meaning)
            found = [c for c in self.columns if c.dates >= 0.6 and c.index not in known] or [
                c for c in self.columns if c.dates >= 0.6
            ]
            if found:
                self.roles["date"] = max(found, key=lambda c: (round(c.fill, 1), -c.index)).index
            elif named:
                self.roles["date"] = named[0].index
            else:
                raise InvalidInput.at("date", f"Which column is the date? {self._choices()}")
        chosen = self.columns[self.roles["date"]]
        if "at" in self.told:
            self.roles["at"] = self.told["at"]
        elif chosen.moments < 0.5:
            timed = [
                c
                for c in usable
                if c.index != chosen.index and c.moments >= 0.5 and self._same_day(chosen, c)
            ]
            if timed:
                self.roles["at"] = timed[0].index
            else:
                self.take("time", "time")
        self.take("zone", "zone")
        return tuple(c.index for c in usable if c.index != chosen.index)

    @staticmethod
    def _by_fill(columns: list[Column]) -> list[Column]:
        fullest = max((c.fill for c in columns), default=0.0)
        return sorted(columns, key=lambda c: (c.fill < fullest * 0.98, c.index))

    @staticmethod
    def _same_day(one: Column, other: Column) -> bool:
        pairs = [
            (a, b) for a, b in zip(one.cells, other.cells, strict=True) if not is_blank(a) and not is_blank(b)
        ]
        same = sum(
            (x := parse(a)) is not None and (y := parse(b)) is not None and x.day == y.day for a, b in pairs
        )
        return bool(pairs) and same >= len(pairs) * 0.9

    # Amounts -----------------------------------------------------------------------------------

    def find_amounts(self) -> None:
        if {"amount", "debit", "credit"} & self.told.keys():
            for ours in ("amount", "debit", "credit"):
                if ours in self.told:
                    self.roles[ours] = self.told[ours]
        else:
            self._find_amounts()
        if "net" in self.told or self.roles.get("amount") not in [c.index for c in self.named("net")]:
            self.take("net", "net")
            self.take("fee", "fee")
        self.take("refunded")
        self.take("balance")

    def _find_amounts(self) -> None:
        single = self._single()
        debits = self.named("debit")
        credits_ = self.named("credit")
        pair = [*debits[:1], *credits_[:1]]
        both = len(pair) == 2 and any(c.held or not c.cells for c in pair)
        if single is not None and not (both and single.negative == 0 and self._explains(single, pair)):
            self.roles["amount"] = single.index
            self._net_instead(single)
        elif both or (single is None and pair and self.has_header and pair[0].held):
            for ours, found in (("debit", debits), ("credit", credits_)):
                if found:
                    self.roles[ours] = found[0].index
        else:
            self._by_content()

    def _single(self) -> Column | None:
        for role in ("amount", "gross", "total", "net", "price"):
            for column in self.named(role):
                if column.held or not column.cells:
                    return column
        return None

    @staticmethod
    def _explains(single: Column, pair: list[Column]) -> bool:
        """Whether every row of an unsigned amount also stands in the debit or the credit column."""
        return single.fill <= pair[0].fill + pair[1].fill + 0.01 and pair[0].fill > 0

    def _net_instead(self, single: Column) -> None:
        for net in self.named("net"):
            gaps = sum(is_blank(a) and not is_blank(n) for a, n in zip(single.cells, net.cells, strict=True))
            if gaps and net.index != single.index and net.fill > single.fill:
                self.roles["amount"] = net.index
                self.notes.append(
                    f"{gaps} rows have no {single.name!r} but a {net.name!r}, so {net.name!r} is the amount; "
                    "fees are rows of their own."
                )
                return

    def _by_content(self) -> None:
        taken = {*self.roles.values(), *self.told.values()}
        ruled_out = {
            i for i, m in self.meaning.items() if m.role not in ("description", "reference", "counterparty")
        }
        free = [
            c
            for c in self.columns
            if c.index not in taken | ruled_out
            and c.held
            and c.amounts >= 0.9
            and c.dates < 0.5
            and c.money >= 0.3
        ]
        if not free:
            free = [
                c
                for c in self.columns
                if c.index not in taken | ruled_out
                and c.amounts >= 0.95
                and c.dates < 0.5
                and not is_number(c)
            ]
        if len(free) > 1:
            free = self._without_balance(free)
        if len(free) == 2 and self._alternate(*free):
            first, second = free
            self.roles["debit"], self.roles["credit"] = first.index, second.index
            balance = self.roles.get("balance")
            if balance is not None and not runs(self.columns[balance], minus(second, first)):
                self.roles["debit"], self.roles["credit"] = second.index, first.index
            elif balance is None:
                raise InvalidInput.at(
                    "debit", f"Which column is money out and which is money in? {self._choices(free)}"
                )
            return
        if len(free) > 1:
            signed = [c for c in free if c.negative]
            free = signed if len(signed) == 1 else free
        if len(free) != 1:
            raise InvalidInput.at("amount", f"Which column is the amount? {self._choices(free)}")
        self.roles["amount"] = free[0].index
        if self.has_header:
            self.notes.append(f"Column {self._label(free[0])} is taken for the amount by what it holds.")

    def _without_balance(self, free: list[Column]) -> list[Column]:
        """Leave out a running balance: what changes from row to row by just the amount of the row."""
        for balance in reversed(free):
            others = [c for c in free if c.index != balance.index]
            tries = [values(c) for c in others]
            if len(others) == 2 and self._alternate(*others):
                tries += [minus(others[0], others[1]), minus(others[1], others[0])]
            if any(runs(balance, moves) for moves in tries):
                self.roles["balance"] = balance.index
                return others
        return free

    @staticmethod
    def _alternate(one: Column, other: Column) -> bool:
        pairs = list(zip(one.cells, other.cells, strict=True))
        return sum(is_blank(a) != is_blank(b) for a, b in pairs) >= len(pairs) * 0.9

    def _label(self, column: Column) -> str:
        return repr(column.name) if column.name else str(column.index + 1)

    def _choices(self, columns: Sequence[Column] = ()) -> str:
        shown = ", ".join(self._label(c) for c in columns or self.columns if c.held or not columns)
        return f"The columns are {shown or 'without names'}; say which by its name or number."

    # The rest ----------------------------------------------------------------------------------

    def find_rest(self) -> None:
        self.take("currency")
        self._unnamed_currency()
        self.take("direction")
        self._unnamed_direction()
        self.take("refers_to")
        self._reference()
        for ours in ("status", "kind", "country", "category"):
            self.take(ours)
        self.take("counterparty")
        self.take("description", most=0.2)
        if "description" not in self.roles:
            self.take("description")
        if "description" not in self.roles:
            self._longest_text()

    def _unnamed_currency(self) -> None:
        if "currency" in self.roles:
            return
        for column in self.columns:
            free = column.index not in self.roles.values() and column.index not in self.meaning
            if (
                free
                and column.currencies >= 0.95
                and column.fill >= 0.5
                and all(len(c) == 3 for c in column.held)
            ):
                self.roles["currency"] = column.index
                return

    def _unnamed_direction(self) -> None:
        if "direction" in self.roles:
            return
        for column in self.columns:
            if column.index in self.roles.values() or not column.held or column.directions < 1:
                continue
            meaning = self.meaning.get(column.index)
            if meaning is None or meaning.role in ("kind", "account", "category", "status"):
                self.roles["direction"] = column.index
                return

    def _reference(self) -> None:
        if "reference" in self.told:
            self.roles["reference"] = self.told["reference"]
            return
        for column in self.named("reference"):
            if column.index not in self.roles.values() and column.fill >= 0.5 and column.distinct >= 0.5:
                self.roles["reference"] = column.index
                return

    def _role(self, column: Column) -> str:
        meaning = self.meaning.get(column.index)
        return meaning.role if meaning else ""

    def _longest_text(self) -> None:
        free = [
            c
            for c in self.columns
            if c.index not in self.roles.values() and c.held and c.dates < 0.5 and c.amounts < 0.5
            and self._role(c) not in ("account", "other_currency")
        ]  # fmt: skip
        if free:
            best = max(free, key=lambda c: (sum(map(len, c.held)), -c.index))
            self.roles["description"] = best.index

    def languages(self) -> tuple[str, ...]:
        """The languages that most headings are words of, several when they can't be told apart."""
        votes: Counter[str] = Counter()
        for column in self.columns:
            found = meanings(without_currency(column.name)) if column.name else ()
            votes.update({m.language for m in found if m.score == 1})
        most = max(votes.values(), default=0)
        return tuple(sorted(language for language in votes if votes[language] == most))


def _says_both(heading: str) -> bool:
    """Whether a heading names money out and money in at once: 'Credit/Debit Amount'."""
    spoken = [w for w in plain(heading).split() if len(w) > 2]
    return any(w in words("debit") for w in spoken) and any(w in words("credit") for w in spoken)


def find(header: Sequence[str] | None, rows: Sequence[Sequence[str]], mapping: Mapping[str, str]) -> Columns:
    """The columns of a table from its header and a sample of its rows; what `mapping` tells is kept.

    Raises InvalidInput that asks for the date or the amount, or names a column that is not there.
    """
    width = max([len(header or ()), *(len(r) for r in rows)], default=0)
    names = tuple((header[i].strip() if header and i < len(header) else "") for i in range(width))
    columns = [
        Column(i, names[i], tuple(r[i].strip() if i < len(r) else "" for r in rows)) for i in range(width)
    ]
    finder = _Finder(columns, _told(mapping, names), header is not None)
    finder.read_headings()
    dates = finder.find_dates()
    finder.find_amounts()
    finder.find_rest()
    return Columns(finder.roles, dates, finder.languages(), names, tuple(finder.notes))


def _told(mapping: Mapping[str, str], names: tuple[str, ...]) -> dict[str, int]:
    told = {}
    lowered = [n.casefold() for n in names]
    for ours, theirs in mapping.items():
        if ours not in ROLES:
            raise InvalidInput.at(ours, f"There is no field {ours!r}; it can be one of {', '.join(ROLES)}.")
        wanted = theirs.strip().casefold()
        if wanted in lowered:
            told[ours] = lowered.index(wanted)
        elif wanted.isdigit() and 1 <= int(wanted) <= len(names):
            told[ours] = int(wanted) - 1
        else:
            shown = ", ".join(n for n in names if n) or f"numbers 1 to {len(names)}"
            raise InvalidInput.at(ours, f"The file has no column {theirs!r}; it has {shown}.")
    return told

"""Which currency a statement is in: signs, names, headings, account numbers and wording."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from models.money import currencies

SIGNS: dict[str, str] = {
    "$": "$", "€": "EUR", "£": "GBP", "¥": "¥", "￥": "¥", "₹": "INR", "₩": "KRW", "₽": "RUB", "₺": "TRY",
    "₴": "UAH", "₪": "ILS", "฿": "THB", "₫": "VND", "₱": "PHP", "₦": "NGN", "₡": "CRC", "₲": "PYG",
    "₸": "KZT", "₾": "GEL", "₼": "AZN", "₵": "GHS", "kr": "kr", "円": "JPY", "元": "CNY", "원": "KRW",
    "zł": "PLN", "zl": "PLN", "kč": "CZK", "kc": "CZK", "ft": "HUF", "lei": "RON", "лв": "BGN", "rs": "INR",
    "руб": "RUB", "р": "RUB", "грн": "UAH", "tl": "TRY", "r$": "BRL", "us$": "USD", "a$": "AUD", "au$": "AUD",
    "c$": "CAD", "ca$": "CAD", "cad$": "CAD", "cdn$": "CAD", "nz$": "NZD", "s$": "SGD", "hk$": "HKD",
    "nt$": "TWD", "mx$": "MXN", "usd$": "USD", "aud$": "AUD", "rm": "MYR", "rp": "IDR", "fr": "CHF",
    "sfr": "CHF", "r": "ZAR", "s/": "PEN", "s": "", "ден": "MKD", "дин": "RSD", "din": "RSD", "kn": "HRK",
    "euro": "EUR", "euros": "EUR", "eur": "EUR", "us dollar": "USD", "u s dollar": "USD", "dollar": "$",
    "dollars": "$", "pound sterling": "GBP", "british pound": "GBP", "yen": "JPY", "人民币": "CNY",
    "rmb": "CNY", "cnh": "CNY", "日本円": "JPY", "新臺幣": "TWD", "新台幣": "TWD", "ntd": "TWD",
    "台幣": "TWD", "港币": "HKD", "港幣": "HKD", "美元": "USD", "美金": "USD", "欧元": "EUR", "rur": "RUB",
    "рубль": "RUB", "рубли": "RUB", "гривня": "UAH", "dirham": "AED", "aed": "AED", "دإ": "AED", "رس": "SAR",
    "ريال": "SAR", "جم": "EGP", "درهم": "AED", "دك": "KWD", "رق": "QAR", "دم": "MAD", "دت": "TND",
    'ש"ח': "ILS", "שח": "ILS", "nis": "ILS", "บาท": "THB", "baht": "THB", "vnđ": "VND", "đ": "VND",
    "stg": "GBP", "gbp": "GBP", "kčs": "CZK", "sek kr": "SEK", "dkr": "DKK", "nkr": "NOK", "skr": "SEK",
    "978": "EUR", "840": "USD", "826": "GBP", "756": "CHF", "392": "JPY", "643": "RUB", "980": "UAH",
    "985": "PLN", "203": "CZK", "752": "SEK", "578": "NOK", "208": "DKK", "946": "RON", "348": "HUF",
}  # fmt: skip
"""As written -> ISO code; the shared signs '$', '¥' and 'kr' stand for themselves."""

SHARED = {
    "$": ("USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN", "TWD", "ARS", "CLP", "COP", "BBD", "JMD", "TTD"),
    "¥": ("JPY", "CNY"),
    "kr": ("SEK", "NOK", "DKK", "ISK"),
}
"""A sign of several currencies -> those, the likeliest first."""

# Languages of one country (or one currency): a heading in them says which money is meant.
LANGUAGE_CURRENCY = {
    "pl": "PLN", "cs": "CZK", "hu": "HUF", "ro": "RON", "sv": "SEK", "nb": "NOK", "da": "DKK", "ja": "JPY",
    "ko": "KRW", "tr": "TRY", "he": "ILS", "ru": "RUB", "uk": "UAH", "zh": "CNY", "zht": "TWD", "th": "THB",
    "vi": "VND", "id": "IDR", "sr": "RSD", "is": "ISK", "fi": "EUR", "el": "EUR", "nl": "EUR", "it": "EUR",
    "sk": "EUR", "sl": "EUR", "et": "EUR", "lv": "EUR", "lt": "EUR", "hr": "EUR",
}  # fmt: skip
LIKELY_CURRENCY = {"de": "EUR", "fr": "EUR", "bg": "BGN"}
"""Languages of several currencies -> the one that is meant when nothing else is known."""

_IBAN_CURRENCY = {
    "GB": "GBP", "PL": "PLN", "CZ": "CZK", "HU": "HUF", "RO": "RON", "SE": "SEK", "NO": "NOK", "DK": "DKK",
    "CH": "CHF", "LI": "CHF", "TR": "TRY", "UA": "UAH", "IL": "ILS", "RS": "RSD", "IS": "ISK", "SA": "SAR",
    "AE": "AED", "BR": "BRL", "GE": "GEL", "KZ": "KZT",
    "AT": "EUR", "BE": "EUR", "CY": "EUR", "DE": "EUR", "EE": "EUR", "ES": "EUR", "FI": "EUR", "FR": "EUR",
    "GR": "EUR", "HR": "EUR", "IE": "EUR", "IT": "EUR", "LT": "EUR", "LU": "EUR", "LV": "EUR", "MT": "EUR",
    "NL": "EUR", "PT": "EUR", "SI": "EUR", "SK": "EUR", "MC": "EUR", "SM": "EUR",
}  # fmt: skip
_IBAN = re.compile(r"\b([A-Z]{2})\d{2} ?(?:[A-Z0-9]{4} ?){2,7}[A-Z0-9]{0,4}\b")
_WORDING = {
    "BRL": (
        r"\bI\.?O\.?F\.?\b|\bPIX\b|\bBoleto\b|\bTED\b.*\bDOC\b|\bCPF\b|\bCNPJ\b|Data do Balancete|Nubank"
        r"|Ita[uú]\b|Bradesco|Banco do Brasil|\bDOC/TED\b|\bD[eé]bito autom[aá]tico\b|\bFatura\b"
    ),
    "INR": r"\bUPI\b|\bNEFT\b|\bIMPS\b|\bRTGS\b|Narration",
    "MXN": r"\bSPEI\b|\bCLABE\b|\bRFC\b|\bCoDi\b",
    "AUD": r"\bBPAY\b|\bOSKO\b|\bBSB\b|\bPTY LTD\b",
    "GBP": r"\bBACS\b|\bFASTER PAYMENTS?\b|\bSort Code\b|\bCHAPS\b",
    "CAD": r"\bINTERAC\b|\be-?Transfer\b",
    "USD": r"\bACH\b|\bPPD ID\b|\bZELLE\b|\bVENMO\b|\bCHECKCARD\b",
    "SGD": r"\bPAYNOW\b|\bGIRO\b.*\bSGD?\b|\bNETS\b",
    "ARS": r"\bCUIT\b|\bCVU\b|\bCBU\b",
    "CLP": r"\bRUT\b",
    "EUR": r"\bMULTIBANCO\b|\bMB ?WAY\b|\bBIZUM\b|\bSEPA\b",
}  # fmt: skip
# Codes that are also words of English; as such they count only in capitals and between brackets.
_WORDS = frozenset(
    [
        "ALL",
        "CUP",
        "TOP",
        "TRY",
        "MOP",
        "BAM",
        "ANG",
        "PEN",
        "LAK",
        "SOS",
        "GEL",
        "AMD",
        "RON",
        "BOB",
        "COP",
        "DOP",
        "MAD",
        "SIT",
        "CAD",
    ]
)
_BRACKETED = re.compile(r"[(\[]\s*([A-Za-z]{3}|[^\s\w]{1,3}|[A-Za-z]{1,3}\$|[^\W\d]{1,5}\.?)\s*[)\]]")
_TRAILING = re.compile(r"(?:^|[\s_])([A-Z]{3})$")


@dataclass(frozen=True, slots=True)
class Guess:
    """`code` and the sentence that says why; `sure` when the file itself names it."""

    code: str
    why: str
    sure: bool


def in_heading(heading: str) -> str:
    """The currency that a heading names, such as EUR for 'Amount (EUR)' or 'Betrag in EUR'; else ''."""
    for token in _BRACKETED.findall(heading):
        code = _code(token)
        if code:
            return code
    found = _TRAILING.search(heading.strip())
    if found and found[1] not in _WORDS and found[1] in currencies() and found[1] != heading.strip():
        return found[1]
    return ""


def _code(token: str) -> str:
    bare = token.strip().rstrip(".")
    if bare.upper() in currencies():
        return bare.upper()
    return SIGNS.get(bare.casefold(), "")


def narrow(sign: str, fallback: str | None, hints: Iterable[str]) -> str:
    """The one currency that a shared sign means: the profile's own if it uses that sign, else the first
    of `hints` that does, else the likeliest."""
    choices = SHARED.get(sign, (sign,))
    for hint in (*hints, fallback):
        if hint in choices:
            return hint
    return choices[0]


def in_preamble(lines: Sequence[str]) -> Guess | None:
    """A currency that the lines above the table name: 'Currency: USD', 'Balance,100.00 EUR', an IBAN."""
    text = "\n".join(lines)
    votes = Counter(code for code in re.findall(r"\b[A-Z]{3}\b", text) if code in currencies() - _WORDS)
    if len(votes) == 1:
        code = next(iter(votes))
        return Guess(code, f"The lines above the table name {code}.", True)
    signs = Counter(sign for sign in "€£₹₩₽₺₴₪฿" if sign in text)
    if not votes and len(signs) == 1:
        sign = next(iter(signs))
        return Guess(SIGNS[sign], f"The lines above the table write {sign}.", True)
    return by_account(lines)


def by_account(texts: Iterable[str]) -> Guess | None:
    """The currency of the country in the account's own IBAN."""
    countries = {country for text in texts for country in _IBAN.findall(text.upper())}
    codes = {_IBAN_CURRENCY[c] for c in countries if c in _IBAN_CURRENCY}
    if len(codes) != 1:
        return None
    code = codes.pop()
    return Guess(
        code, f"The currency is not named; the account's IBAN is of a country that uses {code}.", False
    )


def by_file_name(name: str) -> Guess | None:
    """A currency code that stands as a word of its own in the file's name."""
    found = {
        t.upper() for t in re.split(r"[^A-Za-z]+", name) if t.upper() in currencies() - _WORDS and len(t) == 3
    }
    if len(found) != 1:
        return None
    code = found.pop()
    return Guess(code, f"The currency is not in the table; the file's name says {code}.", False)


def by_wording(texts: Sequence[str]) -> Guess | None:
    """A currency whose country's payment words (Pix, UPI, BACS, ...) are in the texts."""
    text = "\n".join(texts)
    votes: Counter[str] = Counter()
    for code, pattern in _WORDING.items():
        votes[code] = len(set(re.findall(pattern, text, re.IGNORECASE if code == "BRL" else 0)))
    (first, most), (_, second) = votes.most_common(2)
    if most == 0 or most == second:
        return None
    return Guess(first, f"The currency is not named; the wording of the rows is that of {first}.", False)


def by_language(languages: Iterable[str], likely: bool = False) -> Guess | None:
    """The currency of the country where headings are written in one of `languages`, if they agree."""
    table = LANGUAGE_CURRENCY | LIKELY_CURRENCY if likely else LANGUAGE_CURRENCY
    codes = {table.get(language) for language in languages}
    if len(codes) != 1 or None in codes:
        return None
    code = str(codes.pop())
    return Guess(code, f"The currency is not named; the headings are in a language of {code}.", False)


def without_currency(heading: str) -> str:
    """`heading` without the currency that it names: 'Amount' for 'Amount (EUR)' or 'Amount in EUR'."""
    bare = _BRACKETED.sub(lambda m: "" if _code(m[1]) else m[0], heading).strip()
    if in_heading(bare):
        bare = re.sub(r"(?i)[\s_]+(?:in|en|i|em|w|v)?[\s_]*[A-Z]{3}$", "", bare).strip()
    return bare or heading

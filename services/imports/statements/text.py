"""Which encoding a file is in, decided from all of its bytes, so that no later line surprises."""

import codecs
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from models.errors import InvalidInput
from services.imports.statements.vocabulary import terms_beyond_ascii

_CHUNK = 1 << 20
_EVIDENCE = 200_000

NAMES = {
    "ascii": "ASCII", "utf-8": "UTF-8", "utf-8-sig": "UTF-8 with BOM", "utf-16": "UTF-16",
    "utf-16-le": "UTF-16LE", "utf-16-be": "UTF-16BE", "utf-32": "UTF-32",
    "cp1252": "windows-1252", "iso8859-1": "ISO-8859-1",
    "iso8859-15": "ISO-8859-15", "cp1250": "windows-1250", "iso8859-2": "ISO-8859-2",
    "cp1251": "windows-1251", "koi8-r": "KOI8-R", "cp866": "IBM866", "cp1253": "windows-1253",
    "iso8859-7": "ISO-8859-7", "cp1254": "windows-1254", "iso8859-9": "ISO-8859-9",
    "cp1255": "windows-1255", "iso8859-8": "ISO-8859-8", "cp1256": "windows-1256",
    "cp1257": "windows-1257", "cp1258": "windows-1258", "cp874": "windows-874", "cp932": "Shift_JIS",
    "euc_jp": "EUC-JP", "gb18030": "GB18030", "gbk": "GBK", "big5": "Big5", "cp949": "EUC-KR",
    "cp850": "IBM850", "cp437": "IBM437", "cp852": "IBM852", "mac-roman": "macintosh",
}  # fmt: skip
"""Python's codec -> the name shown, as IANA registers it."""

_LETTERS = {
    "cp1252": "äöüÄÖÜßéèàêçùôîâëïûœæÉÈÀÇÊáíóúñÁÍÓÚÑ¿¡ºªãõÃÕÂÔåøÅÆØìòÌÒ",
    "iso8859-15": "äöüÄÖÜßéèàêçùôîâëïûœæÉÈÀÇÊáíóúñÁÍÓÚÑ¿¡ºªãõÃÕÂÔåøÅÆØìòÌÒžšŽŠ",
    "cp1250": "ąćęłńóśźżĄĆĘŁŃÓŚŹŻáčďéěíňřšťúůýžÁČĎÉĚÍŇŘŠŤÚŮÝŽöőüűÖŐÜŰäôľĺđĐăâîșțşţ",
    "iso8859-2": "ąćęłńóśźżĄĆĘŁŃÓŚŹŻáčďéěíňřšťúůýžÁČĎÉĚÍŇŘŠŤÚŮÝŽöőüűÖŐÜŰäôľĺđĐăâîșțşţ",
    "cp1254": "çğıİöşüÇĞÖŞÜâî",
    "cp1257": "āčēģīķļņšūžĀČĒĢĪĶĻŅŠŪŽąęėįųĄĘĖĮŲõäöüÕÄÖÜ",
    "cp850": "äöüÄÖÜßéèàêçùôîâëïûÉÇáíóúñÁÑ¿¡ºªåøÅÆØæìò",
    "cp852": "ąćęłńóśźżĄĆĘŁŃÓŚŹŻáčďéěíňřšťúůýžÁČĎÉĚÍŇŘŠŤÚŮÝŽöőüűÖŐÜŰ",
    "mac-roman": "äöüÄÖÜßéèàêçùôîâëïûœÉÈÀÇáíóúñÁÑ¿¡ãõåøÅÆØæìò",
}
_SYMBOLS = "€£¥°§–—’‘“”„«»…·×µ®©№½¼¤"
# Unequal priors: among encodings that explain a text alike, the commoner wins.
_PRIOR = {
    "cp1252": 0.06, "iso8859-15": 0.03, "cp1250": 0.05, "iso8859-2": 0.04, "cp1251": 0.06, "cp932": 0.06,
    "gb18030": 0.06, "cp949": 0.05, "big5": 0.05, "cp1254": 0.03, "cp1253": 0.05, "cp1255": 0.04,
    "cp1256": 0.03, "mac-roman": 0.0, "cp850": 0.01, "cp852": 0.0,
}  # fmt: skip
_CANDIDATES = (
    "cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "iso8859-15",
    "iso8859-2", "iso8859-7", "koi8-r", "cp866", "cp874", "cp932", "euc_jp", "gb18030", "big5", "cp949",
    "cp850", "cp852", "mac-roman",
)  # fmt: skip
_SCRIPT_OF = {
    "cp1251": "CYRILLIC", "koi8-r": "CYRILLIC", "cp866": "CYRILLIC", "cp1253": "GREEK", "iso8859-7": "GREEK",
    "cp1255": "HEBREW", "cp1256": "ARABIC", "cp874": "THAI",
}  # fmt: skip
_MULTIBYTE = {"cp932": "japanese", "euc_jp": "japanese", "gb18030": "han", "big5": "han", "cp949": "hangul"}
_COMMON_HAN = (
    "的一是在不了有和人这中大为上个国我以要他时来用们到作地于出就分对成会可主发年动同工也能下过子说产种面而方后"
    "多定行学法所民得经十三之进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本去把性好应开它"
    "合还因由其些然前外天政四日那社义事平形相全表间样与关各重新线内数正心反你明看原又么利比或但质气第向道命此变"
    "条只没结解问意建月公无系军很情者最立代想已通并提直题党程展五果料象员革位入常文总次品式活设及管特件长求老头"
    "基资边流路级少图山统接知较将组见计别她手角期根论运农指几九区强放决西被干做必战先回则任取据处理世车"
    "交易金额额摘要余账户银行支付收入款转存取卡号币种类型备注对方名称时间状态商品店手续费"
    "這來個為們國會對發產種後學經進著電裡動現實體機當點業應開還無與關變條結問題員總設統計別論運區處帳戶銀額餘"
    "轉匯摘幣別註記號碼名稱對象類備存提款繳費薪資"
)


@dataclass(frozen=True, slots=True)
class Encoding:
    """`codec` is Python's name, `name` the one to show; `note` says what was decided, if anything."""

    codec: str
    name: str
    note: str = ""

    @classmethod
    def of(cls, codec: str, note: str = "") -> "Encoding":
        """The encoding of a codec that Python knows; InvalidInput when it knows none of that name."""
        spoken = {name.lower(): known for known, name in NAMES.items()}
        wanted = spoken.get(codec.strip().lower(), codec)
        try:
            found = codecs.lookup(wanted).name
        except LookupError:
            raise InvalidInput.at("encoding", f"There is no encoding {codec!r}; UTF-8 is one.") from None
        return cls(found, NAMES.get(found, codec), note)


def lines_of(path: Path, codec: str) -> Iterator[str]:
    """The lines of a file, each with its end as one newline; bytes that the codec can't read are replaced."""
    with path.open(encoding=codec, errors="replace", newline=None) as file:
        yield from file


def detect(path: Path) -> Encoding:
    """The encoding of the file, read once from end to end; InvalidInput when it is empty or not text."""
    with path.open("rb") as file:
        head = file.read(_CHUNK)
        if not head.strip():
            raise InvalidInput(f"{path.name} is empty.")
        for mark, codec in (
            (codecs.BOM_UTF8, "utf-8-sig"),
            (codecs.BOM_UTF32_LE, "utf-32"),
            (codecs.BOM_UTF16_LE, "utf-16"),
            (codecs.BOM_UTF16_BE, "utf-16"),
        ):
            if head.startswith(mark):
                return Encoding.of(codec)
        wide = _wide(head[:4096])
        if wide:
            return Encoding.of(wide)
        lines: list[bytes] = []
        kept = 0
        decoder = codecs.getincrementaldecoder("utf-8")()
        ascii_only, utf8 = True, True
        chunk = head
        while chunk:
            if not chunk.isascii():
                ascii_only = False
                if kept < _EVIDENCE:
                    lines += [line for line in chunk.splitlines() if not line.isascii()][:5_000]
                    kept += len(chunk)
            if utf8 and not ascii_only:
                try:
                    decoder.decode(chunk)
                except UnicodeDecodeError:
                    utf8 = False
            chunk = file.read(_CHUNK)
    if ascii_only:
        return Encoding.of("ascii")
    if utf8:
        return Encoding.of("utf-8")
    return _legacy(lines)


def _wide(head: bytes) -> str:
    """UTF-16 without a mark, which shows by its zero bytes."""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    half = len(head) / 2
    if odd > half * 0.6 and even < half * 0.1:
        return "utf-16-le"
    return "utf-16-be" if even > half * 0.6 and odd < half * 0.1 else ""


def _legacy(lines: list[bytes]) -> Encoding:
    valid = sum(_decodes(line) for line in lines)
    if valid * 2 > len(lines):
        return Encoding.of("utf-8", f"{len(lines) - valid} lines hold bytes that are not UTF-8.")
    sample = b"\n".join(dict.fromkeys(lines[:3_000]))[:_EVIDENCE]
    best = max(_CANDIDATES, key=lambda codec: _score(sample, codec))
    high = {byte for byte in sample if byte >= 0x80}
    if best == "cp1252" and not any(byte < 0xA0 for byte in high):
        best = "iso8859-1"
    if best == "cp1254" and not any(byte < 0xA0 for byte in high):
        best = "iso8859-9"
    return Encoding.of(best)


def _decodes(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _score(sample: bytes, codec: str) -> float:
    """How much like the text of a statement `sample` reads under `codec`; below 0 when it can't be that."""
    text = sample.decode(codec, errors="replace")
    beyond = [c for c in text if not c.isascii()]
    if not beyond:
        return -1.0
    broken = text.count("\ufffd") + sum(unicodedata.category(c) in ("Cc", "Co", "Cn") for c in beyond)
    likely = sum(map(_likely(codec), beyond)) / len(beyond)
    words = Counter(re.findall(r"[^\W\d_]+", text))
    distinct = [w for w in words if not w.isascii()]
    known = terms_beyond_ascii()
    hits = sum(1 for w in distinct if w.lower() in known)
    mixed = sum(words[w] for w in distinct if _mixes(w)) / max(1, sum(words[w] for w in distinct))
    inner = len(re.findall(r"[a-zà-ž][A-ZÀ-Ž]|\w[^\w\s.,;:'’\-\"/|\t&()*+#=$€£°]\w", text)) / len(beyond)
    # A letter never touches the figures of an amount, a currency sign always does.
    inner += len(re.findall(r"[^\W\d_a-zA-Z](?=\d)|(?<=\d)[^\W\d_a-zA-Zªº年月日]", text)) / len(beyond)
    prior = _PRIOR.get(codec, 0.0) + 0.5 * len(re.findall(r"[£€¥]\s?[-+]?\d|\d\s?€", text)) / len(beyond)
    if codec == "iso8859-15" and "€" in text:
        prior += 0.2
    return likely + 0.5 * min(hits, 8) + prior - 10 * broken / len(beyond) - 2 * mixed - inner


def _likely(codec: str) -> Callable[[str], float]:
    script = _SCRIPT_OF.get(codec)
    if script:
        return lambda c: _of_script(c, script)
    kind = _MULTIBYTE.get(codec)
    if kind == "japanese":
        return lambda c: (
            1.0
            if "\u3040" <= c <= "\u30ff"
            else 0.6
            if "一" <= c <= "鿿"
            else 0.4
            if "\uff00" <= c <= "\uffef"
            else 0.1
        )
    if kind == "hangul":
        return lambda c: 1.0 if "가" <= c <= "힣" else 0.2
    if kind == "han":
        return lambda c: (
            1.0 if c in _COMMON_HAN else 0.35 if "一" <= c <= "鿿" else 0.3 if c in "，。：（）￥、" else 0.0
        )
    letters = _LETTERS[codec]
    return lambda c: 1.0 if c in letters else 0.5 if c in _SYMBOLS or c in "\u00a0" else 0.0


def _of_script(c: str, script: str) -> float:
    if c in _SYMBOLS or c == "\u00a0":
        return 0.5
    if not unicodedata.name(c, "").startswith(script):
        return 0.0
    return 1.0 if c.islower() or not c.isupper() else 0.9


def _mixes(word: str) -> bool:
    """Whether one word has letters of two alphabets, which only a wrong encoding makes."""
    scripts = {unicodedata.name(c, "?").split()[0] for c in word}
    scripts -= {"COMBINING"}
    eastern = {"CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "IDEOGRAPHIC", "HALFWIDTH", "FULLWIDTH"}
    if scripts & eastern:
        return bool(scripts & {"CYRILLIC", "GREEK"})
    return len(scripts) > 1

"""Files that are not statements at all, told apart by their first bytes and named plainly."""

import re

_MAGIC = (
    (b"%PDF", "a PDF document"),
    (b"PK\x03\x04", "a spreadsheet or another zipped file (XLSX, ODS, ZIP)"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook (XLS)"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ", "an xz archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"SQLite format 3", "an SQLite database"),
    (b"\x7fELF", "a program"),
    (b"{\\rtf", "an RTF document"),
)
_LOG = re.compile(rb'^\S+ \S+ \S+ \[\d{1,2}/\w{3}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\] "', re.MULTILINE)
_INSTEAD = "Export it as CSV (or OFX) from the bank or service and import that file."


def what_it_is(head: bytes) -> str | None:
    """The sentence to tell about a file that begins with `head` and is no CSV or OFX; None when it may be."""
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    for magic, name in _MAGIC:
        if text.startswith(magic):
            return f"This is {name}, not a CSV or OFX file. {_INSTEAD}"
    start = text[:2000].lower()
    if start.startswith((b"<!doctype html", b"<html", b"<table", b"<head", b"<body")) or b"<html" in start:
        return f"This is a web page (HTML), not a CSV or OFX file. {_INSTEAD}"
    if b"<ofx>" in text.lower() or b"ofxheader" in start:
        return None
    if b"urn:iso:std:iso:20022" in start or b"<document" in start:
        return f"This is an XML bank statement (CAMT), which is not read. {_INSTEAD}"
    if start.startswith(b"<?xml") or re.match(rb"<[a-z!][^>\n]*>", start):
        return f"This is an XML file, not a CSV or OFX file. {_INSTEAD}"
    if start.startswith((b"!type:", b"!account", b"!option:")):
        return f"This is a QIF file, which is not read. {_INSTEAD}"
    if re.search(rb"^:20:", text[:2000], re.MULTILINE) and b":60" in text:
        return f"This is an MT940 bank statement, which is not read. {_INSTEAD}"
    if re.match(rb'[{\[]\s*(?:["{\[\]}]|-?\d)', start):
        return f"This is JSON, not a CSV or OFX file. {_INSTEAD}"
    lines = [line for line in text.splitlines()[:20] if line.strip()]
    if lines and sum(bool(_LOG.match(line)) for line in lines) * 2 >= len(lines):
        return "This is a web server's access log, not a statement; import it as an access log."
    return None


def is_binary(head: bytes) -> bool:
    """Whether `head` holds more control bytes than any text does (UTF-16 has to be ruled out before)."""
    odd = sum(byte < 9 or 13 < byte < 27 or 27 < byte < 32 for byte in head)
    return odd * 50 > len(head)

"""OFX and QFX of both versions."""

from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

from services.imports.statements import Rejected, Row, preview, read

XML = """<?xml version="1.0" encoding="UTF-8"?>
<?OFX OFXHEADER="200" VERSION="202" SECURITY="NONE" OLDFILEUID="NONE" NEWFILEUID="NONE"?>
<OFX><SIGNONMSGSRSV1><SONRS><DTSERVER>20230310</DTSERVER><INTU.BID>1</INTU.BID></SONRS></SIGNONMSGSRSV1>
<BANKMSGSRSV1><STMTTRNRS><STMTRS><CURDEF>USD</CURDEF>
<BANKTRANLIST>
  <STMTTRN>
    <TRNTYPE>CREDIT</TRNTYPE>
    <DTPOSTED>20230228050000.000</DTPOSTED>
    <TRNAMT>888.99</TRNAMT>
    <FITID>A1</FITID>
    <MEMO>Deposit &amp; interest</MEMO>
  </STMTTRN>
  <STMTTRN><TRNTYPE>DEBIT</TRNTYPE><DTPOSTED>20230117</DTPOSTED><TRNAMT>-100</TRNAMT><FITID>A2</FITID></STMTTRN>
</BANKTRANLIST><LEDGERBAL><BALAMT>4321.98</BALAMT></LEDGERBAL></STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>
"""

SGML = """OFXHEADER:100
DATA:OFXSGML
VERSION:102
SECURITY:NONE
ENCODING:USASCII
CHARSET:1252
COMPRESSION:NONE
OLDFILEUID:NONE
NEWFILEUID:NONE

<OFX>
<CREDITCARDMSGSRSV1><CCSTMTTRNRS><CCSTMTRS>
<CURDEF>EUR
<BANKTRANLIST>
<DTSTART>20240101
<STMTTRN>
<TRNTYPE>DEBIT
<DTPOSTED>20240131120000[+1:CET]
<TRNAMT>-12,50
<FITID>1
<NAME>Café Zoë
<MEMO>Frühstück
</STMTTRN>
<STMTTRN>
<TRNTYPE>CREDIT
<DTPOSTED>20240130
<TRNAMT>+1500.00
<FITID>2
<NAME>Client
</STMTTRN>
<STMTTRN>
<TRNTYPE>CREDIT
<DTPOSTED>soon
<TRNAMT>1.00
<FITID>3
</STMTTRN>
</BANKTRANLIST></CCSTMTRS></CCSTMTTRNRS>
<CCSTMTTRNRS><CCSTMTRS><CURDEF>GBP<BANKTRANLIST>
<STMTTRN><TRNTYPE>CREDIT<DTPOSTED>20240202<TRNAMT>7.00<FITID>4<NAME>Two</STMTTRN>
</BANKTRANLIST></CCSTMTRS></CCSTMTTRNRS></CREDITCARDMSGSRSV1></OFX>
"""


def _write(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    file = folder / "statement.ofx"
    file.write_bytes(text.encode(encoding))
    return file


def test_xml(tmp_path: Path) -> None:
    seen = preview(read(_write(tmp_path, XML))).as_json()
    assert (seen["delimiter"], seen["encoding"], seen["rows"]) == ("OFX", "ASCII", 2)
    assert (seen["positive"], seen["negative"]) == ({"USD": "888.99"}, {"USD": "-100.00"})
    assert (seen["from"], seen["to"], seen["rejected"]) == ("2023-01-17", "2023-02-28", [])


def test_the_fields_of_a_transaction(tmp_path: Path) -> None:
    first = next(iter(read(_write(tmp_path, XML))))
    assert isinstance(first, Row)
    assert (first.line, first.reference, first.description) == (6, "A1", "Deposit & interest")
    assert (first.date, first.kind) == (date(2023, 2, 28), "CREDIT")


def test_sgml_with_two_statements_and_a_decimal_comma(tmp_path: Path) -> None:
    items = list(read(_write(tmp_path, SGML, "cp1252")))
    rows = [item for item in items if isinstance(item, Row)]
    assert [(row.amount, row.currency) for row in rows] == [
        (Decimal("-12.50"), "EUR"),
        (Decimal("1500.00"), "EUR"),
        (Decimal("7.00"), "GBP"),
    ]
    assert (rows[0].counterparty, rows[0].description) == ("Café Zoë", "Frühstück")
    assert rows[0].at == datetime(2024, 1, 31, 12, tzinfo=timezone(timedelta(hours=1)))
    (bad,) = [item for item in items if isinstance(item, Rejected)]
    assert bad.line == 31
    assert bad.reason == "The date 'soon' can't be read."


def test_the_same_file_in_one_line_reads_alike(tmp_path: Path) -> None:
    head, _, body = XML.partition("<OFX>")
    one = _write(tmp_path, head + "<OFX>" + body.replace("\n", ""))
    assert preview(read(one)).as_json()["sums"] == {"USD": "788.99"}

# ruff: noqa: E501 (the files are written as they come)
"""Exports of payment services: fees beside the amount, refunds, states, several currencies."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest

from services.imports.statements import Row, preview, read
from tests.services.imports.statements.shapes import Shape, shape

SERVICES = {
    s.name: s
    for s in [
        shape(
            "paypal_us",
            """
"Date","Time","TimeZone","Name","Type","Status","Currency","Gross","Fee","Net","From Email Address","To Email Address","Transaction ID","Item Title","Reference Txn ID","Balance"
"10/02/2023","03:46:20","PDT","Ann","Express Checkout Payment","Completed","USD","10.00","-0.59","9.41","ann@example.invalid","me@example.invalid","AAA1","Print","","9.41"
"10/19/2023","08:00:00","PDT","Ann","Payment Refund","Completed","USD","-4.00","0.10","-3.90","me@example.invalid","ann@example.invalid","AAA2","Print","AAA1","5.51"
"10/20/2023","08:00:00","PDT","","Bank Deposit to PP Account ","Pending","USD","6.99","0.00","6.99","","me@example.invalid","AAA3","","","5.51"
"10/21/2023","08:00:00","PDT","Bob","Express Checkout Payment","Completed","EUR","1,250.00","-40.00","1,210.00","bob@example.invalid","me@example.invalid","AAA4","Print","","1,210.00"
""",
            4,
            "EUR 1250.00, USD 16.99",
            "USD -4.00",
            "2023-10-02 2023-10-21",
            refundRows=1,
            fees={"EUR": "-40.00", "USD": "-0.49"},
            rowsByStatus={"completed": 3, "pending": 1},
        ),
        shape(
            "paypal_germany",
            """
"Datum","Uhrzeit","Zeitzone","Name","Typ","Status","Währung","Brutto","Gebühr","Netto","Absender E-Mail-Adresse","Empfänger E-Mail-Adresse","Transaktionscode","Artikelbezeichnung","Zugehöriger Transaktionscode","Guthaben","Auswirkung auf Guthaben"
"03.02.2024","10:11:12","CET","Frau Weiß","Handyzahlung","Abgeschlossen","EUR","1.020,00","-20,15","999,85","a@example.invalid","b@example.invalid","1AB","Kurs","","999,85","Haben"
"04.02.2024","09:00:00","CET","Frau Weiß","Rückzahlung","Abgeschlossen","EUR","-20,00","0,00","-20,00","b@example.invalid","a@example.invalid","2AB","Kurs","1AB","979,85","Soll"
""",
            2,
            "EUR 1020.00",
            "EUR -20.00",
            "2024-02-03 2024-02-04",
            refundRows=1,
            fees={"EUR": "-20.15"},
        ),
        shape(
            "stripe_balance_history",
            """
id,Type,Source,Amount,Fee,Destination Platform Fee,Net,Currency,Created (UTC),Available On (UTC),Description,Customer Facing Amount,Customer Facing Currency,Transfer,Transfer Date (UTC),Transfer Group
txn_3,payout,po_1,-97.00,0.00,,-97.00,eur,2024-02-03 10:00,2024-02-05 00:00,STRIPE PAYOUT,,,,,
txn_2,refund,re_1,-10.00,0.00,,-10.00,eur,2024-02-02 10:00,2024-02-02 10:00,REFUND FOR CHARGE,-10.00,eur,,,
txn_1,charge,ch_1,110.00,3.00,,107.00,eur,2024-02-01 10:00,2024-02-08 00:00,Course,110.00,eur,,,
""",
            3,
            "EUR 110.00",
            "EUR -107.00",
            "2024-02-01 2024-02-03",
            refundRows=1,
            fees={"EUR": "3.00"},
        ),
        shape(
            "stripe_unified_payments",
            """
id,Created date (UTC),Amount,Amount Refunded,Currency,Captured,Converted Amount,Converted Amount Refunded,Converted Currency,Decline Reason,Description,Fee,Refunded date (UTC),Statement Descriptor,Status,Seller Message,Taxes On Fee,Card ID,Customer ID,Customer Description,Customer Email,Invoice ID,Transfer
ch_1,2024-01-31 23:30:00,"20,00","5,00",usd,true,"18,40","4,60",eur,,Sub,"0,80",2024-02-01 09:00:00,,Partially Refunded,Payment complete.,"0,00",card_1,cus_1,,a@example.invalid,,
ch_2,2024-01-30 08:00:00,"30,00","0,00",usd,false,"27,60","0,00",eur,card_declined,Sub,"0,00",,,Failed,Declined.,"0,00",card_2,cus_2,,b@example.invalid,,
ch_3,2024-01-29 08:00:00,"12,00","0,00",gbp,true,"14,00","0,00",eur,,Sub,"0,60",,,Paid,Payment complete.,"0,00",card_3,cus_3,,c@example.invalid,,
""",
            3,
            "GBP 12.00, USD 50.00",
            "",
            "2024-01-29 2024-01-31",
            rowsByStatus={"refunded": 1, "failed": 1, "completed": 1},
        ),
        shape(
            "square",
            """
Date,Time,Time Zone,Gross Sales,Discounts,Service Charges,Net Sales,Gift Card Sales,Tax,Tip,Partial Refunds,Total Collected,Source,Card,Card Entry Methods,Cash,Fees,Net Total,Transaction ID,Payment ID,Card Brand,Device Name,Description,Event Type,Customer ID,Customer Name
01/31/24,19:22:33,Eastern Time (US & Canada),$20.00,$0.00,$0.00,$20.00,$0.00,$1.60,$3.00,$0.00,$24.60,Register,$24.60,Swiped,$0.00,($0.74),$23.86,TX1,PA1,Visa,Till,Shirt,Payment,C1,Ann
02/01/24,10:00:00,Eastern Time (US & Canada),($20.00),$0.00,$0.00,($20.00),$0.00,($1.60),$0.00,$0.00,($21.60),Register,($21.60),N/A,$0.00,$0.00,($21.60),TX2,PA2,Visa,Till,Shirt,Refund,C1,Ann
""",
            2,
            "USD 24.60",
            "USD -21.60",
            "2024-01-31 2024-02-01",
            refundRows=1,
        ),
        shape(
            "wise_statement",
            """
"TransferWise ID",Date,Amount,Currency,Description,"Payment Reference","Running Balance","Exchange From","Exchange To","Exchange Rate","Payer Name","Payee Name","Payee Account Number",Merchant,"Card Last Four Digits","Card Holder Full Name",Attachment,Note,"Total fees"
TRANSFER-2,24-08-2023,-100.00,EUR,"Sent money to Jo",rent,895.70,EUR,EUR,,,"Jo","DE1",,,,,,4.30
TRANSFER-2,24-08-2023,-4.30,EUR,"Wise Charges for: TRANSFER-2",rent,895.70,,,,,Wise,,,,,,,0
TRANSFER-1,03-08-2023,1000.00,EUR,"Received money from Kim",,1000.00,,,,"Kim",,,,,,,,0
""",
            3,
            "EUR 1000.00",
            "EUR -104.30",
            "2023-08-03 2023-08-24",
            fees={"EUR": "4.30"},
        ),
        shape(
            "revolut_several_currencies",
            """
Type,Product,Started Date,Completed Date,Description,Amount,Fee,Currency,State,Balance
CARD_PAYMENT,Current,2024-01-06 15:08:08,2024-01-07 15:08:08,Shop,-5.00,0.00,EUR,COMPLETED,95.00
EXCHANGE,Current,2024-01-08 15:08:08,2024-01-08 15:08:08,To JPY,16000,0.00,JPY,COMPLETED,16000
TRANSFER,Current,2024-01-09 15:08:08,,Failed one,-7.00,0.00,GBP,REVERTED,
""",
            3,
            "JPY 16000",
            "EUR -5.00, GBP -7.00",
            "2024-01-06 2024-01-09",
            rowsByStatus={"completed": 2, "failed": 1},
        ),
        shape(
            "monzo",
            """
Transaction ID,Date,Time,Type,Name,Emoji,Category,Amount,Currency,Local amount,Local currency,Notes and #tags,Address,Receipt,Description,Category split,Money Out,Money In
tx_1,31/01/2024,10:00:00,Card payment,Pret,,Eating out,-4.50,GBP,-4.50,GBP,,,,PRET,,-4.50,
tx_2,30/01/2024,09:00:00,Faster payment,Client,,Income,250.00,GBP,250.00,GBP,inv,,,inv,,,250.00
""",
            2,
            "GBP 250.00",
            "GBP -4.50",
            "2024-01-30 2024-01-31",
        ),
        shape(
            "starling",
            """
Date,Counter Party,Reference,Type,Amount (GBP),Balance (GBP),Spending Category,Notes
31/01/2024,Shop,REF,CONTACTLESS,-3.20,96.80,GROCERIES,
30/01/2024,Client,Invoice,FASTER PAYMENT,100.00,100.00,INCOME,
""",
            2,
            "GBP 100.00",
            "GBP -3.20",
            "2024-01-30 2024-01-31",
        ),
        shape(
            "mollie",
            """
"Date","Payment method","Currency","Amount","Status","ID","Description","Consumer name","Consumer bank account","Consumer BIC","Settlement currency","Settlement amount","Settlement reference","Amount refunded"
"2024-02-01 10:11:12","ideal","EUR","45.00","paid","tr_1","Order 7","J. de Vries","NL1","X","EUR","45.00","123.2402","0.00"
"2024-02-03 10:11:12","ideal","EUR","15.00","expired","tr_2","Order 8","","","","","","","0.00"
""",
            2,
            "EUR 60.00",
            "",
            "2024-02-01 2024-02-03",
            rowsByStatus={"completed": 1, "failed": 1},
        ),
        shape(
            "klarna_settlement",
            """
type,sale_date,capture_date,currency_code,amount,short_order_id,order_id,merchant_reference1,payment_reference
SALE,2024-01-15T10:00:00Z,2024-01-16T10:00:00Z,SEK,500.00,ABC,o-1,1001,P1
FEE,2024-01-15T10:00:00Z,2024-01-16T10:00:00Z,SEK,-15.00,ABC,o-1,1001,P1
RETURN,2024-01-17T10:00:00Z,2024-01-18T10:00:00Z,SEK,-100.00,ABC,o-1,1001,P1
""",
            3,
            "SEK 500.00",
            "SEK -115.00",
            "2024-01-15 2024-01-17",
        ),
        shape(
            "shopify_payouts",
            """
Transaction Date,Type,Order,Card Brand,Card Source,Payout Status,Payout Date,Payout ID,Available On,Amount,Fee,Net,Checkout,Payment Method Name,Presentment Amount,Presentment Currency,Currency,VAT
2024-02-01 10:00:00 -0500,charge,#1001,visa,online,paid,2024-02-03,1,2024-02-02,50.00,1.75,48.25,#1,card,50.00,CAD,CAD,0.00
2024-02-02 10:00:00 -0500,refund,#1001,visa,online,paid,2024-02-03,1,2024-02-02,-10.00,0.00,-10.00,#1,card,-10.00,CAD,CAD,0.00
""",
            2,
            "CAD 50.00",
            "CAD -10.00",
            "2024-02-01 2024-02-02",
            refundRows=1,
        ),
        shape(
            "gumroad",
            """
Purchase ID,Item Name,Buyer Name,Purchase Email,Buyer Email,Purchase Date,Purchase Time (PT),Subtotal ($),Taxes ($),Tip ($),Shipping ($),Sale Price ($),Fees ($),Net Total ($),Quantity,Refunded?,Country
P1,Book,Ann,a@example.invalid,a@example.invalid,2024-01-31,10:00,20.00,0.00,0.00,0.00,20.00,2.50,17.50,1,0,United States
P2,Book,Bob,b@example.invalid,b@example.invalid,2024-01-30,10:00,30.00,0.00,0.00,0.00,30.00,3.50,26.50,1,0,France
""",
            2,
            "USD 50.00",
            "",
            "2024-01-30 2024-01-31",
        ),
        shape(
            "kofi_month_names",
            """
DateTime (UTC),From,Message,Item,Received,Given,Currency,TransactionType,TransactionId,Reference,SalesTax
01/31/2024 10:22,Ann,thanks,,5,0,USD,Donation,t1,r1,0
01/02/2024 10:22,Bob,,,12.5,0,USD,Donation,t2,r2,0
""",
            2,
            "USD 17.50",
            "",
            "2024-01-02 2024-01-31",
        ),
        shape(
            "card_with_positive_charges",
            """
Date,Description,Card Member,Account #,Amount
01/31/2024,COFFEE,A MEMBER,-01001,4.50
01/30/2024,HOSTING,A MEMBER,-01001,20.00
01/15/2024,AUTOPAY PAYMENT - THANK YOU,A MEMBER,-01001,-300.00
""",
            3,
            "USD 300.00",
            "USD -24.50",
            "2024-01-15 2024-01-31",
            fallback="USD",
        ),
    ]
}


def _read(name: str, folder: Path) -> list[Row]:
    file = folder / f"{name}.csv"
    file.write_bytes(SERVICES[name].content)
    return [row for row in read(file) if isinstance(row, Row)]


@pytest.mark.parametrize("service", SERVICES.values(), ids=lambda s: s.name)
def test_service(service: Shape, tmp_path: Path) -> None:
    file = tmp_path / f"{service.name}.csv"
    file.write_bytes(service.content)
    seen = preview(read(file, fallback_currency=service.fallback)).as_json()
    assert {key: seen[key] for key in service.truth} == service.truth
    assert seen["rejected"] == []


def test_a_paypal_refund_names_its_sale_and_costs_are_positive_fees(tmp_path: Path) -> None:
    sale, refund, funding, _ = _read("paypal_us", tmp_path)
    assert (sale.reference, sale.counterparty, sale.fee) == ("AAA1", "Ann", Decimal("0.59"))
    assert sale.at == datetime(2023, 10, 2, 3, 46, 20, tzinfo=timezone(timedelta(hours=-7)))
    assert (refund.is_refund, refund.refers_to, refund.fee) == (True, "AAA1", Decimal("-0.10"))
    assert (funding.status, funding.kind) == ("pending", "Bank Deposit to PP Account")


def test_a_sale_given_back_in_part_says_how_much(tmp_path: Path) -> None:
    sale, declined, _ = _read("stripe_unified_payments", tmp_path)
    assert (sale.status, sale.refunded, sale.is_refund) == ("refunded", Decimal("5.00"), False)
    assert (sale.counterparty, sale.at) == ("cus_1", datetime(2024, 1, 31, 23, 30, tzinfo=UTC))
    assert declined.status == "failed"


def test_fees_that_are_rows_too_are_noticed(tmp_path: Path) -> None:
    file = tmp_path / "wise.csv"
    file.write_bytes(SERVICES["wise_statement"].content)
    assert read(file).layout.fees_are_rows
    file.write_bytes(SERVICES["monzo"].content)
    assert not read(file).layout.fees_are_rows

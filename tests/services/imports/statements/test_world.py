# ruff: noqa: E501 (the files are written as they come)
"""More of the world: exports in other alphabets, encodings and habits than those of the first tables."""

from pathlib import Path

import pytest

from services.imports.statements import preview, read
from tests.services.imports.statements.shapes import Shape, shape

FILES = [
    shape(
        "vietcombank",
        """
Ngày giao dịch,Số tham chiếu,Số tiền ghi nợ,Số tiền ghi có,Mô tả
31/01/2024,5078 - 1,"250,000",,Thanh toán QR
05/02/2024,5078 - 2,,"1,500,000",Khách hàng chuyển
""",
        2,
        "VND 1500000",
        "VND -250000",
        "2024-01-31 2024-02-05",
    ),
    shape(
        "bca_indonesia",
        """
Tanggal Transaksi,Keterangan,Cabang,Jumlah,Saldo
'01/02/2024,TRSF E-BANKING CR BUDI,'0000,"1,000,000.00 CR","5,000,000.00"
'15/02/2024,TARIKAN ATM,'0000,"300,000.00 DB","4,700,000.00"
Saldo Awal,:,"4,000,000.00"
Mutasi Debet,:,"300,000.00"
Saldo Akhir,:,"4,700,000.00"
""",
        2,
        "IDR 1000000.00",
        "IDR -300000.00",
        "2024-02-01 2024-02-15",
    ),
    shape(
        "anz_nz",
        """
Type,Details,Particulars,Code,Reference,Amount,Date,ForeignCurrencyAmount,ConversionCharge
Visa Purchase,4835-****,Cafe,,,-5.50,31/01/2024,,
Direct Credit,Client,Inv,12,A,1200.00,30/01/2024,,
""",
        2,
        "NZD 1200.00",
        "NZD -5.50",
        "2024-01-30 2024-01-31",
        fallback="NZD",
    ),
    shape(
        "kiwibank",
        """
38-9000-0000000-00
Date,Memo/Description,Source Code (payment type),TP ref,TP part,TP code,OP ref,OP part,OP code,OP name,OP Bank Account Number,Amount (credit),Amount (debit),Amount,Balance
31-01-2024,AP#123 TO SHOP ;,,,,,,,,,,,20.00,-20.00,80.00
30-01-2024,PAY CLIENT ;,,,,,,,,,,100.00,,100.00,100.00
""",
        2,
        "NZD 100.00",
        "NZD -20.00",
        "2024-01-30 2024-01-31",
        fallback="NZD",
    ),
    shape(
        "bulgaria_dsk",
        """
Дата;Дебит BGN;Кредит BGN;Основание;Наредител/Получател
31.01.2024;25,50;;Покупка;Магазин
30.01.2024;;1 000,00;Фактура;Клиент
""",
        2,
        "BGN 1000.00",
        "BGN -25.50",
        "2024-01-30 2024-01-31",
        encoding="cp1251",
    ),
    shape(
        "croatia",
        """
Datum;Opis;Isplata;Uplata;Stanje
31.01.2024.;KONZUM ZAGREB ŽITNJAK;25,50;;974,50
30.01.2024.;UPLATA ČLANARINA;;1.000,00;1.000,00
""",
        2,
        "EUR 1000.00",
        "EUR -25.50",
        "2024-01-30 2024-01-31",
        encoding="cp1250",
        fallback="EUR",
    ),
    shape(
        "serbia",
        """
Датум,Опис,Износ,Валута,Стање
31.01.2024,Куповина,"-2.500,00",РСД,"7.500,00"
30.01.2024,Уплата,"10.000,00",РСД,"10.000,00"
""",
        2,
        "RSD 10000.00",
        "RSD -2500.00",
        "2024-01-30 2024-01-31",
    ),
    shape(
        "kaspi",
        """
Дата;Сумма;Операция;Детали
31.01.24;- 2 500,00 ₸;Покупка;Магазин
30.01.24;+ 10 000,00 ₸;Пополнение;Клиент А.
""",
        2,
        "KZT 10000.00",
        "KZT -2500.00",
        "2024-01-30 2024-01-31",
    ),
    shape(
        "brazil_inter",
        """
Extrato Conta Corrente\x20
Conta ;123456789
Período ;01/01/2024 a 31/01/2024
Saldo: ;1.234,56

Data Lançamento;Histórico;Descrição;Valor;Saldo
31/01/2024;Pix enviado ;Padaria;-12,50;1.234,56
02/01/2024;Pix recebido;Cliente;1.000,00;1.247,06
""",
        2,
        "BRL 1000.00",
        "BRL -12.50",
        "2024-01-02 2024-01-31",
    ),
    shape(
        "mercadopago_ar",
        """
INITIAL_BALANCE;CREDITS;DEBITS;FINAL_BALANCE
1.000,00;500,00;-200,00;1.300,00

RELEASE_DATE;TRANSACTION_TYPE;REFERENCE_ID;TRANSACTION_NET_AMOUNT;PARTIAL_BALANCE
02-01-2024;Transferencia recibida;71;500,00;1.500,00
31-01-2024;Pago;72;-200,00;1.300,00
""",
        2,
        "ARS 500.00",
        "ARS -200.00",
        "2024-01-02 2024-01-31",
        fallback="ARS",
    ),
    shape(
        "chile",
        """
Fecha;Detalle;Monto cargo ($);Monto abono ($);Saldo ($)
31/01/2024;Compra supermercado;15.990;;84.010
30/01/2024;Transferencia de cliente RUT 1;;100.000;100.000
""",
        2,
        "CLP 100000",
        "CLP -15990",
        "2024-01-30 2024-01-31",
        fallback="CLP",
    ),
    shape(
        "icici_india",
        """
,,Detailed Statement
,,Account Number,123 (INR)
S No.,Value Date,Transaction Date,Cheque Number,Transaction Remarks,Withdrawal Amount (INR ),Deposit Amount (INR ),Balance (INR )
1,30/01/2024,30/01/2024,-,UPI/pay,150.00,0.00,"1,00,850.00"
2,31/01/2024,31/01/2024,-,NEFT-client,0.00,"1,00,000.00","2,00,850.00"
""",
        2,
        "INR 100000.00",
        "INR -150.00",
        "2024-01-30 2024-01-31",
    ),
    shape(
        "patreon",
        """
Date,Creator,Currency,Gross Earnings,Patreon Fee,Processing Fee,Net Earnings
2024-01-01,Me,USD,$100.00,$8.00,$5.00,$87.00
2024-02-01,Me,USD,$110.00,$8.80,$5.50,$95.70
""",
        2,
        "USD 210.00",
        "",
        "2024-01-01 2024-02-01",
    ),
    shape(
        "wechat",
        """
微信支付账单明细,,,,,,,,
微信昵称：[张三],,,,,,,,
----------------------微信支付账单明细列表--------------------,,,,,,,,
交易时间,交易类型,交易对方,商品,收/支,金额(元),支付方式,当前状态,交易单号,商户单号,备注
2024-01-31 12:00:00,商户消费,快餐,"午餐",支出,¥35.50,零钱,支付成功,"1000001\t","M1\t","/"
2024-01-30 12:00:00,转账,李四,"/",收入,¥200.00,/,已存入零钱,"1000002\t","/","/"
""",
        2,
        "CNY 200.00",
        "CNY -35.50",
        "2024-01-30 2024-01-31",
        encoding="utf-8-sig",
    ),
    shape(
        "rakuten_bank",
        """
取引日,入出金(円),残高(円),入出金先内容
20240131,-5000,95000,カード
20240201,50000,145000,フリコミ
""",
        2,
        "JPY 50000",
        "JPY -5000",
        "2024-01-31 2024-02-01",
        encoding="cp932",
    ),
    shape(
        "rakuten_card",
        """
"利用日","利用店名・商品名","利用者","支払方法","利用金額","支払手数料","支払総額"
"2024/01/31","コンビニ","本人","1回払い","3500","0","3500"
"2024/02/01","書店","本人","1回払い","1200","0","1200"
""",
        2,
        "JPY 4700",
        "",
        "2024-01-31 2024-02-01",
    ),
    shape(
        "n26_new",
        """
"Booking Date","Value Date","Partner Name","Partner Iban",Type,"Payment Reference","Account Name","Amount (EUR)","Original Amount","Original Currency","Exchange Rate"
2024-01-31,2024-01-30,Shop,,Presentment,,Main,-5.5,-6,USD,0.91
2024-01-30,2024-01-30,Client,DE1,"Credit Transfer",Inv,Main,100,,,
""",
        2,
        "EUR 100.00",
        "EUR -5.50",
        "2024-01-30 2024-01-31",
    ),
    shape(
        "sepa_paypal_fr",
        """
"Date","Heure","Fuseau horaire","Nom","Type","État","Devise","Avant commission","Commission","Net","De l'adresse email","À l'adresse email","Numéro de transaction","Solde"
"31/01/2024","10:00:00","CET","Éric","Paiement Express","Terminé","EUR","1 020,00","-20,15","999,85","a@example.invalid","b@example.invalid","1AB","999,85"
"01/02/2024","10:00:00","CET","Éric","Remboursement","Terminé","EUR","-20,00","0,00","-20,00","b@example.invalid","a@example.invalid","2AB","979,85"
""",
        2,
        "EUR 1020.00",
        "EUR -20.00",
        "2024-01-31 2024-02-01",
    ),
    shape(
        "ingdiba",
        """
Umsatzanzeige;Datei erstellt am: 01.02.2024 10:00

IBAN;DE02 5001 0517 0137 0750 30
Kontoname;Girokonto
Bank;ING
Kunde;Max
Zeitraum;01.01.2024 - 31.01.2024
Saldo;1.234,56;EUR

Sortierung;Datum absteigend

In der CSV-Datei finden Sie alle bereits gebuchten Umsätze.

Buchung;Wertstellungsdatum;Auftraggeber/Empfänger;Buchungstext;Verwendungszweck;Saldo;Währung;Betrag;Währung
31.01.2024;31.01.2024;REWE;Lastschrift;Einkauf;1.234,56;EUR;-45,67;EUR
30.01.2024;30.01.2024;Kunde;Gutschrift;Rechnung;1.280,23;EUR;1.000,00;EUR
""",
        2,
        "EUR 1000.00",
        "EUR -45.67",
        "2024-01-30 2024-01-31",
        encoding="cp1252",
    ),
    shape(
        "nationwide",
        """
"Account Name:","FlexAccount ****12345"
"Account Balance:","£1,234.56"
"Available Balance: ","£1,234.56"

"Date","Transaction type","Description","Paid out","Paid in","Balance"
"31 Jan 2024","Visa purchase","SHOP","£12.34","","£1,234.56"
"30 Jan 2024","Bank credit","CLIENT","","£1,000.00","£1,246.90"
""",
        2,
        "GBP 1000.00",
        "GBP -12.34",
        "2024-01-30 2024-01-31",
        encoding="latin-1",
    ),
    shape(
        "excel_utf16_tab",
        """
Datum\tBeschreibung\tBetrag
31.01.2024\tMiete\t-750,00 €
30.01.2024\tHonorar\t1.000,00 €
""",
        2,
        "EUR 1000.00",
        "EUR -750.00",
        "2024-01-30 2024-01-31",
        encoding="utf-16",
    ),
    shape(
        "sep_line",
        """
sep=;
Date;Libellé;Montant
31/01/2024;Achat;-7,50
30/01/2024;Vente;70,00
""",
        2,
        "EUR 70.00",
        "EUR -7.50",
        "2024-01-30 2024-01-31",
    ),
    shape(
        "wrapped_lines",
        """
"Date,Description,Amount,Currency"
"2024-01-31,""Shop, the"",-5.00,EUR"
"2024-01-30,Client,10.00,EUR"
""",
        2,
        "EUR 10.00",
        "EUR -5.00",
        "2024-01-30 2024-01-31",
    ),
    shape(
        "uae",
        """
Date,Narrative,Debit (AED),Credit (AED),Running Balance
31-Jan-24,POS,150.00,0.00,850.00
30-Jan-24,TRANSFER,0.00,"1,000.00","1,000.00"
""",
        2,
        "AED 1000.00",
        "AED -150.00",
        "2024-01-30 2024-01-31",
    ),
    shape(
        "kuwait",
        """
Date,Description,Amount (KWD),Balance (KWD)
31/01/2024,POS,-1.250,98.750
30/01/2024,TRANSFER,"100.000","100.000"
""",
        2,
        "KWD 100.000",
        "KWD -1.250",
        "2024-01-30 2024-01-31",
    ),
    shape(
        "lithuania_swed",
        """
"Sąskaitos Nr.","","Data","Gavėjas","Paaiškinimai","Suma","Valiuta","D/K","Įrašo Nr.","Kodas","Įmokos kodas","Dok. Nr.",
"LT11","20","2024-01-31","Maxima","pirkinys","12.30","EUR","D","2024013100001","K","","",
"LT11","20","2024-01-30","Klientas","sąskaita","100.00","EUR","K","2024013000001","MK","","",
"LT11","82","2024-01-31","","Apyvarta","100.00","EUR","K","","K2","","",
"LT11","86","2024-01-31","","galutinis likutis","87.70","EUR","K","","LS","","",
""",
        2,
        "EUR 100.00",
        "EUR -12.30",
        "2024-01-30 2024-01-31",
    ),
    shape(
        "stripe_epoch",
        """
id,created,amount,currency,description
ch_1,1706700000,12.00,usd,a
ch_2,1706800000,13.00,usd,b
""",
        2,
        "USD 25.00",
        "",
        "2024-01-31 2024-02-01",
    ),
    shape(
        "yymmdd",
        """
取引日,摘要,出金,入金
24/01/05,カード,"1,000",
24/02/07,フリコミ,,"5,000"
""",
        2,
        "JPY 5000",
        "JPY -1000",
        "2024-01-05 2024-02-07",
    ),
    shape(
        "abn_amro_tab",
        """
123456789\tEUR\t20240131\t1000,00\t987,50\t20240131\t-12,50\tBEA   NR:X 31.01.24/10.00 SHOP
123456789\tEUR\t20240130\t900,00\t1000,00\t20240130\t100,00\tSEPA Overboeking CLIENT
""",
        2,
        "EUR 100.00",
        "EUR -12.50",
        "2024-01-30 2024-01-31",
    ),
    shape(
        "unquoted_decimal_comma",
        """
Datum,Text,Betrag,Währung
31.01.2024,Kaffee,-12,50,EUR
30.01.2024,Honorar,100,00,EUR
""",
        2,
        "EUR 100.00",
        "EUR -12.50",
        "2024-01-30 2024-01-31",
    ),
    shape(
        "dot_or_thousands",
        """
Fecha,Concepto,Importe,Divisa
31/01/2024,Compra,-1.250,COP
30/01/2024,Venta,25.000,COP
""",
        2,
        "COP 25000.00",
        "COP -1250.00",
        "2024-01-30 2024-01-31",
    ),
    shape(
        "paypal_noSpaceTypes",
        """
Transaction ID,Transaction Event Code,Transaction Initiation Date,Gross Transaction Amount,Gross Transaction Currency,Transaction  Debit or Credit,Fee Amount,Fee Currency
1A,T0006,2024/01/31 10:00:00 -0800,1000,USD,CR,59,USD
2A,T1107,2024/02/01 10:00:00 -0800,500,USD,DR,0,USD
""",
        2,
        "USD 1000.00",
        "USD -500.00",
        "2024-01-31 2024-02-01",
    ),
    shape(
        "hsbc_uk",
        """
31/01/2024,SHOP,"-1,234.56"
30/01/2024,CLIENT BACS,"2,000.00"
""",
        2,
        "GBP 2000.00",
        "GBP -1234.56",
        "2024-01-30 2024-01-31",
        fallback="GBP",
    ),
    shape(
        "citi_card",
        """
Status,Date,Description,Debit,Credit
Cleared,01/31/2024,"SHOP",45.10,
Cleared,01/30/2024,"PAYMENT",,-300.00
""",
        2,
        "USD 300.00",
        "USD -45.10",
        "2024-01-30 2024-01-31",
        fallback="USD",
    ),
    shape(
        "discover",
        """
Trans. Date,Post Date,Description,Amount,Category
01/31/2024,01/31/2024,"SHOP",45.10,"Merchandise"
01/30/2024,01/30/2024,"BOOKS",10.00,"Merchandise"
01/20/2024,01/20/2024,"INTERNET PAYMENT - THANK YOU",-300.00,"Payments and Credits"
""",
        3,
        "USD 300.00",
        "USD -55.10",
        "2024-01-20 2024-01-31",
        fallback="USD",
    ),
    shape(
        "venmo",
        """
Account Statement - (@me) ,,,,,,,,,,,,,,,,,,,,,
Account Activity,,,,,,,,,,,,,,,,,,,,,
,ID,Datetime,Type,Status,Note,From,To,Amount (total),Amount (tip),Amount (tax),Amount (fee),Tax Rate,Tax Exempt,Funding Source,Destination,Beginning Balance,Ending Balance,Statement Period Venmo Fees,Terminal Location,Year to Date Venmo Fees,Disclaimer
,,,,,,,,,,,,,,,,$100.00,,,,,
,3001,2024-01-31T10:00:00,Payment,Complete,dinner,Ann,Me,+ $20.00,,0,,0,,,Venmo balance,,,,Venmo,,
,3002,2024-01-30T10:00:00,Payment,Complete,rent,Me,Bob,- $50.00,,0,,0,,Venmo balance,,,,,Venmo,,
,,,,,,,,,,,,,,,,,$70.00,$0.00,,$0.00,"In case of errors or questions"
""",
        2,
        "USD 20.00",
        "USD -50.00",
        "2024-01-30 2024-01-31",
    ),
    shape(
        "cash_app",
        """
"Transaction ID","Date","Transaction Type","Currency","Amount","Fee","Net Amount","Asset Type","Asset Price","Asset Amount","Status","Notes","Name of sender/receiver","Account"
"a1","2024-01-31 10:00:00 EST","Cash Card Debit","USD","-$5.00","$0","-$5.00","","","","CARD CHARGED","SHOP","",""
"a2","2024-01-30 10:00:00 EST","Received P2P","USD","$25.00","$0","$25.00","","","","PAYMENT DEPOSITED","","Ann",""
""",
        2,
        "USD 25.00",
        "USD -5.00",
        "2024-01-30 2024-01-31",
    ),
    shape(
        "amex_de",
        """
Datum,Beschreibung,Karteninhaber,Konto #,Betrag
31/01/2024,HETZNER,A B,-11001,"45,67"
30/01/2024,BAHN,A B,-11001,"1.100,00"
15/01/2024,ZAHLUNG ERHALTEN. BESTEN DANK.,A B,-11001,"-300,00"
""",
        3,
        "EUR 300.00",
        "EUR -1145.67",
        "2024-01-15 2024-01-31",
    ),
    shape(
        "payoneer",
        """
"Date","Description","Amount","Currency","Status"
"Jan 31, 2024","Payment from Client","1,200.00","USD","Completed"
"Jan 30, 2024","Withdrawal","-500.00","USD","Completed"
""",
        2,
        "USD 1200.00",
        "USD -500.00",
        "2024-01-30 2024-01-31",
    ),
    shape(
        "gocardless",
        """
id,created_at,charge_date,amount,description,currency,status,amount_refunded,reference,transaction_fee,payout_date,links.payout,customers.id,customers.given_name
PM1,2024-01-31T10:00:00.000Z,2024-02-02,10.00,Sub,GBP,paid_out,0.00,,0.20,,,CU1,Ann
PM2,2024-01-30T10:00:00.000Z,2024-02-02,20.00,Sub,GBP,failed,0.00,,0.20,,,CU2,Bob
""",
        2,
        "GBP 30.00",
        "",
        "2024-01-30 2024-01-31",
    ),
    shape(
        "amazon_settlement",
        """
"Includes Amazon Marketplace, Fulfillment by Amazon (FBA), and Amazon Webstore transactions"
"All amounts in USD, unless specified"
"Definitions:"
"Sales tax collected: Includes sales tax collected from buyers for product sales, shipping, and gift wrap."
"date/time","settlement id","type","order id","sku","description","quantity","marketplace","fulfillment","order city","order state","order postal","tax collection model","product sales","product sales tax","shipping credits","selling fees","fba fees","other transaction fees","other","total"
"Jan 31, 2024 10:00:00 PM PST","1","Order","111-1","S","Book","1","amazon.com","Amazon","X","WA","98101","","20.00","0","0","-3.00","-2.00","0","0","15.00"
"Feb 1, 2024 1:00:00 AM PST","1","Refund","111-1","S","Book","1","amazon.com","Amazon","X","WA","98101","","-20.00","0","0","3.00","0","0","0","-17.00"
"Feb 2, 2024 1:00:00 AM PST","1","Transfer","","","To account ending with: 123","","","","","","","","0","0","0","0","0","0","-1,000.00","-1,000.00"
""",
        3,
        "USD 15.00",
        "USD -1017.00",
        "2024-01-31 2024-02-02",
    ),
    shape(
        "ebay",
        """
"Transaction report"
"--This report includes all transactions"

"Seller","me"
Transaction creation date,Type,Order number,Legacy order ID,Buyer username,Buyer name,Ship to city,Net amount,Payout currency,Payout date,Payout ID,Payout method,Payout status,Reason for hold,Item ID,Transaction ID,Item title,Custom label,Quantity,Item subtotal,Shipping and handling,Final Value Fee - fixed,Gross transaction amount,Transaction currency,Exchange rate,Reference ID,Description
31 Jan 2024,Order,11-1,1,buyer1,Ann,Paris,18.00,EUR,--,--,--,--,--,1,T1,Book,--,1,20.00,0.00,-2.00,20.00,EUR,--,--,--
01 Feb 2024,Refund,11-1,1,buyer1,Ann,Paris,-18.00,EUR,--,--,--,--,--,1,T2,Book,--,1,-20.00,0.00,2.00,-20.00,EUR,--,--,--
02 Feb 2024,Payout,--,--,--,--,--,-50.00,EUR,--,--,--,--,--,--,T3,--,--,--,--,--,--,-50.00,EUR,--,--,--
""",
        3,
        "EUR 20.00",
        "EUR -70.00",
        "2024-01-31 2024-02-02",
    ),
    shape(
        "wise_history",
        """
ID,Status,Direction,"Created on","Finished on","Source fee amount","Source fee currency","Target fee amount","Target fee currency","Source name","Source amount (after fees)","Source currency","Target name","Target amount (after fees)","Target currency","Exchange rate",Reference,Batch,"Created by",Category,Note
TRANSFER-1,COMPLETED,OUT,"2024-01-31 10:00:00","2024-01-31 10:00:10",1.20,EUR,,,Me,100.00,EUR,Bob,100.00,EUR,1.0,rent,,Me,General,
TRANSFER-2,COMPLETED,IN,"2024-01-30 10:00:00","2024-01-30 10:00:10",0.00,EUR,,,Ann,500.00,EUR,Me,500.00,EUR,1.0,inv,,Ann,General,
""",
        2,
        "EUR 500.00",
        "EUR -100.00",
        "2024-01-30 2024-01-31",
    ),
    shape(
        "westpac",
        """
Bank Account,Date,Narrative,Debit Amount,Credit Amount,Balance,Categories,Serial
032000123456,31/01/2024,"EFTPOS SHOP SYDNEY",12.50,,987.50,OTHER,
032000123456,30/01/2024,"DEPOSIT CLIENT",,1000.00,1000.00,DEP,
""",
        2,
        "AUD 1000.00",
        "AUD -12.50",
        "2024-01-30 2024-01-31",
        fallback="AUD",
    ),
    shape(
        "raiffeisen_ch",
        """
IBAN;Booked At;Text;Credit/Debit Amount;Balance;Valuta Date
CH9300762011623852957;2024-01-31 00:00:00.0;"Miete";-1234.5;765.5;2024-01-31 00:00:00.0
CH9300762011623852957;2024-01-30 00:00:00.0;"Honorar";2000;2000;2024-01-30 00:00:00.0
;;"Details dazu";;;
""",
        2,
        "CHF 2000.00",
        "CHF -1234.50",
        "2024-01-30 2024-01-31",
    ),
    shape(
        "ing_pl",
        """
"Lista transakcji";;"ING Bank Śląski S.A.";"www.ing.pl"
"Data wygenerowania:";2024-02-01
"Waluta konta: PLN"

"Data transakcji";"Data księgowania";"Dane kontrahenta";"Tytuł";"Nr rachunku";"Nazwa banku";"Szczegóły";"Nr transakcji";"Kwota transakcji (waluta rachunku)";"Waluta";"Kwota blokady/zwolnienie blokady";"Waluta";"Kwota płatności w walucie";"Waluta";"Konto";"Saldo po transakcji";"Waluta";;;;
2024-01-31;2024-01-31;" Sklep ";" Zakupy ";'';"";"TR.KART";'1';-19,99;PLN;;;;;"KONTO";480,01;PLN;;;;
2024-01-30;2024-01-30;" Klient ";" Faktura ";'12';"";"PRZELEW";'2';500,00;PLN;;;;;"KONTO";500,00;PLN;;;;

"Dokument ma charakter informacyjny, nie stanowi dowodu księgowego";;;;
""",
        2,
        "PLN 500.00",
        "PLN -19.99",
        "2024-01-30 2024-01-31",
        encoding="cp1250",
    ),
    shape(
        "koi8",
        """
Дата;Описание;Сумма;Остаток
31.01.2024;Покупка в магазине;-1 200,50;5 000,00
30.01.2024;Поступление от клиента;6 200,50;6 200,50
""",
        2,
        "RUB 6200.50",
        "RUB -1200.50",
        "2024-01-30 2024-01-31",
        encoding="koi8-r",
    ),
    shape(
        "cp866",
        """
Дата;Описание;Сумма;Остаток
31.01.2024;Покупка в магазине;-1 200,50;5 000,00
30.01.2024;Поступление от клиента;6 200,50;6 200,50
""",
        2,
        "RUB 6200.50",
        "RUB -1200.50",
        "2024-01-30 2024-01-31",
        encoding="cp866",
    ),
    shape(
        "eucjp",
        """
日付,内容,出金金額,入金金額,残高
2024/01/31,カードでの支払い,"1,000",,"9,000"
2024/01/30,お客様からの振込,,"10,000","10,000"
""",
        2,
        "JPY 10000",
        "JPY -1000",
        "2024-01-30 2024-01-31",
        encoding="euc_jp",
    ),
    shape(
        "ampm",
        """
Date,Time,Description,Amount,Currency
Wed 31/01/2024,1:05 PM,SHOP,-5.00,GBP
Tue 30/01/2024,11:05 AM,CLIENT,50.00,GBP
""",
        2,
        "GBP 50.00",
        "GBP -5.00",
        "2024-01-30 2024-01-31",
    ),
    shape(
        "airbank",
        """
"Datum provedení";"Směr úhrady";"Typ úhrady";"Kategorie plateb";"Měna účtu";"Částka v měně účtu";"Poplatek v měně účtu";"Původní měna úhrady";"Původní částka úhrady";"Název protistrany";"Číslo účtu protistrany";"Název účtu protistrany";"Poznámka k úhradě";"Datum zaúčtování";"Referenční číslo"
"31/01/2024";"Odchozí";"Platba kartou";"Nákup";"CZK";"-1 250,50";"0";"CZK";"-1250,50";"Obchod";"";"";"";"31/01/2024";"1001"
"30/01/2024";"Příchozí";"Příchozí úhrada";"Příjem";"CZK";"10 000,00";"0";"CZK";"10000,00";"Zákazník";"";"";"";"30/01/2024";"1002"
""",
        2,
        "CZK 10000.00",
        "CZK -1250.50",
        "2024-01-30 2024-01-31",
        encoding="cp1250",
    ),
    shape(
        "airbnb",
        """
Date,Type,Confirmation Code,Start Date,Nights,Guest,Listing,Details,Reference,Currency,Amount,Paid Out,Host Fee,Cleaning Fee
01/31/2024,Payout,,,,,,Transfer to IBAN,,EUR,,485.00,,
01/31/2024,Reservation,HM1,01/30/2024,2,Ann,Flat,,,EUR,485.00,,15.00,30.00
""",
        2,
        "EUR 485.00",
        "",
        "2024-01-31 2024-01-31",
    ),
    shape(
        "bmac",
        """
Supporter,Email,Message,Amount,Currency,Date,Status
Ann,a@example.invalid,"Thanks, great",5.00,USD,2024-01-31 10:00:00,Succeeded
Bob,b@example.invalid,,15.00,USD,2024-01-30 10:00:00,Refunded
""",
        2,
        "USD 20.00",
        "",
        "2024-01-30 2024-01-31",
    ),
    shape(
        "no_header_german",
        """
31.01.2024;Miete Januar;-750,00;EUR
30.01.2024;Honorar;1.000,00;EUR
""",
        2,
        "EUR 1000.00",
        "EUR -750.00",
        "2024-01-30 2024-01-31",
    ),
    shape(
        "hb_spaced_cells",
        """
Date ; Label ; Amount ; Currency\x20
2024-01-31 ; "Shop; one" ; -5.00 ; EUR
2024-01-30 ; Client ; 10.00 ; EUR
""",
        2,
        "EUR 10.00",
        "EUR -5.00",
        "2024-01-30 2024-01-31",
    ),
    shape(
        "saldo_only_total",
        """
Datum;Omschrijving;Bedrag
31-01-2024;Winkel;€ -12,50
30-01-2024;Klant;€ 1.000,00
Totaal;;€ 987,50
""",
        2,
        "EUR 1000.00",
        "EUR -12.50",
        "2024-01-30 2024-01-31",
    ),
    shape(
        "hungarian_flag",
        """
Dátum;Leírás;T/J;Összeg;Devizanem
2024.01.31.;Vásárlás;T;12 500,00;HUF
2024.01.30.;Átutalás;J;150 000,00;HUF
""",
        2,
        "HUF 150000.00",
        "HUF -12500.00",
        "2024-01-30 2024-01-31",
        encoding="iso8859-2",
    ),
    shape(
        "egypt",
        """
Date,Description,Debit,Credit,Balance
31/01/2024,ATM,EGP 500.00,,"EGP 1,500.00"
30/01/2024,SALARY,,"EGP 2,000.00","EGP 2,000.00"
""",
        2,
        "EGP 2000.00",
        "EGP -500.00",
        "2024-01-30 2024-01-31",
    ),
    shape(
        "crdr_column",
        """
Txn Date,Value Date,Description,Ref No.,CR/DR,Amount(Rs.),Balance
31-Jan-2024,31-Jan-2024,UPI/shop,1,DR,"1,500.00","98,500.00"
30-Jan-2024,30-Jan-2024,NEFT client,2,CR,"1,00,000.00","1,00,000.00"
""",
        2,
        "INR 100000.00",
        "INR -1500.00",
        "2024-01-30 2024-01-31",
    ),
    shape(
        "two_currencies_symbols",
        """
Date,Customer,Total
2024-01-31,Ann,€20.00
2024-01-30,Bob,£15.00
""",
        2,
        "EUR 20.00, GBP 15.00",
        "",
        "2024-01-30 2024-01-31",
    ),
]


@pytest.mark.parametrize("export", FILES, ids=lambda e: e.name)
def test_export(export: Shape, tmp_path: Path) -> None:
    file = tmp_path / f"{export.name}.csv"
    file.write_bytes(export.content)
    seen = preview(read(file, fallback_currency=export.fallback)).as_json()
    assert {key: seen[key] for key in export.truth} == export.truth
    assert seen["rejected"] == []

# ruff: noqa: E501, W291 (the files are written as they come)
"""Exports of banks all over the world are read without being told anything."""

from pathlib import Path

import pytest

from services.imports.statements import preview, read
from tests.services.imports.statements.shapes import Shape, shape

BANKS = [
    shape(
        "sparkasse_camt",
        """
"Auftragskonto";"Buchungstag";"Valutadatum";"Buchungstext";"Verwendungszweck";"Glaeubiger ID";"Mandatsreferenz";"Kundenreferenz (End-to-End)";"Sammlerreferenz";"Lastschrift Ursprungsbetrag";"Auslagenersatz Ruecklastschrift";"Beguenstigter/Zahlungspflichtiger";"Kontonummer/IBAN";"BIC (SWIFT-Code)";"Betrag";"Waehrung";"Info"
"DE02120300000000202051";"31.01.24";"31.01.24";"GUTSCHR. UEBERWEISUNG";"Rechnung 17 für Übersetzung";"";"";"";"";"";"";"Müller GmbH";"DE02500105170137075030";"INGDDEFF";"1.234,56";"EUR";"Umsatz gebucht"
"DE02120300000000202051";"02.02.24";"02.02.24";"FOLGELASTSCHRIFT";"Strom Abschlag";"";"";"";"";"";"";"Stadtwerke";"DE02500105170137075030";"INGDDEFF";"-89,00";"EUR";"Umsatz vorgemerkt"
""",
        2,
        "EUR 1234.56",
        "EUR -89.00",
        "2024-01-31 2024-02-02",
        encoding="cp1252",
    ),
    shape(
        "deutsche_bank",
        """
Umsätze Girokonto;;;Kundennummer: 100 1234567
01.01.2024 - 31.01.2024
Alter Kontostand:;;;;1.000,00;EUR
Buchungstag;Wert;Umsatzart;Begünstigter / Auftraggeber;Verwendungszweck;IBAN;BIC;Kundenreferenz;Mandatsreferenz;Gläubiger ID;Fremde Gebühren;Betrag;Abweichender Empfänger;Anzahl der Aufträge;Anzahl der Schecks;Soll;Haben;Währung
03.01.2024;03.01.2024;SEPA-Lastschrift;Vermieter;Miete Januar;DE1;X;;;;;-750,00;;;;-750,00;;EUR
15.01.2024;15.01.2024;SEPA-Gutschrift;Kunde A;Honorar;DE1;X;;;;;2.500,00;;;;;2.500,00;EUR
Kontostand;31.01.2024;;;2.750,00;EUR
""",
        2,
        "EUR 2500.00",
        "EUR -750.00",
        "2024-01-03 2024-01-15",
        headerLine=4,
    ),
    shape(
        "german_soll_haben_flag",
        """
Buchungstag;Valuta;Auftraggeber/Zahlungsempfänger;Vorgang/Verwendungszweck;Kundenreferenz;Währung;Umsatz;\x20
01.02.2024;01.02.2024;Laden;Einkauf;1;EUR;12,30;S
05.02.2024;05.02.2024;Kunde;Zahlung;2;EUR;1.100,00;H

01.02.2024;;;Anfangssaldo;;EUR;100,00;H
29.02.2024;;;Endsaldo;;EUR;1.187,70;H
""",
        2,
        "EUR 1100.00",
        "EUR -12.30",
        "2024-02-01 2024-02-05",
        encoding="latin-1",
    ),
    shape(
        "dkb_2023",
        """
"Konto";"Girokonto DE02120300000000202051"
""
"Kontostand vom 05.03.2024:";"1.234,56 €"
""
"Buchungsdatum";"Wertstellung";"Status";"Zahlungspflichtige*r";"Zahlungsempfänger*in";"Verwendungszweck";"Umsatztyp";"IBAN";"Betrag (€)";"Gläubiger-ID";"Mandatsreferenz";"Kundenreferenz"
"04.03.24";"04.03.24";"Gebucht";"ISSUER";"Bäckerei";"Karte";"Ausgang";"DE1";"-4,20";"";"";"1"
"01.03.24";"01.03.24";"Gebucht";"Kunde";"Ich";"Rechnung 3";"Eingang";"DE2";"300";"";"";"2"
""",
        2,
        "EUR 300.00",
        "EUR -4.20",
        "2024-03-01 2024-03-04",
    ),
    shape(
        "comdirect",
        """
;
"Umsätze Girokonto";"Zeitraum: 30 Tage";
"Neuer Kontostand";"1.000,00 EUR";

"Buchungstag";"Wertstellung (Valuta)";"Vorgang";"Buchungstext";"Umsatz in EUR";
"offen";"--";"Karte";"Buchungstext: Laden";"-9,99";
"10.05.2023";"10.05.2023";"Lastschrift";"Auftraggeber: Versicherung";"-49,90";
"09.05.2023";"09.05.2023";"Übertrag / Überweisung";"Auftraggeber: Kundin";"1.200,00";

"Alter Kontostand";"0,00 EUR";
""",
        3,
        "EUR 1200.00",
        "EUR -59.89",
        "2023-05-09 2023-05-10",
        encoding="cp1252",
        rowsWithoutDate=1,
    ),
    shape(
        "ubs_switzerland",
        """
Kontonummer:;0234 00123456.01
IBAN:;CH93 0076 2011 6238 5295 7
Bewertet in:;CHF
Anzahl Transaktionen:;2

Abschlussdatum;Abschlusszeit;Buchungsdatum;Valutadatum;Währung;Belastung;Gutschrift;Einzelbetrag;Saldo;Transaktions-Nr.;Beschreibung1;Beschreibung2
2024-02-05;;2024-02-05;2024-02-05;CHF;-1'234.50;;;8'765.50;A1;Mieter AG;Miete
2024-02-03;10:00:00;2024-02-03;2024-02-03;CHF;;10'000.00;;10'000.00;A2;Kunde;Honorar
""",
        2,
        "CHF 10000.00",
        "CHF -1234.50",
        "2024-02-03 2024-02-05",
    ),
    shape(
        "postfinance",
        """
Datum von:;2023-05-01
Konto:;CH5604835012345678009
Währung:;CHF
Buchungsdatum;Avisierungstext;Gutschrift in CHF;Lastschrift in CHF;Valuta;Saldo in CHF
31.05.2023;"Gutschrift von Anna";120.00;;31.05.2023;1120.00
03.05.2023;"Kauf Dienstleistung";;-45.55;03.05.2023;1000.00

Disclaimer:
Dies ist kein durch das Institut erstelltes Dokument.
""",
        2,
        "CHF 120.00",
        "CHF -45.55",
        "2023-05-03 2023-05-31",
    ),
    shape(
        "ing_netherlands",
        """
"Datum","Naam / Omschrijving","Rekening","Tegenrekening","Code","Af Bij","Bedrag (EUR)","Mutatiesoort","Mededelingen"
"20240131","Albert Heijn","NL69INGB0123456789","","BA","Af","23,45","Betaalautomaat","Pasvolgnr: 1"
"20240130","Klant BV","NL69INGB0123456789","NL20RABO1","GT","Bij","1500,00","Online bankieren","Factuur 12"
""",
        2,
        "EUR 1500.00",
        "EUR -23.45",
        "2024-01-30 2024-01-31",
    ),
    shape(
        "rabobank",
        """
"IBAN/BBAN","Munt","BIC","Volgnr","Datum","Rentedatum","Bedrag","Saldo na trn","Tegenrekening IBAN/BBAN","Naam tegenpartij","Naam uiteindelijke partij","Naam initiërende partij","BIC tegenpartij","Code","Batch ID","Transactiereferentie","Machtigingskenmerk","Incassant ID","Betalingskenmerk","Omschrijving-1","Omschrijving-2","Omschrijving-3","Reden retour","Oorspr bedrag","Oorspr munt","Koers"
"NL10RABO0123456789","EUR","RABONL2U","000000000000000001","2023-11-01","2023-11-01","-1.012,50","+5.000,00","NL20","Huisbaas","","","X","bg","","","","","","Huur","","","","","",""
"NL10RABO0123456789","EUR","RABONL2U","000000000000000002","2023-11-02","2023-11-02","+250,00","+5.250,00","NL20","Café Zoë","","","X","cb","","","","","","Betaling","","","","","",""
""",
        2,
        "EUR 250.00",
        "EUR -1012.50",
        "2023-11-01 2023-11-02",
        encoding="cp1252",
    ),
    shape(
        "kbc_belgium",
        """
Rekeningnummer;Rubrieknaam;Naam;Munt;Afschriftnummer;Datum;Omschrijving;Valuta;Bedrag;Saldo;credit;debet;rekeningnummer tegenpartij;BIC tegenpartij;Naam tegenpartij;Adres tegenpartij;gestructureerde mededeling;Vrije mededeling
BE68539007547034;Alles;Jan;EUR;2024001;05/01/2024;AANKOOP;05/01/2024;-12,99;987,01;;-12,99;;;Winkel;;;
BE68539007547034;Alles;Jan;EUR;2024001;17/01/2024;OVERSCHRIJVING;17/01/2024;100,00;1087,01;100,00;;;;Klant;;;bedankt
""",
        2,
        "EUR 100.00",
        "EUR -12.99",
        "2024-01-05 2024-01-17",
    ),
    shape(
        "boursorama_france",
        """
dateOp;dateVal;label;category;categoryParent;supplierFound;amount;comment;accountNum;accountLabel;accountbalance
2024-03-01;2024-03-01;"CARTE 29/02/24 BOULANGERIE";"Alimentation";"Vie";"boulangerie";-5,60;;00012345678;BoursoBank;1234.56
2024-02-28;2024-02-28;"VIR Dupont Éric";"Virements";"Revenus";"dupont";1 250,00;;00012345678;BoursoBank;1240.16
""",
        2,
        "EUR 1250.00",
        "EUR -5.60",
        "2024-02-28 2024-03-01",
    ),
    shape(
        "credit_agricole",
        """
Téléchargement du 05/03/2024;

Monsieur DUPONT
Compte de Dépôt carte n° 00012345678;
Solde au 05/03/2024 1 234,56 €

Liste des opérations du compte entre le 01/02/2024 et le 05/03/2024;

Date;Libellé;Débit euros;Crédit euros;
04/03/2024;"PRELEVEMENT
EDF clients
";75,20;;
14/02/2024;"VIREMENT EN VOTRE FAVEUR
Mme Martin
";;1\u00a0300,00;
""",
        2,
        "EUR 1300.00",
        "EUR -75.20",
        "2024-02-14 2024-03-04",
        encoding="iso8859-15",
    ),
    shape(
        "la_banque_postale",
        """
Numéro Compte   ;1234567A020
Type         ;CCP
Compte tenu en  ;euros
Date            ;05/03/2024
Solde (EUROS)   ;1234,56

Date;Libellé;Montant(EUROS)
04/03/2024;ACHAT CB MARCHE;-12,30
17/02/2024;"VIREMENT DE CLIENT";200,00
""",
        2,
        "EUR 200.00",
        "EUR -12.30",
        "2024-02-17 2024-03-04",
        encoding="iso8859-15",
    ),
    shape(
        "santander_spain",
        """
FECHA OPERACIÓN;FECHA VALOR;CONCEPTO;IMPORTE EUR;SALDO
30/04/2024;30/04/2024;"Transferencia De Cliente";1.500,00;2.300,50
28/04/2024;28/04/2024;"Compra Panadería, Madrid";-4,75;800,50
""",
        2,
        "EUR 1500.00",
        "EUR -4.75",
        "2024-04-28 2024-04-30",
        encoding="cp1252",
    ),
    shape(
        "bbva_mexico",
        """
FECHA,DESCRIPCIÓN,CARGO,ABONO,SALDO
31/08/2023,SPEI RECIBIDO STP CLIENTE,,"12,500.00","20,000.00"
30/08/2023,PAGO CUENTA DE TERCERO,"1,250.50",,"7,500.00"
""",
        2,
        "MXN 12500.00",
        "MXN -1250.50",
        "2023-08-30 2023-08-31",
    ),
    shape(
        "nubank",
        """
Data,Valor,Identificador,Descrição
01/02/2024,-35.90,65bbf1a2-aaaa,Compra no débito - Padaria
15/02/2024,1200.00,65bbf1a2-bbbb,Transferência recebida pelo Pix - ANA
""",
        2,
        "BRL 1200.00",
        "BRL -35.90",
        "2024-02-01 2024-02-15",
    ),
    shape(
        "itau",
        """
data;lançamento;ag./origem;valor (R$);saldos (R$)
28/06/2023;SALDO ANTERIOR;;;100,00
29/06/2023;PIX TRANSF JOSE 29/06;0123;1.050,00;
29/06/2023;SALDO DO DIA;;;1.150,00
30/06/2023;PAGTO BOLETO;0123;-70,35;
""",
        2,
        "BRL 1050.00",
        "BRL -70.35",
        "2023-06-29 2023-06-30",
        encoding="cp1252",
    ),
    shape(
        "portugal_cgd",
        """
Consultar saldos e movimentos à ordem - 31-01-2024
Conta ;0123456789000 - EUR - Conta
Data de início ;01-01-2024

Data mov. ;Data valor ;Descrição ;Débito ;Crédito ;Saldo contabilístico ;Saldo disponível ;
30-01-2024;30-01-2024;COMPRA CONTINENTE;23,10; ;976,90;976,90;
15-01-2024;15-01-2024;TRF CLIENTE; ;1.000,00;1.000,00;1.000,00;
""",
        2,
        "EUR 1000.00",
        "EUR -23.10",
        "2024-01-15 2024-01-30",
        encoding="latin-1",
    ),
    shape(
        "intesa_italy",
        """
Data contabile;Data valuta;Descrizione;Accrediti;Addebiti;Descrizione estesa
29/02/2024;29/02/2024;Bonifico a Vostro favore;1.800,00;;BONIFICO DA CLIENTE
05/02/2024;05/02/2024;Pagamento POS;;-33,40;CAFFÈ ROMA
""",
        2,
        "EUR 1800.00",
        "EUR -33.40",
        "2024-02-05 2024-02-29",
    ),
    shape(
        "fineco_entrate_uscite",
        """
Data_Operazione;Data_Valuta;Entrate;Uscite;Descrizione;Descrizione_Completa;Stato
31/01/2024;31/01/2024;500,00;;Stipendio;Bonifico;Contabilizzato
13/01/2024;12/01/2024;;-20,00;Prelievo;Bancomat;Contabilizzato
""",
        2,
        "EUR 500.00",
        "EUR -20.00",
        "2024-01-13 2024-01-31",
    ),
    shape(
        "mbank_poland",
        """
mBank S.A. Bankowość Detaliczna;
Skrytka Pocztowa 2108;

#Klient;
JAN KOWALSKI;

#Waluta;#Wpływy;#Wydatki;
PLN;1 234,00;-56,78;

#Data operacji;#Opis operacji;#Rachunek;#Kategoria;#Kwota;#Saldo po operacji;
2024-01-31;"PRZELEW ZEWNĘTRZNY PRZYCHODZĄCY";"eKonto 1111";"Wpływy";1 234,00 PLN;2 000,00 PLN;
2024-01-30;"ZAKUP PRZY UŻYCIU KARTY ŁÓDŹ";"eKonto 1111";"Jedzenie";-56,78 PLN;766,00 PLN;
""",
        2,
        "PLN 1234.00",
        "PLN -56.78",
        "2024-01-30 2024-01-31",
        encoding="cp1250",
    ),
    shape(
        "pko_poland",
        """
"Data operacji","Data waluty","Typ transakcji","Kwota","Waluta","Saldo po transakcji","Opis transakcji"
"2024-02-29","2024-02-28","Płatność kartą","-19.99","PLN","+480.01","Tytuł: zakupy Kraków"
"2024-02-28","2024-02-28","Przelew na rachunek","+500.00","PLN","+500.00","Nadawca: Świetlik"
""",
        2,
        "PLN 500.00",
        "PLN -19.99",
        "2024-02-28 2024-02-29",
        encoding="iso8859-2",
    ),
    shape(
        "csob_czech",
        """
Pohyby na účtu

číslo účtu;datum zaúčtování;částka;měna;zůstatek;číslo účtu protiúčtu;kód banky protiúčtu;název účtu protiúčtu;konstantní symbol;variabilní symbol;specifický symbol;označení operace;ID transakce;poznámka
123456789/0300;05.03.2024;1500,00;CZK;10000,00;19-1;0100;Novák Jiří;;;;Došlá platba;1001;děkuji
123456789/0300;04.03.2024;-250,50;CZK;8500,00;;;;;;;Platba kartou;1000;Žižkov
""",
        2,
        "CZK 1500.00",
        "CZK -250.50",
        "2024-03-04 2024-03-05",
        encoding="cp1250",
    ),
    shape(
        "fio_czech",
        """
accountId;2000000000
currency;CZK
iban;CZ6508000000192000145399
openingBalance;100,00

ID pohybu;Datum;Objem;Měna;Protiúčet;Název protiúčtu;Kód banky;Název banky;KS;VS;SS;Uživatelská identifikace;Zpráva pro příjemce;Typ;Provedl;Upřesnění;Komentář
26000001;31.12.2023;-99,00;CZK;;;;;;;;Nákup;Nákup: Káva;Platba kartou;Jan;;
26000002;30.12.2023;4500,00;CZK;123;Dobrý zákazník;0800;ČS;;;;;faktura 5;Příjem;Jan;;
""",
        2,
        "CZK 4500.00",
        "CZK -99.00",
        "2023-12-30 2023-12-31",
    ),
    shape(
        "otp_hungary",
        """
Tranzakció dátuma;Könyvelés dátuma;Típus;Bejövő/Kimenő;Partner neve;Közlemény;Számlaszám;Összeg;Pénznem
2024.03.05;2024.03.06;Kártya;Kimenő;Élelmiszer bolt;vásárlás;1177;-12 500;HUF
2024.03.01;2024.03.01;Átutalás;Bejövő;Ügyfél Kft;számla;1177;150 000;HUF
""",
        2,
        "HUF 150000.00",
        "HUF -12500.00",
        "2024-03-01 2024-03-05",
    ),
    shape(
        "romania",
        """
Data tranzacției,Descriere,Debit,Credit,Sold
31 ianuarie 2024,Cumpărare POS Kaufland,"45,20",,"954,80"
15 ianuarie 2024,Încasare client,,"1.000,00","1.000,00"
""",
        2,
        "RON 1000.00",
        "RON -45.20",
        "2024-01-15 2024-01-31",
    ),
    shape(
        "seb_sweden",
        """
Bokföringsdatum;Valutadatum;Verifikationsnummer;Text/mottagare;Belopp;Saldo
2024-02-26;2024-02-26;5490990004;SWISH FRÅN KUND;250,000;1250,000
2024-02-25;2024-02-25;5490990003;HYRA FÖRENING;-4500,000;1000,000
""",
        2,
        "SEK 250.00",
        "SEK -4500.00",
        "2024-02-25 2024-02-26",
    ),
    shape(
        "swedbank_sweden",
        """
* Transaktionsrapport Period 2024-01-01 – 2024-01-31 Skapad 2024-02-01 10:00 CET
Radnummer,Clearingnummer,Kontonummer,Produkt,Valuta,Bokföringsdag,Transaktionsdag,Valutadag,Referens,Beskrivning,Belopp,Bokfört saldo
1,81059,9330000000,"Privatkonto",SEK,2024-01-30,2024-01-29,2024-01-30,"ICA","ICA SUPERMARKET",-123.45,1000.00
2,81059,9330000000,"Privatkonto",SEK,2024-01-25,2024-01-25,2024-01-25,"Lön","Lön",20000.00,1123.45
""",
        2,
        "SEK 20000.00",
        "SEK -123.45",
        "2024-01-25 2024-01-30",
        encoding="cp1252",
    ),
    shape(
        "dnb_norway",
        """
"Dato";"Forklaring";"Rentedato";"Ut fra konto";"Inn på konto"
"31.01.2024";"Varekjøp REMA 1000";"31.01.2024";"345,60";""
"15.01.2024";"Lønn";"15.01.2024";"";"25.000,00"
"12.01.2024";"Reservert kortkjøp";"";"99,00";""
""",
        3,
        "NOK 25000.00",
        "NOK -444.60",
        "2024-01-12 2024-01-31",
        encoding="cp1252",
    ),
    shape(
        "danske_bank",
        """
"Dato";"Kategori";"Underkategori";"Tekst";"Beløb";"Saldo";"Status";"Afstemt"
"02.01.2024";"Mad";"Dagligvarer";"Føtex Århus";"-120,50";"879,50";"Udført";"Nej"
"31.01.2024";"Indkomst";"Løn";"Løn";"20.000,00";"20.879,50";"Udført";"Nej"
""",
        2,
        "DKK 20000.00",
        "DKK -120.50",
        "2024-01-02 2024-01-31",
        encoding="cp1252",
    ),
    shape(
        "nordea_finland",
        """
Kirjauspäivä	Arvopäivä	Maksupäivä	Määrä	Saaja/Maksaja	Tilinumero	BIC	Tapahtuma	Viite	Maksajan viite	Viesti	Kortinnumero	Kuitti
04.03.2024	04.03.2024	04.03.2024	-23,90	S-MARKET			Korttiosto					
01.03.2024	01.03.2024	01.03.2024	+1.500,00	ASIAKAS OY			Pano			lasku 4		
""",
        2,
        "EUR 1500.00",
        "EUR -23.90",
        "2024-03-01 2024-03-04",
        delimiter="\t",
    ),
    shape(
        "tinkoff_russia",
        """
"Дата операции";"Дата платежа";"Номер карты";"Статус";"Сумма операции";"Валюта операции";"Сумма платежа";"Валюта платежа";"Кэшбэк";"Категория";"MCC";"Описание";"Бонусы (включая кэшбэк)";"Округление на инвесткопилку";"Сумма операции с округлением"
"31.01.2024 18:20:11";"02.02.2024";"*1234";"OK";"-1 250,50";"RUB";"-1 250,50";"RUB";"";"Супермаркеты";"5411";"Пятёрочка";"12,00";"0,00";"1 250,50"
"30.01.2024 09:00:00";"30.01.2024";"";"OK";"5 000,00";"RUB";"5 000,00";"RUB";"";"Пополнения";"";"Иван И.";"0,00";"0,00";"5 000,00"
""",
        2,
        "RUB 5000.00",
        "RUB -1250.50",
        "2024-01-30 2024-01-31",
        encoding="cp1251",
    ),
    shape(
        "monobank_ukraine",
        """
"Дата i час операції","Деталі операції",MCC,"Сума в валюті картки (UAH)","Сума в валюті операції",Валюта,Курс,"Сума комісій (UAH)","Сума кешбеку (UAH)","Залишок після операції"
"29.02.2024 13:45:10","Сільпо",5411,-345.67,-345.67,UAH,—,—,3.45,1000.00
"28.02.2024 10:00:00","Від: Клієнт",4829,1500.00,1500.00,UAH,—,—,—,1345.67
""",
        2,
        "UAH 1500.00",
        "UAH -345.67",
        "2024-02-28 2024-02-29",
    ),
    shape(
        "garanti_turkey",
        """
Tarih;Açıklama;Etiket;Tutar;Bakiye;Dekont No
31.01.2024;MARKET ALIŞVERİŞİ ŞİŞLİ;Gıda;-1.234,56 TL;5.000,00 TL;A1
15.01.2024;GELEN EFT MÜŞTERİ;Gelir;10.000,00 TL;6.234,56 TL;A2
""",
        2,
        "TRY 10000.00",
        "TRY -1234.56",
        "2024-01-15 2024-01-31",
        encoding="cp1254",
    ),
    shape(
        "piraeus_greece",
        """
Ημερομηνία;Περιγραφή;Χρέωση;Πίστωση;Υπόλοιπο
31/01/2024;ΑΓΟΡΑ ΣΟΥΠΕΡ ΜΑΡΚΕΤ;45,60;;954,40
15/01/2024;ΜΕΤΑΦΟΡΑ ΑΠΟ ΠΕΛΑΤΗ;;1.000,00;1.000,00
""",
        2,
        "EUR 1000.00",
        "EUR -45.60",
        "2024-01-15 2024-01-31",
        encoding="cp1253",
    ),
    shape(
        "mufg_japan",
        """
"日付","摘要","摘要内容","支払い金額","預かり金額","差引残高","メモ","未資金化区分","入払区分"
"2024/1/31","振込１","カ）トリヒキサキ","","150,000","1,150,000","","","入金"
"2024/2/5","カ－ド","コンビニ","3,000","","1,147,000","","","支払い"
""",
        2,
        "JPY 150000",
        "JPY -3000",
        "2024-01-31 2024-02-05",
        encoding="cp932",
    ),
    shape(
        "smbc_japan_kanji_dates",
        """
年月日,お引出し,お預入れ,お取り扱い内容,残高
2024年1月31日,"12,000",,電気代,"88,000"
令和6年2月1日,,"50,000",振込　タナカ,"138,000"
""",
        2,
        "JPY 50000",
        "JPY -12000",
        "2024-01-31 2024-02-01",
        encoding="cp932",
    ),
    shape(
        "alipay_china",
        """
------------------------支付宝（中国）网络技术有限公司  电子客户回单------------------------
账户名：张三
起始时间：[2024-01-01 00:00:00]    终止时间：[2024-01-31 23:59:59]
交易时间,交易分类,交易对方,对方账号,商品说明,收/支,金额,收/付款方式,交易状态,交易订单号,商家订单号,备注,
2024-01-31 12:30:00,餐饮美食,快餐店,a***@x.cn,午餐,支出,35.50,余额宝,交易成功,2024013122001,M1,,
2024-01-30 09:15:20,转账红包,李四,b***@x.cn,转账,收入,200.00,,交易成功,2024013022002,,,
2024-01-29 08:00:00,投资理财,基金,,收益,不计收支,1.23,余额宝,交易成功,2024012922003,,,
""",
        2,
        "CNY 200.00",
        "CNY -35.50",
        "2024-01-30 2024-01-31",
        encoding="gb18030",
    ),
    shape(
        "taiwan_big5",
        """
帳務日期,摘要,支出金額,存入金額,餘額,備註
2024/01/31,轉帳存入,,"5,000","15,000",客戶
2024/02/02,提款,"2,000",,"13,000",自動櫃員機
""",
        2,
        "TWD 5000.00",
        "TWD -2000.00",
        "2024-01-31 2024-02-02",
        encoding="big5",
    ),
    shape(
        "kb_korea",
        """
거래일시,적요,보낸분/받는분,송금메모,출금액(원),입금액(원),잔액(원),거래점
2024.01.31 10:22:31,체크카드,편의점,,"4,500",0,"95,500",국민
2024.01.30 09:00:00,전자금융,김고객,,0,"100,000","100,000",국민
""",
        2,
        "KRW 100000",
        "KRW -4500",
        "2024-01-30 2024-01-31",
        encoding="cp949",
    ),
    shape(
        "chase_checking",
        """
Details,Posting Date,Description,Amount,Type,Balance,Check or Slip #
DEBIT,01/31/2024,"GITHUB, INC.",-7.00,DEBIT_CARD,993.00,,
CREDIT,01/15/2024,"STRIPE TRANSFER",1000.00,ACH_CREDIT,1000.00,,
""",
        2,
        "USD 1000.00",
        "USD -7.00",
        "2024-01-15 2024-01-31",
        fallback="USD",
    ),
    shape(
        "bank_of_america",
        """
Description,,Summary Amt.
Beginning balance as of 01/01/2024,,"1,000.00"
Total credits,,"2,500.00"
Total debits,,"-20.50"
Ending balance as of 01/31/2024,,"3,479.50"

Date,Description,Amount,Running Bal.
01/01/2024,Beginning balance as of 01/01/2024,,"1,000.00"
01/05/2024,"Zelle payment from ANN","2,500.00","3,500.00"
01/31/2024,"CHECKCARD COFFEE","-20.50","3,479.50"
""",
        2,
        "USD 2500.00",
        "USD -20.50",
        "2024-01-05 2024-01-31",
        headerLine=7,
    ),
    shape(
        "wells_fargo_without_header",
        """
"01/31/2024","-45.10","*","","PURCHASE AUTHORIZED ON 01/30 STORE"
"01/15/2024","1200.00","*","","ACH DEPOSIT"
""",
        2,
        "USD 1200.00",
        "USD -45.10",
        "2024-01-15 2024-01-31",
        headerLine=None,
    ),
    shape(
        "commonwealth_without_header",
        """
31/01/2024,"-20.50","COFFEE CART SYDNEY PTY LTD","+979.50"
30/01/2024,"+500.00","Direct Credit CLIENT","+1000.00"
29/01/2024,"-100.00","BPAY ENERGY","+500.00"
""",
        3,
        "AUD 500.00",
        "AUD -120.50",
        "2024-01-29 2024-01-31",
        headerLine=None,
    ),
    shape(
        "td_canada_without_header",
        """
01/31/2024,INTERAC e-Transfer,,250.00,1150.00
01/30/2024,GROCERY,100.00,,900.00
01/29/2024,PAYROLL,,800.00,1000.00
01/28/2024,RENT,600.00,,200.00
""",
        4,
        "CAD 1050.00",
        "CAD -700.00",
        "2024-01-28 2024-01-31",
        headerLine=None,
    ),
    shape(
        "hsbc_hong_kong",
        """
Date,Description,Amount (HKD),Balance (HKD)
31 Jan 2024,TRANSFER FROM CLIENT,"12,000.00","15,000.00"
05 Jan 2024,OCTOPUS,"-500.00","3,000.00"
""",
        2,
        "HKD 12000.00",
        "HKD -500.00",
        "2024-01-05 2024-01-31",
    ),
    shape(
        "dbs_singapore",
        """
Account Details For:,DBS Savings 123-4-567890
Statement as at:,31 Jan 2024
Available Balance:,"1,234.56"

Transaction Date,Reference,Debit Amount,Credit Amount,Transaction Ref1,Transaction Ref2,Transaction Ref3
31 Jan 2024,MST, 12.30, ,GRAB RIDE,SINGAPORE SG,
30 Jan 2024,ICT, ,"1,000.00",PayNow Transfer,From: CLIENT,OTHR
""",
        2,
        "SGD 1000.00",
        "SGD -12.30",
        "2024-01-30 2024-01-31",
        fallback="SGD",
    ),
    shape(
        "hdfc_india",
        """
Date,Narration,Value Dat,Debit Amount,Credit Amount,Chq/Ref Number,Closing Balance
31/01/24,UPI-SHOP-shop@okaxis,31/01/24,"1,250.00",0.00,0000403112345678,"2,48,750.00"
30/01/24,NEFT CR-CLIENT,30/01/24,0.00,"2,50,000.00",N030243,"2,50,000.00"
""",
        2,
        "INR 250000.00",
        "INR -1250.00",
        "2024-01-30 2024-01-31",
    ),
    shape(
        "barclays_uk",
        """
Number,Date,Account,Amount,Subcategory,Memo
,31/01/2024,20-00-00 12345678,-25.00,PAYMENT,"SHOP 	ON 30 JAN BCC"
,30/01/2024,20-00-00 12345678,400.00,FT,"CLIENT BACS"
""",
        2,
        "GBP 400.00",
        "GBP -25.00",
        "2024-01-30 2024-01-31",
    ),
    shape(
        "lloyds_uk",
        """
Transaction Date,Transaction Type,Sort Code,Account Number,Transaction Description,Debit Amount,Credit Amount,Balance
31/01/2024,DEB,'30-00-00,12345678,SHOP,12.00,,988.00
30/01/2024,FPI,'30-00-00,12345678,CLIENT,,1000.00,1000.00
""",
        2,
        "GBP 1000.00",
        "GBP -12.00",
        "2024-01-30 2024-01-31",
    ),
    shape(
        "israel_leumi",
        """
תאריך,תאריך ערך,תיאור,אסמכתא,בחובה,בזכות,היתרה בש"ח
31/01/24,31/01/24,הוראת קבע,123,250.00,,750.00
30/01/24,30/01/24,העברה מלקוח,124,,"1,000.00","1,000.00"
""",
        2,
        "ILS 1000.00",
        "ILS -250.00",
        "2024-01-30 2024-01-31",
        encoding="cp1255",
    ),
    shape(
        "saudi_arabia",
        """
التاريخ,الوصف,مدين,دائن,الرصيد
31/01/2024,شراء نقاط بيع,150.00,,850.00 ر.س
30/01/2024,حوالة واردة,,"1,000.00",1000.00 ر.س
""",
        2,
        "SAR 1000.00",
        "SAR -150.00",
        "2024-01-30 2024-01-31",
    ),
    shape(
        "thailand_buddhist_years",
        """
วันที่,รายการ,ถอนเงิน,ฝากเงิน,ยอดคงเหลือ
31/01/2567,ซื้อสินค้า,250.00,,750.00
30/01/2567,รับโอน,,"1,000.00","1,000.00"
""",
        2,
        "THB 1000.00",
        "THB -250.00",
        "2024-01-30 2024-01-31",
        encoding="cp874",
    ),
    shape(
        "estonia_lhv",
        """
"Kliendi konto","Dokumendi number","Kuupäev","Saaja/maksja konto","Saaja/maksja nimi","Saaja panga kood","Tühi","Deebet/Kreedit (D/C)","Summa","Viitenumber","Arhiveerimistunnus","Selgitus","Teenustasu","Valuuta"
"EE11","1","2024-01-31","","Pood OÜ","","","D","12.30","","A1","ost","0","EUR"
"EE11","2","2024-01-30","","Klient","","","C","100.00","","A2","arve 4","0","EUR"
""",
        2,
        "EUR 100.00",
        "EUR -12.30",
        "2024-01-30 2024-01-31",
    ),
    shape(
        "south_africa_rand",
        """
Date,Description,Amount,Balance
2024/01/31,POS PURCHASE,-R 150.00,R 850.00
2024/01/30,CLIENT EFT,"R 1 000.00","R 1 000.00"
""",
        2,
        "ZAR 1000.00",
        "ZAR -150.00",
        "2024-01-30 2024-01-31",
    ),
]


@pytest.mark.parametrize("bank", BANKS, ids=lambda b: b.name)
def test_bank(bank: Shape, tmp_path: Path) -> None:
    file = tmp_path / f"{bank.name}.csv"
    file.write_bytes(bank.content)
    seen = preview(read(file, fallback_currency=bank.fallback)).as_json()
    assert {key: seen[key] for key in bank.truth} == bank.truth
    assert seen["rejected"] == []

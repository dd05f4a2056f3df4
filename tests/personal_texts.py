"""Texts that must be refused as personal, by what they are, and honest ones that must pass."""

TAX_CODES = (
    "RSSMRA80A01L750X", "codice rssmra80a01l750x.", "RSSMRA8LA0ML7RLX", "RSSMRALLALMLTRLX",
    "RSS MRA 80A01 L750X", "RSS-MRA-80A01-L750X", "R S S M R A 8 0 A 0 1 L 7 5 0 X",
    "R.S.S.M.R.A.8.0.A.0.1.L.7.5.0.X",
    "\uff32\uff33\uff33\uff2d\uff32\uff21\uff18\uff10\uff21\uff10\uff11\uff2c\uff17\uff15\uff10\uff38",
    "rssmra80a01 \u2013 l750x", "cfRSSMRA80A01L750X", "RSSMRA80A01L750Xdi Mario",
    "RSSMRA\u00a080A01\u00a0L750X", "R\u200bSSMRA80A01L750X", "RŚSMRA80A01L750X",
    "RSSMRA80A01L750\u24cd", "RSSMRA8OAO1L750X",
)  # fmt: skip
EMAILS = (
    "a@b.it", "mario @ esempio.it", "mario\uff20esempio.it", "mario\ufe6besempio.it",
    "mario(at)esempio.it", "mario [at] esempio.it", "mario{at}esempio[dot]it",
    "mario at esempio.it", "mario at posta.esempio.it", "mario at esempio punto it",
    "mario.rossi (chiocciola) gmail.com", "mario chiocciola gmail punto com",
    "mario.rossi(a)comune.it", "mario.rossi a gmail punto com", "mario.rossi-at-gmail.com",
    "mario@esempio punto it", "scrivere a mario@esempio . it",
)  # fmt: skip
DATES = (
    "12 marzo 1980", "1° marzo 1980", "1º marzo 1980", "12 mar. 1980", "12-mar-1980", "12mar1980",
    "12 marzo '80", "12 marzo 80", "dodici marzo 1980", "dodici marzo millenovecentottanta",
    "March 12, 1980", "12 March 1980", "12/3/80", "12.03.80", "12-03-80", "12\u201303\u201380",
    "12 3 1980", "1980 03 12", "1980-03-12", "1980/3/12", "12/3/1980", "12 . 03 . 1980",
    "nata il 12.03.80", "nato a Vercelli il 12 3 80", "nata il 12 marzo 80 a Vercelli",
    "01|01|1980", "01 01 80",
    "\uff11\uff12\uff0f\uff13\uff0f\uff11\uff19\uff18\uff10", "12\u00a0marzo\u00a01980",
)  # fmt: skip
PHONES = (
    "tel.3331234567", "tel250011", "tel: 0161 250011", "cell.333 1234567", "cellulare333-1234567",
    "Rossi3331234567", "3331234567Rossi", "333\u20131234567", "333\u00a0123\u00a04567",
    "333 12 34 567", "33 31 23 45 67", "3 3 3 1 2 3 4 5 6 7",
    "\uff13\uff13\uff13\uff11\uff12\uff13\uff14\uff15\uff16\uff17", "333.123.4567",
    "+39 333 1234567", "0039 333 1234567", "\uff0b39 0161 555 019", "(0161) 555-0199",
    "0161\u2013250011", "0161 - 250011", "0161/250.011", "0161_250011", "800 123 456",
    "333,123,45,67", "333,1234567", "0161,555019", "0161\u00b7555\u00b7019", "333*1234567",
    "161 5550199", "12345678", "chiamare 12345678",
)  # fmt: skip
PAGES = (
    "t.me/mariorossi", "https://wa.me/39333", "facebook.com/mario.rossi.84", "su @mariorossi84",
)  # fmt: skip
DOCUMENTS = (
    "IBAN IT60X0542811101000000123456", "IT60 X054 2811 1010 0000 0123 456", "CA12345AB",
    "carta d'identità CA1234567", "tessera 80380000100123456789",
)  # fmt: skip
PERSONAL = {
    "somebody's page": PAGES,
    "a document or an account": DOCUMENTS,
    "tax code": TAX_CODES,
    "e-mail": EMAILS,
    "full date": DATES,
    "telephone": PHONES,
}
HONEST = (
    "Sportello n. 12", "Sportello n. 12, piano 3", "A2.07 e A3.03", "A1.03.02", "881f983a37fffff",
    "2023-2025", "2019/2020", "2020-2021-2022", "a.s. 2021/22-2022/23", "2021/22-23",
    "lun-ven 9:00-12:30", "lun-ven 9.00-12.30", "lun-ven 09.00-12.30 14.00-17.00",
    "Lun 09.00 - 12.30 / 14.00 \u2013 17.00", "dalle 09.00 alle 12.30",
    "Mo-Fr 09:00-12:30; Sa 08:00-12:00", "apertura 24/7", "13100 Vercelli",
    "Via Roma 12, 13100 Vercelli", "Via Roma 3 - 13100 Vercelli", "Via Roma 35/37 13100 Vercelli",
    "Via Roma 331 - 13100 Vercelli", "Corso Libertà 12-14-16", "Via 4 novembre 12",
    "Piazza 25 aprile 3", "P.za 25 aprile 30", "Via XX Settembre 70", "via 1 maggio 20",
    "L.R. 1/2004", "art. 14 D.Lgs. 117/2017", "Legge 8 novembre 2000, n. 328",
    "L. 328 dell'8 novembre 2000", "L. 328 dell\u20198 novembre 2000", "L.R. 8 gennaio 2004 n. 1",
    "Decreto 14 marzo 2023 n. 45", "Delibera n. 12 del 12/03/2023", "DGR 14-5999",
    "D.G.R. 29-3257 del 12 marzo 2021", "Prot. n. 0012345/2023", "piano 2021-2023 (DGR 12/2021)",
    "euro 1.500.000,00", "€ 12.500.000", "12.500.000,00 euro", "150000.00 EUR", "300 € al mese",
    "1.500 - 2.000 euro", "importo da 300 a 500 euro", "importi di 300/500/1000 euro",
    "dal 12 marzo 15 posti", "dal 3 maggio 18.00", "12 marzo", "marzo 2023", "entro il 31/12",
    "dal 01/2023 al 12/2023", "01/2023-12/2023", "fasce 0-3, 3-6, 6-11", "0-3 3-6 6-11 11-14",
    "Nido La Chiocciola", "Nido La Chiocciola coop.soc.", "Nido la Chiocciola S.r.l. Vercelli",
    "Desk at Vercelli. Open on Monday", "more at www.regione.piemonte.it", "nata nel 1998",
    "CUP J11B21000030001", "CIG Z3A2B4C5D6", "codice 1234567", "Agenda 2030 ONU", "Hotel 2000",
    "5 per mille 2022", "ISEE fino a 9.530,00", "PNRR M5C2 1.1.1", "20 posti, 15 liberi",
    "CIG 8765432109", "P.IVA 00355580028", "partita IVA: 00355580028", "PG 2023/12345678",
    "numero verde 800 123 456", "sezione di censimento 0020010000012",
    "dal 01/01/2023 al 31/12/2023", "10.12.2021-09.12.2024", "dal 1 gennaio 2023 al 3 marzo 2024",
    "scadenza 31.12.2024", "scadenza: 31.12.2024", "entro il 31/12/2024", "Piazza 25 Aprile 1945",
    "art. 5(a) D.Lgs. 117/2017", "vicino a un punto info", "posti 320, 330 e 340", "M5C2 12345",
    "10 20 30 40 50", "fasce 10 20 30", "facebook.com/comunevercelli",
)  # fmt: skip

"""What the checks say, in Italian: for the receipt of an office.

The checks say why a row is refused in English, where they find it. Here every such sentence has
its Italian; ``{}`` stands for what varies. A test reads the checks' code and fails for a sentence
that is missing here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Final

from geo_core.errors import AtlanteError
from geo_core.ingest.italian_build import BUILD
from geo_core.ingest.italian_errors import ERRORS
from geo_core.ingest.italian_files import FILES

SENTENCES: Final[Mapping[str, str]] = {
    "boundaries of {} from {}": "confini del {} da {}",
    "residents from {}: {}.csv has not {}": "residenti da {}: {}.csv non ha {}",
    "15 hexadecimal characters, lower case": "15 caratteri esadecimali minuscoli",
    "ISTAT codes of municipalities, codes of managing bodies, or {}": "codici ISTAT di comuni, codici di enti gestori, oppure {}",
    "POLYGON ((8.41 45.32, 8.42 45.32, ...))": "POLYGON ((8.41 45.32, 8.42 45.32, ...))",
    "is a day that is not yet": "è un giorno che deve ancora venire",
    "is not true although the name is that of a secret place": "non è vero, ma il nome è quello di un luogo segreto",
    "leave the place out, or ask those who keep the registers": "togliere il luogo, o chiedere a chi tiene i registri",
    "leave the place out, or name the row otherwise": "togliere il luogo, o dare un altro nome alla riga",
    "opening hours as OpenStreetMap writes them": "orari come li scrive OpenStreetMap, per esempio Mo-Fr 09:00-12:30; Sa 09:00-12:00",
    "shows a place although the name is that of a secret one": "mostra un luogo, ma il nome è quello di un luogo segreto",
    "write the day on which it was found to be so": "scrivere il giorno in cui lo si è constatato",
    "write true, or name the office otherwise if anybody may know its place": "scrivere true (sì), o dare un altro nome alla sede se il luogo è noto a tutti",
    "begin with a letter or a digit, not with = + - or @": "cominciare con una lettera o una cifra, non con = + - o @",
    "would be a formula in a spreadsheet": "in un foglio di calcolo sarebbe una formula",
    "a missing position is left empty, never 0": "una posizione che manca si lascia vuota, mai 0",
    "a row has a point or an area": "una riga ha un punto oppure un'area",
    "check lon and lat, or cod_istat": "controllare lon e lat, oppure cod_istat",
    "crosses itself, is empty or is not closed": "si interseca, è vuoto o non è chiuso",
    "does not fit the base of the area": "non va con la base dell'area",
    "does not list the main need of area_utenza": "non elenca il bisogno principale di area_utenza",
    "give cod_istat beside lon and lat": "indicare cod_istat accanto a lon e lat",
    "give either id_sede or id_servizio": "indicare id_sede oppure id_servizio, non entrambi",
    "is not alone": "manca, o è insieme a id_servizio",
    "give lon and lat, degrees, WGS 84": "indicare lon e lat in gradi, WGS 84",
    "give lon and lat, or an area, degrees, WGS 84": "indicare lon e lat, o un'area, in gradi, WGS 84",
    "has heights or more than {} positions": "ha quote o più di {} vertici",
    "has no area": "non ha superficie",
    "has no code, no title, or another's address": "non ha codice, titolo o l'indirizzo suo",
    "has no municipality": "non ha comune",
    "has no position": "non ha posizione",
    "has not as many cells as the header": "non ha tante celle quante l'intestazione",
    "holds coordinates finer than a cell": "contiene coordinate più fini di una cella",
    "is a cell of resolution {}, coarser than {}": "è una cella di risoluzione {}, più grande della {}",
    "is a cell outside the district": "è una cella fuori dal distretto",
    "is a month outside the years {}": "è un mese fuori dagli anni {}",
    "is a municipality outside the district": "è un comune fuori dal distretto",
    "is a reserved office: an area would lead to it": "è una sede riservata: un'area porterebbe a lei",
    "is before dal": "viene prima di dal",
    "write a code of organizzazioni": "scrivere un codice di organizzazioni",
    "is earlier than a step before it": "viene prima di un passo precedente",
    "is empty and must not be": "è vuoto e non deve esserlo",
    "is empty though the pact is past its signing": "è vuoto, ma il patto è già sottoscritto",
    "is empty though the pact is there": "è vuoto, ma il patto è in quello stato",
    "is free text where a code is expected": "è testo libero dove serve un codice",
    "is given beside a point": "è indicato accanto a un punto",
    "is longer than {} characters or holds invisible ones": "è più lungo di {} caratteri o ne contiene di invisibili",
    "is neither true nor false": "non è né vero né falso (true o false, sì o no)",
    "is none of {}": "non è una di {}",
    "is not 1 although the pseudonym stands for one person": "non è 1, ma lo pseudonimo indica una persona sola",
    "is not a day of the calendar": "non è un giorno del calendario",
    "is not a known code": "non è un codice conosciuto",
    "is not a month": "non è un mese",
    "is not a municipality's ISTAT code": "non è il codice ISTAT di un comune",
    "is not a number": "non è un numero",
    "is not a polygon in WKT": "non è un poligono in WKT",
    "is not a tax code of 11 digits": "non è un codice fiscale di 11 cifre",
    "is not a whole number": "non è un numero intero",
    "is neither an H3 cell nor a municipality": "non è una cella H3 né il codice di un comune",
    "write the cell (15 hexadecimal characters, lower case), or the six-digit ISTAT code of the municipality": "scrivere la cella (15 caratteri esadecimali minuscoli) o il codice ISTAT del comune, di sei cifre",
    "is a whole day where a month is expected": "è un giorno intero, e qui serve il mese",
    "write the month alone, as {}-01, in a column formatted as text": "scrivere solo il mese, nella forma {}-01, in una colonna formattata come testo",
    "nothing about a person may be written here; if a spreadsheet made a day of a code, format the column as text and write the code again": "qui non si scrive nulla che riguardi una persona; se il foglio di calcolo ha fatto di un codice una data, formattare la colonna come testo e riscrivere il codice",
    "separates codes by another sign": "separa i codici con un altro segno",
    "write a semicolon between them: FAM;ANZ": "fra i codici si scrive il punto e virgola: FAM;ANZ",
    "{}, or leave it empty": "{}; se non si sa, lasciare vuota la cella",
    "the municipalities of Italy": "il codice ISTAT di un comune d'Italia, di sei cifre",
    "is not an H3 cell": "non è una cella H3",
    "is not between 0 and {}, nor {}": "non è fra 0 e {}, né {}",
    "is not between {} and {}": "non è fra {} e {}",
    "is not degrees with a decimal comma": "non sono gradi con la virgola decimale",
    "is not empty although it is not closed": "non è vuoto, ma non è chiusa",
    "is not empty although nobody answered yet": "non è vuoto, ma nessuno ha ancora risposto",
    "is not in that province": "non è in quella provincia",
    "is not later than that of the version before": "non viene dopo quello della versione precedente",
    "is not of resolution {}": "non è di risoluzione {}",
    "is not the sum of males and females": "non è la somma di maschi e femmine",
    "is not the sum of the ages": "non è la somma delle età",
    "is not {}": "non è {}",
    "is the code of a municipality abolished on {}, and its history names no one successor": "è il codice di un comune soppresso il {}, e la storia non indica un solo successore",
    "is the point 0, 0": "è il punto 0, 0",
    "its municipality has no row of age {}": "il suo comune non ha la riga dell'età {}",
    "its section has no number, or an earlier row's": "la sezione non ha numero, o ha quello di una riga precedente",
    "leads to a reserved office": "porta a una sede riservata",
    "lies outside its municipality": "cade fuori dal suo comune",
    "lists a code twice": "elenca due volte un codice",
    "lists more than {} codes": "elenca più di {} codici",
    "lon and lat are swapped": "lon e lat sono scambiate",
    "longitude comes first, in degrees": "prima la longitudine, in gradi",
    "looks like a full date": "sembra una data completa",
    "looks like a tax code of a person": "sembra il codice fiscale di una persona",
    "looks like a telephone number": "sembra un numero di telefono",
    "looks like an e-mail address": "sembra un indirizzo e-mail",
    "looks like somebody's page on a network": "sembra la pagina di qualcuno in una rete sociale",
    "looks like a document or an account": "sembra un documento o un conto bancario",
    "must be true for this kind of place": "deve essere vero per questo tipo di luogo",
    "names a row that is not in {}": "indica una riga che non è nella tabella {}",
    "is earlier than {}": "viene prima di {}",
    "is less than {}": "è minore di {}",
    "may mean thousands or decimals: other rows of the column use the other sign": "può indicare migliaia o decimali: altre righe della colonna usano l'altro segno",
    "names an unknown area": "indica un'area sconosciuta",
    "nothing about a person may be written here": "qui non si scrive nulla che riguardi una persona",
    "repeats an earlier row": "ripete una riga precedente",
    "repeats an earlier row of the municipality": "ripete una riga precedente del comune",
    "repeats the code of an earlier row": "ripete il codice di una riga precedente",
    "residents by age and sex are not counts that agree": "i residenti per età e sesso non sono conteggi che tornano",
    "the body has another name on this day": "in questo giorno l'ente ha un altro nome",
    "the code is already valid on this day": "il codice vale già in questo giorno",
    "the municipality is in another body on this day": "in questo giorno il comune è in un altro ente",
    "use whole municipalities": "usare comuni interi",
    "write it as 2023-12-31": "scriverlo come 2023-12-31 o 31/12/2023",
    "write it as {}-01": "scriverlo come {}-01",
    "write the H3 cell of resolution {} and nothing finer": "scrivere la cella H3 di risoluzione {} e nulla di più fine",
    "write the code of today's municipality": "scrivere il codice del comune di oggi",
    "write one of: {}": "scrivere una di queste parole: {}",
    "write true": "scrivere true (sì)",
    "known: {}": "ammessi: {}",
    "use a code of {}": "usare {}",
    "there is no code of {} yet: import it first": "prima si carica quel che manca: serve {}",
    "the municipalities of the district": "il codice di un comune del distretto",
    "the table {}": "un codice della tabella {} (se la riga manca, si carica prima)",
    "the code list {}": "un codice dell'elenco layers/codelists/{}.yml, che è anche nel foglio «Codici» di atlante template",
    "add the code of area_utenza to the needs": "aggiungere il codice di area_utenza ai bisogni",
    "a new version begins after the one before it: check dal and versione": "una versione nuova comincia dopo la precedente: controllare dal e versione",
    "check both days": "controllare i due giorni",
    "check both, or swap them": "controllare i due valori: forse sono scambiati",
    "check the days of the steps": "controllare le date dei passi",
    "check the number": "controllare il numero",
    "comuni needs comuni; all others need area_wkt, and isocrona minuti too": "con la base comuni si scrive comuni; con le altre area_wkt, e con isocrona anche minuti",
    "correct the code, or import the row into {} first": "correggere il codice, o caricare prima quella riga in {}",
    "end the earlier row on the day before this one begins": "chiudere la riga precedente il giorno prima che questa cominci",
    "end the earlier row on the day on which this one begins": "chiudere la riga precedente nel giorno in cui questa comincia",
    "fill it in": "riempire la cella",
    "give this row a code of its own, or remove one of them": "dare a questa riga un codice suo, o togliere una delle due",
    "keep the codes that matter most": "tenere i codici più importanti",
    "leave it empty until it is closed, or correct stato": "lasciarlo vuoto finché non è chiusa, o correggere stato",
    "leave it empty until there is an answer, or correct esito": "lasciarlo vuoto finché non c'è risposta, o correggere esito",
    "leave these rows out": "togliere queste righe",
    "leave this row out": "togliere questa riga",
    "mend it in QGIS: Vector geometry, Fix geometries": "ripararlo in QGIS: Vettore, Correggi geometrie",
    "remove one of them": "togliere una delle due",
    "send the months of these years": "mandare i mesi di questi anni",
    "shorten it, on one line, without tabs": "accorciarlo e scriverlo su una sola riga, senza tabulazioni",
    "simplify it in QGIS, without heights": "semplificarlo in QGIS, senza quote",
    "write 1, or leave the pseudonym empty": "scrivere 1, o lasciare vuoto lo pseudonimo",
    "write a cell, or a municipality, of the district": "scrivere una cella o un comune del distretto",
    "write decimals with one sign in the whole column, and thousands without any": "scrivere i decimali con lo stesso segno in tutta la colonna, e le migliaia senza segni",
    "write digits only, and one sign before the decimals": "scrivere solo cifre, con una virgola o un punto prima dei decimali; le migliaia non si separano",
    "write digits only, without separators": "scrivere solo cifre, senza punti, virgole o spazi",
    "write every code once": "scrivere ogni codice una volta sola",
    "write it in this form and nothing else": "scriverlo in questa forma, senza altro",
    "write one name in all rows of the body and the day": "scrivere un solo nome in tutte le righe dell'ente e del giorno",
    "write the cell of the place, or the code of the municipality": "scrivere la cella del luogo, o il codice del comune",
    "write the cell that holds the place": "scrivere la cella che contiene il luogo",
    "write the code of a municipality of the district": "scrivere il codice di un comune del distretto",
    "write the day, or correct stato": "scrivere la data, o correggere stato",
    "write true or false": "scrivere true o false (sì o no)",
    "a spreadsheet may have dropped zeros in front: keep the column as text": "forse il foglio di calcolo ha tolto gli zeri davanti: tenere la colonna come testo",
    "write the name as ISTAT does": "scrivere il nome come lo scrive ISTAT",
    "a code of letters, digits, . _ or -": "un codice di lettere, cifre, . _ o -",
    "the tax code of a body, eleven digits": "il codice fiscale di un ente, undici cifre",
    "a postal code of five digits": "un CAP di cinque cifre",
    "a web address that starts with https://": "un indirizzo web che comincia con https://",
    "a URI that starts with https:// or urn:": "un URI che comincia con https:// o urn:",
    "a list of codes separated by semicolons": "un elenco di codici separati da punto e virgola",
    "a polygon in WKT, degrees, WGS 84": "un poligono in WKT, in gradi, WGS 84",
    "a pseudonym of 32 hexadecimal characters in lower case": "uno pseudonimo di 32 caratteri esadecimali minuscoli",
    "a month, as 2023-04": "un mese, come 2023-04",
    "an H3 cell of resolution 8": "una cella H3 di risoluzione 8",
    "an H3 cell of resolution 8 or the ISTAT code of a municipality": "una cella H3 di risoluzione 8 o il codice ISTAT di un comune",
    "six digits": "sei cifre",
}


def in_italian(text: str) -> str:
    """Return a sentence of the checks in Italian; the sentence itself if it is not known."""
    for pattern, italian in _patterns():
        found = pattern.fullmatch(text)
        if found is not None:
            return italian.format(*(in_italian(part) for part in found.groups()))
    return text


def error_in_italian(error: AtlanteError) -> str:
    """Return an error with its place and remedy in Italian, as `str` does in English."""
    where = ", ".join(in_italian(part) for part in error.where.split(", "))
    message, hint = (
        "\n  ".join(in_italian(line) for line in text.split("\n  "))
        for text in (error.message, error.hint)
    )
    return str(AtlanteError(message, where=where, hint=hint))


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Return the sentences, those that say most by themselves first."""
    said = {**SENTENCES, **ERRORS, **FILES, **BUILD}
    ordered = sorted(said.items(), key=lambda pair: -len(pair[0].replace("{}", "")))
    return tuple(
        (re.compile(re.escape(english).replace(r"\{\}", "(.+)"), re.DOTALL), italian)
        for english, italian in ordered
    )

"""What the server refuses, in Italian.

Refusals are written in English where they are found. Here every such sentence has its Italian;
``{}`` stands for what varies. A test reads the code and fails for a sentence that is missing here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from api.italian_filter import FILTERS
from geo_core.model.wording import Wording

_TITLES: Final[Mapping[str, str]] = {
    "Bad Request": "Richiesta non valida",
    "Not Found": "Non trovato",
    "Method Not Allowed": "Metodo non ammesso",
    "Not Acceptable": "Formato non disponibile",
    "Request Timeout": "Tempo scaduto",
    "Gone": "Non più pubblicato",
    "Request Entity Too Large": "Richiesta troppo grande",
    "Content Too Large": "Richiesta troppo grande",
    "Unsupported Media Type": "Formato della richiesta non letto",
    "Request Header Fields Too Large": "Intestazioni troppo lunghe",
    "Internal Server Error": "Guasto del servizio",
    "Service Unavailable": "Servizio non disponibile",
}
"""Phrases of the statuses; Python names one of them otherwise from 3.13 on."""

_ADDRESSES: Final[Mapping[str, str]] = {
    "there is nothing at this address": "A questo indirizzo non c'è nulla.",
    "there is no file at this address": "A questo indirizzo non c'è nessun file.",
    "there is no tile at this address": "A questo indirizzo non c'è nessuna tessera.",
    "there is no point at this address": "A questo indirizzo non c'è nessun punto.",
    "this place lies outside the raster": "Questo luogo è fuori dal raster.",
    "zooms {} to {}, inside the bounds that the tileset names": "Livelli di zoom da {} a {}, dentro i limiti che l'insieme di tessere dichiara.",
    "there is no collection {}": "Non c'è una raccolta {}.",
    "there is no collection": "Non c'è una raccolta di questo nome.",
    "there is no feature {}": "Non c'è un oggetto {}.",
    "there is no feature": "Non c'è un oggetto di questo nome.",
    "there is no download {}": "Non c'è un file da scaricare {}.",
    "there is no download": "Non c'è un file da scaricare di questo nome.",
    "there is no style {}": "Non c'è uno stile {}.",
    "there is no style": "Non c'è uno stile di questo nome.",
    "there is no raster {}": "Non c'è un raster {}.",
    "there is no raster": "Non c'è un raster di questo nome.",
    "there is no tileset {}": "Non ci sono tessere {}.",
    "there is no tileset": "Non ci sono tessere di questo nome.",
    "there is no release {}": "Non c'è una versione {}.",
    "there is no release": "Non c'è una versione di questo nome.",
    "there is no list {}": "Non c'è un elenco {}.",
    "there is no list": "Non c'è un elenco di questo nome.",
    "there is no file {}": "Non c'è un file {}.",
    "there is no field {}": "Non c'è un campo {}.",
    "there is no field": "Non c'è un campo di questo nome.",
    "there is no such object among {}": "Non c'è un oggetto così fra {}.",
    "not a valid H3 index": "Non è un indice H3 valido.",
    "15 hexadecimal characters, lower case": "15 caratteri esadecimali minuscoli.",
    "there is no representation of the accepted media types": "Non c'è una rappresentazione nei formati che la richiesta accetta.",
    "the release these pages are of is not published any more": "La versione di queste pagine non è più pubblicata.",
    "start again at {}": "Ricominciare da {}",
    "this file is missing": "Questo file manca.",
    "its files do not agree on the number of features": "I suoi file non hanno lo stesso numero di oggetti.",
    "the server could not answer; the fault has been logged": "Il servizio non ha potuto rispondere; il guasto è annotato nel registro.",
    "this service is read-only": "Il servizio si può solo leggere.",
    "a query is posted here": "A questo indirizzo si manda una domanda con POST.",
    "a query is posted to `search`, beside `items`": "Una domanda con POST si manda a `search`, accanto a `items`.",
    "the headers are longer than {} bytes": "Le intestazioni superano i {} byte.",
    "the header `Host` does not name one host": "L'intestazione `Host` non indica un solo host.",
}  # fmt: skip

_PARAMETERS: Final[Mapping[str, str]] = {
    "`{}` is not a parameter of this resource": "`{}` non è un parametro di questa pagina.",
    "there is an unknown parameter of this resource": "C'è un parametro che questa pagina non ha.",
    "a parameter is not valid": "Un parametro non è valido.",
    "`{}` is not valid": "`{}` non è valido.",
    "`{}` has a value that is not allowed": "`{}` ha un valore che non è ammesso.",
    "`{}` is not a whole number from {} to 2^63-1": "`{}` non è un numero intero da {} a 2^63-1.",
    "`{}` holds something that is not a finite number": "`{}` contiene qualcosa che non è un numero finito.",
    "`{}` holds a control character": "`{}` contiene un carattere di controllo.",
    "`{}` is given twice": "`{}` è scritto due volte.",
    "give it once": "Scriverlo una volta sola.",
    "give one of them": "Scriverne uno solo.",
    "the query is longer than {} bytes": "La domanda supera i {} byte.",
    "the query has more than {} parameters": "La domanda ha più di {} parametri.",
    "the query is not UTF-8": "La domanda non è in UTF-8.",
    "did you mean `{}`?": "Forse `{}`?",
    "did you mean {}?": "Forse {}?",
    "known: {}": "Ci sono: {}.",
    "one of: {}": "Uno fra: {}.",
    "offered: {}": "Ci sono: {}.",
    "the fields are listed at {}": "I campi sono elencati in {}",
    "`{}` is a date": "`{}` è una data.",
    "`{}` is a whole number": "`{}` è un numero intero.",
    "`{}` is `true` or `false`": "`{}` è `true` o `false`.",
    "`{}` is not a UUID": "`{}` non è un UUID.",
    "`{}` is not a text, a number, or a list of them": "`{}` non è un testo, un numero o un elenco di questi.",
    "`{}` names a field twice": "`{}` nomina due volte un campo.",
    "`{}` names an unknown field": "`{}` nomina un campo che non c'è.",
    "`{}` names a reference system that is not offered": "`{}` nomina un sistema di riferimento che non c'è fra quelli offerti.",
    "for example {}; the collection lists all of them": "Per esempio {}; la raccolta li elenca tutti.",
    "`bbox-crs` is given without `bbox`": "C'è `bbox-crs` senza `bbox`.",
    "`bbox` has 4 numbers (or 6 with heights)": "`bbox` ha 4 numeri (o 6, con le quote).",
    "`bbox` lies outside the domain of its reference system": "`bbox` è fuori dal dominio del suo sistema di riferimento.",
    "the first corner of `bbox` is not the lower one": "Il primo angolo di `bbox` non è quello in basso a sinistra.",
    "`datetime` ends before it begins": "`datetime` finisce prima di cominciare.",
    "`datetime` is not a day, an instant or an interval of RFC 3339": "`datetime` non è un giorno, un istante o un intervallo di RFC 3339.",
    "2023-12-31, 2023-01-01/2023-12-31, 2023-01-01/.., ../2023-12-31 or ../..": "2023-12-31, 2023-01-01/2023-12-31, 2023-01-01/.., ../2023-12-31 oppure ../..",
    "`modified_after` is a day or an instant": "`modified_after` è un giorno o un istante.",
    "`search` has 1 to {} characters": "`search` ha da 1 a {} caratteri.",
    "`profile` names none that is offered": "`profile` non nomina nessuno di quelli offerti.",
    "`offset` is given beside `token`": "C'è `offset` insieme a `token`.",
    "`token` does not belong to this query": "`token` non è di questa domanda.",
    "take the address of the next page as it stands in the answer": "Prendere l'indirizzo della pagina seguente così com'è nella risposta.",
    "`{}` has more than {} characters or {} alternatives": "`{}` ha più di {} caratteri o di {} alternative.",
    "`{}` holds no word to look for": "`{}` non contiene nessuna parola da cercare.",
    "q=scuola, or q=infanzia,biblioteca": "q=scuola, oppure q=infanzia,biblioteca",
    "a query is posted as a form or as JSON, without a content coding": "Una domanda si manda come modulo o come JSON, senza compressione.",
    "the body did not arrive within {} seconds": "Il corpo della richiesta non è arrivato entro {} secondi.",
    "the body is longer than {} bytes": "Il corpo della richiesta supera i {} byte.",
    "the body {}": "Il corpo della richiesta {}.",
    "ends early": "finisce prima del previsto",
    "gives a member of an object twice": "ripete un membro di un oggetto",
    "is not JSON": "non è JSON",
    "is not an object of parameters": "non è un oggetto di parametri",
    "the body is the filter alone, not an object of parameters": "Il corpo della richiesta è il solo filtro, non un oggetto di parametri.",
}  # fmt: skip

_ALIKE: Final = (
    "/point/8.42,45.32",
    "2023-12-31",
    "Content-Type: {} or {}",
    "bbox=8.2,45.1,8.6,45.5",
    '{"filter": "posti > 10"}',
    '{"filter": {"op": ">", "args": [{"property": "posti"}, 10]}}',
    "{}=100",
)
"""Examples, which are the same in every language."""

SENTENCES: Final[Mapping[str, str]] = {
    **_TITLES,
    **_ADDRESSES,
    **_PARAMETERS,
    **FILTERS,
    **{text: text for text in _ALIKE},
}

in_italian: Final = Wording(SENTENCES).italian
"""Return a refusal in Italian; the refusal itself if it is not known."""

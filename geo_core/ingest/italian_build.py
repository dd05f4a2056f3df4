"""What the build says of the whole district and of releases, in Italian: see `italian`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

BUILD: Final[Mapping[str, str]] = {
    # Rows of the input folder.
    "{}, so nothing is published": "{}: non si pubblica nulla",
    "1 row is refused": "una riga è rifiutata",
    "{} rows are refused": "{} righe sono rifiutate",
    "{}, row {}, column {}: {} ({})": "{}, riga {}, colonna {}: {} ({})",
    "{}: {} ({}); column {}": "{}: {} ({}); colonna {}",
    "and {} more": "e altre {}",
    "correct these rows, or build with --allow-partial to publish without them": "correggere queste righe, o costruire con --allow-partial per pubblicare senza",
    "import it again: atlante import {} FILE": "caricarlo di nuovo: atlante import {} FILE",
    # Municipalities, boundaries and residents.
    "{} members of a body have no boundary, first {}": "{} comuni di un ente non hanno un confine, il primo è {}",
    "an abolished code ends with its municipality: write `al`, and a row of today's": "un codice soppresso finisce col suo comune: scrivere `al`, e una riga di quello di oggi",
    "is not a readable GeoParquet file": "non è un file GeoParquet leggibile",
    "has not the columns of boundaries": "non ha le colonne dei confini",
    "has no usable boundaries of the province {}": "non ha confini utilizzabili della provincia {}",
    "names an unknown publisher": "nomina un editore sconosciuto",
    "import the boundaries of all Italy, or of the province: atlante import istat-confini": "caricare i confini di tutta l'Italia, o della provincia: atlante import istat-confini",
    "has no residents of {} in {} municipalities, first {}": "non ha i residenti del {} di {} comuni, il primo è {}",
    "boundaries and residents must be of one year: municipalities merge": "confini e residenti devono essere dello stesso anno: i comuni si fondono",
    "import it again: atlante import istat-posas": "caricarlo di nuovo: atlante import istat-posas",
    "population by cell differs from the official figures in {} municipalities, first {}": "la popolazione per cella non torna con quella ufficiale in {} comuni, il primo è {}",
    "totals by municipality, age and sex must be kept to the person": "i totali per comune, età e sesso devono tornare alla persona",
    "records name {} municipalities in which nobody lives": "le righe nominano {} comuni in cui non risiede nessuno",
    "correct their municipality, or the population": "correggere il comune, o la popolazione",
    # Figures on persons.
    "the {} budget of {} is spent: {} of {} is used and this release needs {}": "il budget di {} per il {} è speso: usati {} su {}, e questa versione ne chiede {}",
    "{} residents are too few for one publishable area of {}": "{} residenti sono troppo pochi per una sola zona pubblicabile, che ne chiede {}",
    "publish this district together with a neighbour": "pubblicare questo distretto insieme a uno vicino",
    # Starting the server.
    "there is no valid release to serve": "non c'è una versione valida da servire",
    "build one with `atlante build`, or set ATLANTE_RELEASES to the right folder": "costruirne una con `atlante build`, o indicare la cartella giusta in ATLANTE_RELEASES",
    "cannot listen on {}:{}: {}": "non si può ascoltare su {}:{}: {}",
    "stop what listens there, or choose another port: make demo PORT=8001": "fermare chi ascolta lì, o scegliere un'altra porta: make demo PORT=8001",
    "Address already in use": "indirizzo già in uso",
    "{}/manifest.json: `{}`: {}": "{}/manifest.json: il membro `{}` non è di questa versione di Atlante ({})",
    # Releases.
    "there is no current release": "non c'è una versione in uso",
    "there is no release {}": "la versione {} non c'è",
    "the two releases have no collection of figures with intervals in common": "le due versioni non hanno in comune raccolte di cifre con intervalli",
    "build both with this version: an older one had no intervals": "si costruiscano entrambe con questo programma: uno più vecchio non dava intervalli",
    "run `atlante build` first": "prima: atlante build",
    "run `atlante releases`": "quali ci sono: atlante releases",
    "another build (process {}) is publishing here": "un'altra costruzione (processo {}) sta pubblicando qui",
    "wait for it to end, or end it": "aspettare che finisca, o fermarla",
    "the folder of releases cannot be written: {}": "la cartella delle versioni non si può scrivere: {}",
    "the pointer cannot be written: {}": "la versione in uso non si può segnare: {}",
    "check its owner, its permissions and the free space on its disk": "controllare di chi è, i permessi e lo spazio libero sul disco",
    "{} is the current release": "{} è la versione in uso",
    "build another one, or make another one current with `atlante use`": "costruirne un'altra, o metterne in uso un'altra con `atlante use`",
    "this file is missing": "questo file manca",
    "this file is not in the manifest": "questo file non è nel manifesto",
    "this file should have {} bytes": "questo file dovrebbe avere {} byte",
    "this file's SHA-256 differs from the manifest": "lo SHA-256 di questo file non è quello del manifesto",
}
"""Sentences with their Italian; ``{}`` stands for what varies."""

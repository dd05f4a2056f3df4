"""What is said of travel times and of places in reach, in Italian: see `italian`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

ACCESS: Final[Mapping[str, str]] = {
    "a cost is 0 or more; of a pair that nothing connects there is no row": "un costo è 0 o più; di una coppia che nulla collega non c'è la riga",
    "a cost of 0 has no weight by a negative power": "un costo 0 non ha peso con una potenza negativa",
    "costs that are negative or not numbers: {}": "costi negativi o che non sono numeri: {}",
    "differs from the first row": "è diverso dalla prima riga",
    "find all times in one way, and write the same in every row": "calcolare tutti i tempi nello stesso modo, e scrivere lo stesso testo in ogni riga",
    "is neither of resolution {} nor of {}": "non è di risoluzione {} né {}",
    "compute one part of the territory at a time, with what is around it": "calcolare una parte del territorio per volta, con quello che le sta intorno",
    "fill it in, 0 if there is none, or leave the row out of every table": "compilarlo, 0 se non ce n'è, o togliere la riga da ogni tabella",
    "give limit: the cost up to which an office is in reach": "indicare limit: il costo fino al quale una sede è raggiungibile",
    "give one of {}, not both": "indicare uno solo fra {}",
    "is no office of its table": "non è una sede della sua tabella",
    "is no unit of the table": "non è un'unità della tabella",
    "least_cost is for power alone": "least_cost serve solo con power",
    "there are more than {} pairs of a unit and an office": "ci sono più di {} coppie di un'unità e una sede",
    "write a name of its table, or leave the row out": "scrivere un nome della sua tabella, o togliere la riga",
    "zones are in ascending order": "le zone vanno in ordine crescente",
    "{} has no weights: leave {} out": "{} non ha pesi: togliere {}",
    "{} needs {}": "{} vuole {}",
    "leave the row out": "togliere la riga",
    "say the least cost, such as 1 minute: lower ones count as it": "dire il costo minimo, per esempio 1 minuto: quelli più bassi contano come lui",
    "write the cell of resolution 8 from which the time is, or one of 7 for all in it": "scrivere la cella di risoluzione 8 da cui parte il tempo, o quella di 7 per tutte le sue",
}

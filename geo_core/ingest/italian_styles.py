"""What is said of the layers and styles that an office declares, in Italian: see `italian`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

STYLES: Final[Mapping[str, str]] = {
    # Any document.
    "Input should be a valid number, unable to parse string as a number": "serve un numero",
    "`{}`: {} (and {} more)": "`{}`: {} (e altri {})",
    "`{}` names {}, which does not exist": "`{}` nomina {}, che non esiste",
    "a blank at an end, or two in a row: remove it": "uno spazio all'inizio o alla fine, o due di seguito: toglierlo",
    "an invisible character, U+{}: write it without, on one line": "un carattere invisibile, U+{}: scriverlo senza, su una riga sola",
    "between double quotes `\\` begins a code: write `\\\\`, or use single quotes": "fra virgolette doppie `\\` comincia un codice: scrivere `\\\\`, o usare gli apici",
    "is not UTF-8": "non è UTF-8",
    "remove it: it cannot be seen": "toglierlo: non si vede",
    "the character U+{} is not allowed": "il carattere U+{} non è ammesso",
    "{} is not a name: a lower-case letter, then at most 29 lower-case letters without accent, digits or `_`": "{} non è un nome: una lettera minuscola, poi al massimo 29 fra minuscole senza accento, cifre e `_`",
    # Layers and code lists.
    "add styles/{}": "aggiungere styles/{}",
    "estimates are made of counts on areas that get noise, and of no others": "le stime si fanno dai conteggi su aree a cui si aggiunge il rumore, e da nessun altro",
    "has no style": "non ha uno stile",
    "name a policy with `on: aree` and `method: dp`, or remove the file": "indicare una regola con `on: aree` e `method: dp`, o togliere il file",
    "no .yml file in this folder": "in questa cartella non c'è un file .yml",
    "no layer has this name": "nessuna raccolta ha questo nome",
    "rename or remove it": "rinominarlo o toglierlo",
    "rename the file: lower-case letters, digits and `_`, at most 30 with `_r8`": "rinominare il file: minuscole, cifre e `_`, al massimo 30 con `_r8`",
    "the parent of {} is not in the list": "il codice più ampio di {} non è nell'elenco",
    "{} cannot name a collection": "{} non può essere il nome di una raccolta",
    # Styles: what their keys say together.
    "`also` classifies further `fields`: name them": "`also` è per altri campi: indicarli in `fields`",
    "`mark` is {}, of which the collection has no shapes": "`mark` è {}, e la raccolta non ha forme di quel tipo",
    "`nearest` is a smaller denominator than `farthest`": "`nearest` è un denominatore minore di `farthest`",
    "a `grid` has as many rows as columns: 4 or 9 classes": "una `grid` ha tante righe quante colonne: 4 o 9 classi",
    "a class has either a `value` or a `min`/`max` range, not both": "una classe ha un `value` o un intervallo `min`/`max`, non ambedue",
    "a class has min >= max: the smaller number is `min`": "una classe ha min >= max: il numero più piccolo è `min`",
    "a field has one set of classes": "un campo ha una sola serie di classi",
    "a style with `fields` gives every class a `value` or a range": "in uno stile con `fields` ogni classe ha un `value` o un intervallo",
    "a style without `fields` has one class, of everything": "uno stile senza `fields` ha una classe sola, per tutto",
    "classes {} and {} leave a gap or overlap: the `min` of a class is the `max` of the one above it": "le classi {} e {} lasciano un buco o si sovrappongono: il `min` di una classe è il `max` di quella sopra",
    "write `fill` for areas, and `circle` for points": "scrivere `fill` per le aree, e `circle` per i punti",
    '{} is not a colour: `#` and six hexadecimal digits in lower case, in quotes, like "#1f78b4"': '{} non è un colore: `#` e sei cifre esadecimali minuscole, fra virgolette, per esempio "#1f78b4"',
    # Styles: their classes and the fields.
    "class {} is a number, and {} is none": "la classe {} è un numero, e {} non lo è",
    "class {} is a text, and {} is a number": "la classe {} è un testo, e {} è un numero",
    "class {} is of {}, which is no code of {}": "la classe {} è di {}, che non è un codice di {}",
    "class {} is outside the values of {}: {} and more": "la classe {} è fuori dai valori di {}: da {} in su",
    "class {} is outside the values of {}: {} to {}": "la classe {} è fuori dai valori di {}: da {} a {}",
    "give it a `min` and a `max`": "darle un `min` e un `max`",
    "give it a `value`": "darle un `value`",
    "give the first class no `min` and the last no `max`, or add the class that lacks": "togliere il `min` alla prima classe e il `max` all'ultima, o aggiungere la classe che manca",
    "its codes: {}": "i suoi codici: {}",
    "remove the class, or mend its limits: the unit of the field says what they are in": "togliere la classe, o correggerne i limiti: l'unità del campo dice in che cosa sono",
    "{} of the values of {} are in no class: {}": "{} dei valori di {} non sono in nessuna classe: {}",
    # Styles: their colours.
    "`{}` looks like class {}": "`{}` somiglia alla classe {}",
    "class {} is not darker than class {} by more than {} L* ({} and {})": "la classe {} non è più scura della classe {} di oltre {} L* ({} e {})",
    "classes {} and {} look alike: they differ by {} of {} ({})": "le classi {} e {} si somigliano: differiscono di {} su {} ({})",
    "darken it, or lighten the other; lightness falls from class to class": "scurirla, o schiarire l'altra: la chiarezza scende da una classe alla seguente",
    "join classes: {} at most": "unire delle classi: al massimo {}",
    "take a colour that nobody takes for a value": "scegliere un colore che nessuno prenda per un valore",
    "take colours that lie further apart, or fewer classes": "scegliere colori più lontani fra loro, o meno classi",
    "{} shades of one sequence are not told apart on a map": "{} sfumature di una sequenza non si distinguono su una mappa",
}
"""Sentences with their Italian; ``{}`` stands for what varies."""

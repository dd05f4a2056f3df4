// The rules of the answers: the same as those of the check that an upload goes through.
// Every function returns what is wrong, in Italian, or null.

const INTEGER = /^-?[0-9]{1,12}$/u;
const NUMBER = /^-?[0-9]{1,12}(\.[0-9]{1,12})?$/u;
const DAY = /^(?:1[89]|20)[0-9]{2}-[0-9]{2}-[0-9]{2}$/u;
const HIDDEN = /\p{C}|[^\P{Z} ]/u;

/** Text as it is saved: without blanks around it, and with a decimal point. */
function tidied(question, text) {
  const bare = text.trim();
  if (["codes", "several"].includes(question.type)) {
    return bare.split(";").map((item) => item.trim()).join(";");
  }
  const decimal = question.type === "number" && /^-?[0-9]+,[0-9]+$/u.test(bare);
  return decimal ? bare.replace(",", ".") : bare;
}

/** Text in capitals, without accents, odd dashes, odd blanks and what cannot be seen. */
function plain(text) {
  return text
    .normalize("NFKD")
    .replace(/[\p{M}\p{Cf}]/gu, "")
    .replace(/[\p{Pd}\u2212]/gu, "-")
    .replace(/[\u2018\u2019\u02bc]/gu, "'")
    .replace(/[\p{Z}\p{Cc}]+/gu, " ")
    .toUpperCase();
}

/** What personal thing a text looks like; of an office's contacts only the gravest counts. */
function signOfAPerson(text, contact = false) {
  const shown = HONEST.reduce((left, pattern) => left.replace(pattern, "|"), plain(text));
  const [what] = SIGNS.find(([, pattern]) => pattern.test(shown)) ?? [];
  if (!what || (contact && what !== FORM.grave)) return null;
  return `${what}: qui non si scrive nulla che riguardi una persona.`;
}

function within(question, value) {
  const { low, high } = question;
  if ((low === null || value >= low) && (high === null || value <= high)) return null;
  if (high === null) return `deve essere almeno ${low}.`;
  if (low === null) return `deve essere al massimo ${high}.`;
  return `deve essere fra ${low} e ${high}.`;
}

function isDay(text) {
  if (!DAY.test(text)) return false;
  const day = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().slice(0, 10) === text;
}

function checkText(question, text) {
  if (question.codes) {
    if (question.codes.has(text)) return null;
    return signOfAPerson(text) ?? "non è una voce dell'elenco.";
  }
  if (question.shape) {
    if (question.shape.test(text)) return null;
    return signOfAPerson(text) ?? `deve essere ${question.expected}.`;
  }
  if ([...text].length > FORM.most) return `è più lungo di ${FORM.most} caratteri.`;
  if (HIDDEN.test(text)) return "contiene caratteri invisibili o a capo.";
  const sign = signOfAPerson(text, question.contact);
  if (sign) return sign;
  const phone = question.contact && CALLED.test(text);
  return FORMULA.test(plain(text)) && !phone
    ? "non può cominciare con = + - @: un foglio di calcolo lo prenderebbe per una formula."
    : null;
}

function checkItems(question, text) {
  const items = text.split(";").map((item) => item.trim());
  const most = question.most;
  if (items.length > most) return most === 1 ? "al massimo una voce." : `al massimo ${most} voci.`;
  if (new Set(items).size !== items.length) return "contiene due volte la stessa voce.";
  if (items.every((item) => question.codes.has(item))) return null;
  return signOfAPerson(text) ?? "contiene una voce che non è nell'elenco.";
}

function checkPlace(text) {
  if (PLACES.byCell.has(text) || PLACES.byCode.has(text)) return null;
  if (/^-?\p{Nd}{1,3}[.,]\p{Nd}+/u.test(text)) {
    return "contiene coordinate: si indica solo la zona, mai il punto.";
  }
  if (/^[0-9]{6}$/u.test(text)) return "è un comune fuori dal distretto.";
  return signOfAPerson(text) ?? "non è una zona né un comune del distretto.";
}

const CHECKS = {
  text: checkText,
  pseudonym: checkText,
  several: (question, text) => checkItems({ ...question, most: 50 }, text),
  codes: checkItems,
  place: (_question, text) => checkPlace(text),
  month: (question, text) =>
    question.codes.has(text)
      ? null
      : signOfAPerson(text) ?? "non è un mese fra quelli da compilare.",
  integer: (question, text) =>
    INTEGER.test(text) ? within(question, Number(text)) : "deve essere un numero intero.",
  number: (question, text) =>
    NUMBER.test(text) ? within(question, Number(text)) : "deve essere un numero.",
  boolean: (_question, text) => (["true", "false"].includes(text) ? null : "deve essere Sì o No."),
  date: (_question, text) => (isDay(text) ? null : "non è un giorno del calendario."),
};

/** Check one cell. */
function checkCell(question, text) {
  if (!text) return question.required ? "manca: è un dato necessario." : null;
  return CHECKS[question.type](question, text);
}

/** Check what must hold between the cells of a row that are right by themselves. */
function* checkAcross(row) {
  const title = (name) => FORM.questions.find((q) => q.name === name).title;
  if (FORM.main) {
    const [main, all] = FORM.main;
    if (row[main] && row[all] && !row[all].split(";").includes(row[main])) {
      yield [all, `deve comprendere anche quello indicato in «${title(main)}».`];
    }
  }
  if (FORM.single && row.pseudonimo && row[FORM.single] !== "1") {
    yield [FORM.single, "deve essere 1: lo pseudonimo indica una persona sola."];
  }
  for (const [first, last] of FORM.ordered) {
    if (row[first] && row[last] && after(row[first], row[last])) {
      yield [last, `è minore o precede «${title(first)}».`];
    }
  }
  for (const name of FORM.past) {
    if (row[name] > today()) yield [name, "è un giorno che deve ancora venire."];
  }
  if (FORM.states) yield* checkStates(row);
  if (FORM.reserved) yield* checkReserved(row);
  if (FORM.position === "point") yield* checkPoint(row);
}

/** A pact has a day for the state it is in, and its steps follow each other. */
function* checkStates(row) {
  const day = (state) => row[`data_${state}`];
  const signing = FORM.states.indexOf("sottoscritto");
  const at = FORM.states.indexOf(row.stato);
  if (at >= 0 && !day(row.stato)) {
    yield [`data_${row.stato}`, "manca: è il giorno in cui il patto è arrivato a questo stato."];
  }
  if (at >= signing && at < FORM.states.length - 1 && !day("sottoscritto")) {
    yield ["data_sottoscritto", "manca: il patto ha superato la sottoscrizione."];
  }
  const steps = FORM.states.slice(0, 9).filter(day);
  for (const [i, state] of steps.entries()) {
    if (i && day(steps[i - 1]) > day(state)) {
      yield [`data_${state}`, "precede un passo che viene prima."];
    }
  }
}

/** Each version of a practice begins after the one before it. */
function* checkVersions(row, others) {
  const [key, version, from] = FORM.versions;
  if (!row[key] || !row[version] || !row[from]) return;
  const clash = others.filter((other) => other[key] === row[key]).some((other) => {
    const earlier = Number(other[version]) < Number(row[version]);
    return earlier ? other[from] >= row[from] : other[from] && other[from] <= row[from];
  });
  if (clash) yield [from, "deve seguire l'inizio della versione di prima e precedere la successiva."];
}

function after(first, last) {
  const both = [first, last];
  return both.every((text) => NUMBER.test(text)) ? Number(first) > Number(last) : first > last;
}

/** The day it is here. */
function today() {
  const now = new Date();
  const parts = [now.getFullYear(), now.getMonth() + 1, now.getDate()];
  return parts.map((part) => String(part).padStart(2, "0")).join("-");
}

function* checkReserved(row) {
  const names = [row.nome, row.nome_en].map((text) => plain(text ?? ""));
  if (row.riservata === "false" && names.some((name) => SECRET_NAME.test(name))) {
    yield ["riservata", "deve essere Sì: il nome è quello di un luogo segreto. Se il luogo è noto a tutti, dare un altro nome."];
  }
  if (FORM.reserved.kinds.includes(row.tipo_sede) && row.riservata === "false") {
    yield ["riservata", "deve essere Sì: il luogo di questo tipo di sede è sempre segreto."];
  }
  if (row.riservata !== "true") return;
  for (const name of FORM.reserved.withheld) {
    if (row[name]) yield [name, "va lasciato vuoto: di una sede riservata non si scrive il luogo."];
  }
}

function* checkPoint(row) {
  if (row.riservata === "true") return;
  if (!row.lon || !row.lat) {
    const wanted = FORM.placed && !FORM.named.some((name) => row[name]);
    if (row.lon || row.lat || wanted) {
      yield [row.lon ? "lat" : "lon", "manca: indicare il punto sulla mappa o scrivere le coordinate."];
    }
    return;
  }
  const place = PLACES.byCode.get(row.cod_istat);
  if (!row.cod_istat) yield ["cod_istat", "manca: dire in quale comune è il punto."];
  const lon = Number(row.lon);
  const lat = Number(row.lat);
  if (!place || inside(place, lon, lat)) return;
  yield inside(place, lat, lon)
    ? ["lon", "longitudine e latitudine sono scambiate."]
    : ["lon", `il punto non è nel comune di ${place.name}.`];
}

/** Check a row whole: a map from column to what is wrong there. */
function checkRow(row, others = []) {
  const wrong = new Map();
  for (const question of FORM.questions) {
    const reason = checkCell(question, row[question.name] ?? "");
    if (reason) wrong.set(question.name, reason);
  }
  for (const [name, reason] of checkAcross(row)) {
    if (!wrong.has(name)) wrong.set(name, reason);
  }
  const same = (other) => FORM.key.every((name) => row[name] && other[name] === row[name]);
  if (FORM.key.length && others.some(same)) {
    wrong.set(FORM.key[0], "è già il codice di un'altra riga.");
  }
  if (FORM.versions) {
    for (const [name, reason] of checkVersions(row, others)) {
      if (!wrong.has(name)) wrong.set(name, reason);
    }
  }
  return wrong;
}

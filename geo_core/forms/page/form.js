// The form: reads the controls into a row, keeps the rows, saves and re-opens them.

const rows = [];
const touched = new Set();
let editing = null;
let dirty = false;
let filled = false;
let tried = false;

const byId = (id) => document.getElementById(id);
const control = (name) => byId(`q-${name}`);
const columns = FORM.questions.map((q) => q.name);
const required = FORM.questions.filter((q) => q.required).map((q) => q.name);
const questions = new Map(FORM.questions.map((q) => [q.name, q]));
const lasting = new Set(["periodo", "id_org", "id_sede"].filter((name) => !FORM.key.includes(name)));
const isList = (q) => q.type === "codes" || q.type === "several";

const place = FORM.position ? createPlace() : null;

function boxes(name) {
  return [...control(name).querySelectorAll("input")];
}

function answer(question) {
  const { name } = question;
  if (isList(question)) {
    return boxes(name).filter((box) => box.checked).map((box) => box.value).join(";");
  }
  // A day that is only half written has no value, and must not pass for an empty one.
  if (control(name).validity.badInput) return "?";
  return tidied(question, control(name).value);
}

function currentRow() {
  return Object.fromEntries(FORM.questions.map((q) => [q.name, answer(q)]));
}

function others() {
  return rows.filter((row) => row !== editing);
}

function fill(row) {
  for (const question of FORM.questions) {
    const text = row[question.name] ?? "";
    if (isList(question)) fillBoxes(question, text);
    else if (question.name !== "unita_luogo") fillControl(question, text);
  }
  place?.fill(row);
  touched.clear();
  for (const name of columns) tell(name, null);
  summarise(new Map());
  filled = false;
  tried = false;
  followReserved();
}

function fillBoxes(question, text) {
  const items = new Set(text.split(";").filter(Boolean));
  for (const box of boxes(question.name)) {
    box.checked = items.delete(box.value);
    if (box.dataset.added) box.parentElement.remove();
  }
  for (const item of items) addBox(question, item);
}

/** What a file holds and the form does not offer is shown, so that it can be taken away. */
function addBox(question, value) {
  const label = document.createElement("label");
  const box = Object.assign(document.createElement("input"), {
    type: "checkbox", name: question.name, value, checked: true,
  });
  box.dataset.added = "yes";
  label.append(box, ` ${value}`);
  control(question.name).querySelector(".boxes").append(label);
}

function fillControl(question, text) {
  const field = control(question.name);
  field.querySelector?.("option[data-added]")?.remove();
  if (field.tagName === "SELECT" && text && ![...field.options].some((o) => o.value === text)) {
    const option = new Option(text, text);
    option.dataset.added = "yes";
    field.add(option);
  }
  field.value = text;
  if (field.tagName === "SELECT" && field.selectedIndex < 0) field.selectedIndex = 0;
}

/** A secret place is told nowhere: its controls are shut and empty. */
function followReserved() {
  if (!FORM.reserved) return;
  const shut = control("riservata").value === "true";
  for (const name of FORM.reserved.withheld) {
    const field = control(name);
    field.disabled = shut;
    if (shut) field.value = "";
  }
  byId("map").hidden = shut;
}

// What is wrong, beside its control and in the summary

function tell(name, reason) {
  const text = reason ? `${questions.get(name).title}: ${reason}` : "";
  if (byId(`e-${name}`).textContent !== text) byId(`e-${name}`).textContent = text;
  const field = control(name);
  if (reason) field.setAttribute("aria-invalid", "true");
  else field.removeAttribute("aria-invalid");
}

function review() {
  const row = currentRow();
  const wrong = checkRow(row, others());
  for (const name of touched) tell(name, tried || row[name] ? wrong.get(name) : null);
  return wrong;
}

function summarise(wrong) {
  const box = byId("summary");
  box.hidden = wrong.size === 0;
  box.replaceChildren();
  if (!wrong.size) return;
  const title = document.createElement("h3");
  title.textContent = wrong.size === 1 ? "C'è un errore" : `Ci sono ${wrong.size} errori`;
  const list = document.createElement("ul");
  for (const [name, reason] of wrong) {
    const link = document.createElement("a");
    link.href = `#q-${name}`;
    link.textContent = `${questions.get(name).title}: ${reason}`;
    link.addEventListener("click", (event) => {
      event.preventDefault();
      focusOn(name);
    });
    const item = document.createElement("li");
    item.append(link);
    list.append(item);
  }
  box.append(title, list);
  box.focus();
}

function focusOn(name) {
  const field = control(name);
  const target = isList(questions.get(name)) ? boxes(name)[0] ?? field : field;
  target.focus();
}

function say(text) {
  byId("said").textContent = text;
}

// Rows

function submit(event) {
  event.preventDefault();
  const row = currentRow();
  const wrong = checkRow(row, others());
  tried = true;
  for (const name of columns) {
    touched.add(name);
    tell(name, wrong.get(name));
  }
  summarise(wrong);
  if (wrong.size) return;
  if (editing) rows[rows.indexOf(editing)] = row;
  else rows.push(row);
  say(editing ? "La riga è corretta." : "La riga è nell'elenco.");
  dirty = true;
  fresh(row);
  byId("row-title").focus();
}

/** Make the form ready for another row; what does not change from row to row stays. */
function fresh(last = {}) {
  editing = null;
  const kept = Object.entries(last).filter(([name]) => lasting.has(name));
  fill({ ...defaults(), ...Object.fromEntries(kept) });
  showState();
}

function defaults() {
  const month = questions.get("periodo")?.options?.at(-1)?.[0];
  const only = FORM.questions.filter((q) => q.required && q.options?.length === 1 && !isList(q));
  return {
    ...(month ? { periodo: month } : {}),
    ...Object.fromEntries(only.map((q) => [q.name, q.options[0][0]])),
  };
}

function edit(row) {
  editing = row;
  fill(row);
  for (const name of columns) touched.add(name);
  tried = true;
  review();
  showState();
  byId("row-title").focus();
}

function duplicate(row) {
  fresh();
  const unlike = Object.fromEntries(
    ["pseudonimo", "pseudonimo_nucleo", ...FORM.key.slice(0, 1)].map((name) => [name, ""]),
  );
  fill({ ...row, ...unlike });
  filled = true;
  say("I valori della riga sono copiati nella riga nuova: cambiarli e aggiungerla.");
  byId("row-title").focus();
}

function remove(row) {
  if (!window.confirm(`Eliminare la riga ${rows.indexOf(row) + 1}?`)) return;
  rows.splice(rows.indexOf(row), 1);
  dirty = true;
  if (editing === row) fresh();
  showState();
  say("La riga è eliminata.");
  byId("list-title").focus();
}

function showState() {
  const n = rows.length;
  const words = n === 1 ? "1 riga nell'elenco" : `${n || "Nessuna"} ${n ? "righe" : "riga"} nell'elenco`;
  const state = !n || !dirty ? "" : ", da salvare";
  byId("count").textContent = `${words}${state}.`;
  byId("row-title").textContent = editing
    ? `Correzione della riga ${rows.indexOf(editing) + 1}`
    : "Nuova riga";
  byId("add").textContent = editing ? "Salva la correzione" : "Aggiungi la riga";
  byId("cancel").hidden = !editing;
  drawRows(rows, { edit, duplicate, remove });
}

// Files

function save() {
  if (!rows.length) return say("Non c'è ancora nessuna riga da salvare.");
  const wrong = rows.findIndex((row) => checkRow(row, rows.filter((r) => r !== row)).size);
  if (wrong >= 0) {
    edit(rows[wrong]);
    return say(`Il file non è salvato: la riga ${wrong + 1} è da correggere o da eliminare.`);
  }
  const unfinished = "C'è una riga iniziata e non aggiunta all'elenco. Salvare senza di essa?";
  if ((filled || editing) && !window.confirm(unfinished)) return undefined;
  const name = `${FORM.kind}-${FORM.body.code}.csv`;
  download(name, written(columns, rows));
  dirty = false;
  showState();
  return say(`Il file ${name} è nella cartella dei file scaricati, con ${rows.length} righe.`);
}

function download(name, text) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

async function resume(event) {
  const [file] = event.target.files;
  if (!file) return;
  const bytes = await file.arrayBuffer();
  event.target.value = "";
  const warning = "Nell'elenco ci sono righe non salvate, che si perdono. Continuare?";
  if (dirty && !window.confirm(warning)) return;
  try {
    take(rowsOf(decoded(bytes), columns, required));
  } catch (error) {
    say(`Il file non è stato ripreso: ${error.message}`);
  }
}

function take(found) {
  if (found.length > 2000) throw new Error("ha più di 2000 righe: conviene un foglio Excel.");
  const tidy = ([name, text]) => [name, tidied(questions.get(name), text)];
  rows.splice(0, rows.length, ...found.map((r) => Object.fromEntries(Object.entries(r).map(tidy))));
  dirty = false;
  fresh();
  const wrong = rows.filter((row) => checkRow(row, rows.filter((r) => r !== row)).size).length;
  const state = wrong === 1 ? "una è da correggere" : `${wrong} sono da correggere`;
  say(`Righe riprese: ${rows.length}${wrong ? `; ${state}` : ", tutte in ordine"}.`);
}

// Wiring

byId("row").addEventListener("submit", submit);
byId("row").addEventListener("change", (event) => {
  filled = true;
  if (event.target.name) touched.add(event.target.name);
  if (event.target.name === "riservata") followReserved();
  review();
});
byId("row").addEventListener("input", (event) => {
  filled = true;
  const question = questions.get(event.target.name);
  // Free text is told at once: the sign of a person is not to be written to its end.
  if (question?.type === "text" && !question.options && !question.pattern) touched.add(question.name);
  review();
});
byId("cancel").addEventListener("click", () => fresh());
byId("save").addEventListener("click", save);
byId("resume").addEventListener("change", resume);
window.addEventListener("beforeunload", (event) => {
  if (dirty || filled) event.preventDefault();
});
byId("row").reset();
fresh();

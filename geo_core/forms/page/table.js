// The rows entered so far, as a table.

function cellTitle(question, text) {
  if (!text) return "";
  if (question.name === "unita_luogo") {
    const cell = PLACES.byCell.get(text);
    return PLACES.byCode.get(text)?.name ?? (cell ? `${cell.home.name}: ${whereabouts(cell, cell.home)}` : text);
  }
  if (!question.options) return text;
  const titles = new Map(question.options);
  const items = isList(question) ? text.split(";") : [text];
  return items.map((item) => titles.get(item) ?? item).join("; ");
}

/** Draw the rows; `actions` has a function of a row for each button. */
function drawRows(rows, actions) {
  const shown = FORM.questions.filter((q) => q.required || rows.some((row) => row[q.name]));
  const table = document.getElementById("rows");
  table.replaceChildren();
  if (!rows.length) return;
  const head = table.createTHead().insertRow();
  for (const title of ["Riga", ...shown.map((q) => q.title), "Azioni"]) {
    head.append(Object.assign(document.createElement("th"), { scope: "col", textContent: title }));
  }
  const body = table.createTBody();
  rows.forEach((row, i) => drawRow(body.insertRow(), row, i + 1, { rows, shown, actions }));
}

function drawRow(line, row, number, { rows, shown, actions }) {
  const wrong = checkRow(row, rows.filter((other) => other !== row));
  const head = document.createElement("th");
  Object.assign(head, { scope: "row", textContent: wrong.size ? `${number} (da correggere)` : number });
  line.classList.toggle("wrong", wrong.size > 0);
  line.append(head);
  for (const question of shown) {
    line.insertCell().textContent = cellTitle(question, row[question.name]);
  }
  const last = line.insertCell();
  const buttons = [["Correggi", actions.edit], ["Duplica", actions.duplicate], ["Elimina", actions.remove]];
  for (const [name, act] of buttons) {
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: name });
    button.setAttribute("aria-label", `${name} la riga ${number}`);
    button.addEventListener("click", () => act(row));
    last.append(button);
  }
}

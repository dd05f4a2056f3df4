// Reads and writes CSV (RFC 4180), as the sources of the product do.

const SEPARATORS = ["\t", ";", ","];

/** Text of a file: UTF-8, else Windows-1252, as old spreadsheets save. */
function decoded(bytes) {
  for (const encoding of ["utf-8", "windows-1252"]) {
    try {
      return new TextDecoder(encoding, { fatal: true }).decode(bytes);
    } catch {
      // The next one, then.
    }
  }
  throw new Error("il file non è un testo leggibile.");
}

function separatorOf(text) {
  const header = text.split(/\r?\n/u, 1)[0].replace(/"[^"]*"/gu, "");
  return SEPARATORS.find((separator) => header.includes(separator)) ?? ",";
}

/** Rows of cells, without blanks around them. */
function parsed(text) {
  const separator = separatorOf(text);
  const rows = [];
  let row = [];
  let at = 0;
  while (at < text.length) {
    const [cell, end] = text[at] === '"' ? quoted(text, at) : bare(text, at, separator);
    row.push(cell.trim());
    at = end;
    if (text[at] === separator) {
      at += 1;
      if (at < text.length) continue;
      row.push("");
    }
    const line = /^\r?\n|^\r|^$/u.exec(text.slice(at, at + 2));
    if (!line) throw new Error(`riga ${rows.length + 1}: le virgolette non sono a posto.`);
    at += line[0].length;
    rows.push(row);
    row = [];
  }
  return rows.filter((cells) => cells.length > 1 || cells[0]);
}

function quoted(text, start) {
  let cell = "";
  let at = start + 1;
  for (;;) {
    const end = text.indexOf('"', at);
    if (end < 0) throw new Error("manca la chiusura delle virgolette.");
    cell += text.slice(at, end);
    if (text[end + 1] !== '"') return [cell, end + 1];
    cell += '"';
    at = end + 2;
  }
}

function bare(text, start, separator) {
  let end = start;
  while (end < text.length && text[end] !== separator && !"\r\n".includes(text[end])) end += 1;
  return [text.slice(start, end), end];
}

/** A file as text: a header, then the rows. */
function written(columns, rows) {
  const cell = (text) => (/[",;\t\r\n]/u.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const line = (cells) => `${cells.map(cell).join(",")}\r\n`;
  return line(columns) + rows.map((row) => line(columns.map((name) => row[name] ?? ""))).join("");
}

/** Rows of a file as objects by column. */
function rowsOf(text, columns, required) {
  const [header, ...lines] = parsed(text);
  if (!header) throw new Error("il file è vuoto.");
  const strange = header.find((name) => !columns.includes(name));
  if (strange !== undefined) {
    throw new Error("ha una colonna che questo modulo non conosce: è di un altro tipo di dati.");
  }
  if (new Set(header).size !== header.length) throw new Error("ha due colonne con lo stesso nome.");
  const missing = required.find((name) => !header.includes(name));
  if (missing) throw new Error(`manca la colonna ${missing}.`);
  return lines.map((cells, i) => {
    if (cells.length !== header.length) {
      throw new Error(`riga ${i + 2}: ha ${cells.length} celle e non ${header.length}.`);
    }
    return Object.fromEntries(columns.map((name) => [name, cells[header.indexOf(name)] ?? ""]));
  });
}

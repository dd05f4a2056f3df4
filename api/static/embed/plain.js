// On a host of plain files: layer, figure and year of a map are a path, where a file stands. The
// rest of what is chosen stands in the query, which such a host does not read; this script does.

import { element } from "./dom.js";
import { say } from "./strings.js";

const PATH = ["layer", "field", "anno"];
const data = document.body.dataset;
const find = (id) => document.getElementById(id);

export const plain = "static" in data;

/** What the address in the browser asks for; a layer in its query is stronger than one in its path. */
export function asked() {
  const query = new URLSearchParams(location.search);
  if (query.has("layer")) return query;
  const [layer, ...more] = location.pathname.slice(root().pathname.length).split("/").filter(Boolean);
  const year = more.find((part) => /^\d{4}$/.test(part));
  const said = { layer, field: more.find((part) => part !== year), anno: year };
  for (const name of PATH) if (said[name] && !query.has(name)) query.set(name, said[name]);
  return query;
}

/** Tell whether the file that was read is of another map than the address asks for. */
export function elsewhere() {
  const query = new URLSearchParams(location.search);
  return PATH.some((name) => query.has(name));
}

/** Where the page of a choice is. */
export function addressOf(query) {
  const year = query.get("anno");
  const earlier = year && year !== find("anno")?.options[0].value ? year : null;
  const folders = [query.get("layer"), query.get("field"), earlier].filter(Boolean);
  const address = new URL(folders.map((name) => `${name}/`).join(""), root());
  address.search = readHere(query);
  return address.href;
}

/** Narrow a page to what was chosen, as nobody else has. */
export function narrow(page, query) {
  const form = page.getElementById("chooser");
  if (query.has("layer")) {
    for (const box of form.querySelectorAll("input[type=checkbox]")) box.toggleAttribute("checked", query.has(box.name));
  }
  for (const id of ["share", "language"]) page.getElementById(id).search = readHere(query);
  const option = [...form.elements.comune.options].find(({ value }) => value && value === query.get("comune"));
  if (option) narrowToTown(page, option);
}

function narrowToTown(page, option) {
  const [code, name] = [option.value, option.textContent];
  option.setAttribute("selected", "");
  page.getElementById("story").dataset.town = code;
  page.getElementById("story-title").append(` · ${name}`);
  const sheet = new URL(`../comuni/${code}/`, root()).href;
  page.getElementById("said").prepend(element("p", {}, `${say.table_of} ${name}. `, element("a", { href: sheet }, say.sheet)));
  for (const row of page.querySelectorAll("#table tbody tr")) row.hidden = !row.dataset.towns.split(" ").includes(code);
}

/** Write what puts this map into another page; elsewhere the service has a page for it. */
export function give() {
  const frame = find("frame").content.firstElementChild.cloneNode();
  frame.setAttribute("src", find("share").href.split("#")[0]);
  frame.setAttribute("title", find("story-title").textContent);
  find("code").textContent = frame.outerHTML;
  find("give").hidden = false;
}

function readHere(query) {
  return new URLSearchParams([...query].filter(([name, value]) => value && ![...PATH, "lang"].includes(name))).toString();
}

function root() {
  return new URL(data.page.replace(/\/?$/, "/"));
}

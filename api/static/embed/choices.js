// The form beside the map: a change asks for the page anew and puts its parts in place, so that
// what is read is always what the server wrote.

import { addressOf, asked, elsewhere, give, narrow, plain } from "./plain.js";

const PARTS = ["chooser", "story", "offices", "opportunities", "figure", "share", "snippet", "language"];
// Of one layer only: another has its own.
const OWN = ["field", "anno"];

const find = (id) => document.getElementById(id);
const here = () => location.pathname + location.search;

let shown = here(); // the address of what stands on the page

/** What is chosen, as the page says it; `spot` is a place that the address asked for. */
export function chosen() {
  const { layer, field, year, town, spot } = find("story").dataset;
  const form = find("chooser");
  const points = [...form.querySelectorAll("input[type=checkbox]:checked")].map((box) => box.name);
  const [lon, lat] = spot?.split(" ").map(Number) ?? [];
  return { layer, field, year, town, points, spot: spot ? { lon, lat } : null };
}

/** Leave the place that the address asked for: another one was found. */
export function forgetPlace() {
  const without = (search) => {
    const query = new URLSearchParams(search);
    query.delete("luogo");
    return query.size ? `?${query}` : "";
  };
  find("chooser").elements.luogo?.remove();
  for (const id of ["share", "snippet", "language"]) if (find(id)) find(id).search = without(find(id).search);
  writeAddress(`${location.pathname}${without(location.search)}`);
}

/**
 * Call `onChange()` after the page has followed a change of the form; `onFail()` if it cannot.
 * What is returned waits for what an address chose that no server has read.
 */
export function follow(onChange, onFail) {
  let last = null; // the page that is on its way, and whether Back or Forward asked for it
  document.body.dataset.scripted = "true";
  const show = async (query, target) => {
    const asking = (last = { passing: !target });
    try {
      const page = await fetchPage(query);
      if (asking !== last) return;
      if (plain) narrow(page, query);
      replaceParts(page, target);
      if (target) history.pushState(null, "", `${plain ? addressOf(query) : `?${query}`}${location.hash}`);
      shown = here();
      if (plain) give();
      onChange();
    } catch {
      if (asking !== last) return;
      find("chooser").reset(); // to what the server wrote last
      writeAddress(shown);
      onFail();
    }
  };
  document.addEventListener("change", ({ target }) => {
    if (target.form?.id === "chooser") show(queryOf(target.form, target.name === "layer" ? OWN : []), target);
  });
  document.addEventListener("submit", (event) => {
    if (event.target.id === "chooser") event.preventDefault();
  });
  // Back and forward. A new place in the page is none; but whoever comes back to what is shown
  // does not wait for where they went.
  window.addEventListener("popstate", () => {
    if (here() !== shown) show(plain ? asked() : new URLSearchParams(location.search), null);
    else if (last?.passing) last = null;
  });
  if (plain && elsewhere()) return show(asked(), null);
  if (plain && location.search) narrow(document, asked());
  if (plain) give();
  return Promise.resolve();
}

function writeAddress(address) {
  shown = address;
  history.replaceState(null, "", `${address}${location.hash}`);
}

function queryOf(form, without) {
  const pairs = [...new FormData(form)].filter(([name, value]) => value && !without.includes(name));
  return new URLSearchParams(pairs);
}

async function fetchPage(query) {
  const address = plain ? addressOf(query) : `${document.body.dataset.page}?${query}`;
  const answer = await fetch(address, { headers: { Accept: "text/html" } });
  if (!answer.ok) throw new Error(answer.status);
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

function replaceParts(page, target) {
  for (const part of PARTS) {
    const fresh = page.getElementById(part);
    if (fresh) find(part)?.replaceWith(document.importNode(fresh, true));
  }
  if (!target) return;
  const again = target.id ? find(target.id) : find("chooser").elements[target.name];
  again?.focus({ preventScroll: true });
}

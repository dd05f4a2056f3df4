// The form beside the map: a change asks for the page anew and puts its parts in place, so that
// what is read is always what the server wrote.

const PARTS = ["chooser", "story", "offices", "opportunities", "figure", "share", "snippet", "language"];
// Of one layer only: another has its own.
const OWN = ["field", "anno"];

const find = (id) => document.getElementById(id);

/** What is chosen, as the page says it. */
export function chosen() {
  const { layer, field, year, town } = find("story").dataset;
  const form = find("chooser");
  const points = [...form.querySelectorAll("input[type=checkbox]:checked")].map((box) => box.name);
  return { layer, field, year, town, points };
}

/** Call `onChange()` after the page has followed a change of the form; `onFail()` if it cannot. */
export function follow(onChange, onFail) {
  let last = null;
  let shown = location.search;
  document.body.dataset.scripted = "true";
  const show = async (query, target) => {
    const asked = (last = fetchPage(query));
    try {
      const page = await asked;
      if (asked !== last) return;
      if (document.body.dataset.static) narrow(page, query);
      replaceParts(page, target);
      if (target) history.pushState(null, "", `?${query}${location.hash}`);
      shown = location.search;
      onChange();
    } catch {
      if (asked !== last) return;
      find("chooser").reset(); // to what the server wrote last
      onFail();
    }
  };
  document.addEventListener("change", ({ target }) => {
    if (target.form?.id === "chooser") show(queryOf(target.form, target.name === "layer" ? OWN : []), target);
  });
  document.addEventListener("submit", (event) => {
    if (event.target.id === "chooser") event.preventDefault();
  });
  // Back and forward; a new place in the page is none.
  window.addEventListener("popstate", () => {
    if (location.search !== shown) show(new URLSearchParams(location.search), null);
  });
}

function queryOf(form, without) {
  const pairs = [...new FormData(form)].filter(([name, value]) => value && !without.includes(name));
  return new URLSearchParams(pairs);
}

/** Where the page of a choice is: a host of plain files knows paths alone. */
function addressOf(query) {
  const { page, static: plain } = document.body.dataset;
  if (!plain) return `${page}?${query}`;
  const year = query.get("anno");
  const earlier = year && year !== find("anno")?.options[0].value;
  return [page.replace(/\/$/, ""), query.get("layer"), earlier ? year : query.get("field"), ""].filter((part) => part !== null).join("/");
}

async function fetchPage(query) {
  const answer = await fetch(addressOf(query), { headers: { Accept: "text/html" } });
  if (!answer.ok) throw new Error(answer.status);
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

/** On a host of plain files nobody has narrowed the page to what was chosen. */
function narrow(page, query) {
  const form = page.getElementById("chooser");
  for (const [name, value] of query) {
    const field = form.elements[name];
    if (field?.type === "checkbox") field.setAttribute("checked", "");
    for (const option of field?.options ?? []) option.toggleAttribute("selected", option.value === value);
  }
  for (const box of form.querySelectorAll("input[type=checkbox]")) box.toggleAttribute("checked", query.has(box.name));
  const town = query.get("comune");
  if (!town) return;
  const name = [...form.elements.comune.options].find((option) => option.value === town).textContent;
  page.getElementById("story").dataset.town = town;
  for (const row of page.querySelectorAll("#table tbody tr")) {
    row.hidden = !row.dataset.id.startsWith(town) && ![...row.cells].some((cell) => cell.textContent === name);
  }
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

// The form beside the map: a change asks for the page anew and puts its parts in place, so that
// what is read is always what the server wrote.

const PARTS = ["chooser", "story", "offices", "opportunities", "figure", "share", "language"];
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
  document.addEventListener("change", async ({ target }) => {
    if (target.form?.id !== "chooser") return;
    const query = queryOf(target.form, target.name === "layer" ? OWN : []);
    const asked = (last = fetchPage(query));
    try {
      const page = await asked;
      if (asked !== last) return;
      replaceParts(page, target);
      history.replaceState(null, "", `?${query}${location.hash}`);
      onChange();
    } catch {
      if (asked === last) onFail();
    }
  });
  document.addEventListener("submit", (event) => {
    if (event.target.id === "chooser") event.preventDefault();
  });
}

function queryOf(form, without) {
  const pairs = [...new FormData(form)].filter(([name, value]) => value && !without.includes(name));
  return new URLSearchParams(pairs);
}

async function fetchPage(query) {
  const answer = await fetch(`${document.body.dataset.page}?${query}`, { headers: { Accept: "text/html" } });
  if (!answer.ok) throw new Error(answer.status);
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

function replaceParts(page, { id, name }) {
  for (const part of PARTS) {
    const fresh = page.getElementById(part);
    if (fresh) find(part)?.replaceWith(document.importNode(fresh, true));
  }
  const again = id ? find(id) : find("chooser").elements[name];
  again?.focus({ preventScroll: true });
}

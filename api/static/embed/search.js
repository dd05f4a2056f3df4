// The search field: places are looked for in the browser; the form asks the server only where
// scripts do not run. What is found stays through other choices until a municipality is chosen.

import { chosen, forgetPlace } from "./choices.js";
import { findPlaces, loadPlaces, showFound, showNearest } from "./places.js";
import { plain } from "./plain.js";
import { say } from "./strings.js";
import { hush, tell } from "./telling.js";

const find = (id) => document.getElementById(id);

/**
 * Answer the search field. `address` is where places and offices are, `base` that of the service;
 * `onFound()` is told of a place, which `spot()` returns from then on. `keep()` lists again what
 * is near after the page was put in place anew.
 */
export function addSearch(address, base, onFound) {
  const form = find("search");
  let own = null; // a place that was found here, and the municipality that was chosen then

  const keep = async () => {
    const { town } = chosen();
    if (own?.town !== town) own = null;
    if (!own && !(plain && town)) return;
    const { places, offices } = await loadPlaces(address);
    if (chosen().town !== town) return; // chosen since: it is called again
    const place = own?.place ?? places.find(({ kind, code }) => kind === "comune" && code === town);
    if (place) showNearest(find("offices"), place, offices, { base, found: Boolean(own) });
  };
  const show = async (place) => {
    own = { place, town: chosen().town };
    forgetPlace();
    await keep();
    find("found").replaceChildren();
    find("offices").focus();
    onFound();
  };
  // Of a click: a sandbox without `allow-forms` lets no form be submitted, and nobody hears of it.
  // The Enter key clicks, too.
  form.querySelector("button").addEventListener("click", async (event) => {
    event.preventDefault();
    try {
      const { places } = await loadPlaces(address);
      hush(say.no_places);
      const sought = findPlaces(places, form.elements.cerca.value);
      if (sought.found.length === 1) return await show(sought.found[0]);
      showFound(find("found"), sought, show);
      (find("found").querySelector("button") ?? find("found").querySelector("h2")).focus();
    } catch {
      // The service could look for it, but then it would be told.
      tell(say.no_places);
    }
  });
  return { keep, spot: () => own?.place ?? chosen().spot };
}

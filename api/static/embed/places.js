// Finding a place and the offices near it, in the browser: nobody is told what is looked for.

import { element } from "./dom.js";
import { lang, say } from "./strings.js";

const MOST = 12;
const NEAREST = 5;
const RADIUS_KM = 6371.0088;
const KINDS = ["comune", "localita", "via"];
const numbers = new Intl.NumberFormat(lang, { maximumFractionDigits: 1 });

let loaded = null;

/** Load places and offices, once; asked again after a failure. */
export function loadPlaces(address) {
  loaded ??= fetch(address)
    .then((answer) => (answer.ok ? answer.json() : Promise.reject(new Error(answer.status))))
    .then(({ places, offices }) => ({ places: places.map(placeOf), offices }))
    .catch((error) => { loaded = null; throw error; });
  return loaded;
}

function placeOf([id, name, kind, town, code, lon, lat]) {
  return { id, name, kind, town, code, lon, lat, words: wordsOf(`${name} ${town}`) };
}

/**
 * Places whose name and municipality hold words that begin like all that were asked for; what is
 * called just so comes first. Where there are none, `instead`: municipalities named beside it.
 */
export function findPlaces(places, text) {
  const asked = wordsOf(withoutNumber(plain(text)));
  if (asked.length === 0) return { found: [], instead: [] };
  const rank = ({ name, kind }) => {
    const own = wordsOf(name);
    return [own.join() !== asked.join(), KINDS.indexOf(kind), !own[0]?.startsWith(asked[0])].map(Number);
  };
  const found = places
    .filter((place) => asked.every((one) => place.words.some((word) => word.startsWith(one))))
    .map((place) => ({ place, rank: rank(place) }))
    .sort((a, b) => a.rank.reduce((so, part, at) => so || part - b.rank[at], 0) || inAlphabet(a.place, b.place))
    .slice(0, MOST)
    .map(({ place }) => place);
  const named = ({ name, kind }) => kind === "comune" && wordsOf(name).every((word) => asked.includes(word));
  return { found, instead: found.length ? [] : places.filter(named) };
}

const inAlphabet = (a, b) => (plain(a.name) < plain(b.name) ? -1 : Number(plain(a.name) > plain(b.name))) || (a.id < b.id ? -1 : 1);
const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
const wordsOf = (text) => plain(text).match(/[a-z0-9]+/g) ?? [];
// A house number is read over.
const withoutNumber = (text) => {
  const without = text.replace(/\b(n|num|numero|snc)\b\.?|\b\d+[a-z]?(\/[a-z0-9]+)?\b/g, " ");
  return /[a-z]/.test(without) ? without : text;
};

export function nearest(offices, { lon, lat }) {
  return offices
    .map((office) => ({ ...office, km: greatCircle(lon, lat, office.lon, office.lat) }))
    .sort((a, b) => a.km - b.km || (a.id < b.id ? -1 : 1))
    .slice(0, NEAREST);
}

/** Haversine formula on a sphere, kilometres. */
function greatCircle(lon, lat, lon2, lat2) {
  const radians = (degrees) => (degrees * Math.PI) / 180;
  const half = Math.sin(radians(lat2 - lat) / 2) ** 2
    + Math.cos(radians(lat)) * Math.cos(radians(lat2)) * Math.sin(radians(lon2 - lon) / 2) ** 2;
  return 2 * RADIUS_KM * Math.asin(Math.sqrt(Math.min(1, half)));
}

/** List places as buttons; `onChoose(place)` is told. */
export function showFound(box, { found, instead }, onChoose) {
  const listed = [...found, ...instead].map((place) => {
    const button = element("button", { type: "button", class: "link" }, place.name);
    button.addEventListener("click", () => onChoose(place));
    return element("li", {}, button, place.kind === "comune" ? null : element("small", {}, ` ${place.town}`));
  });
  box.replaceChildren(
    element("h2", { tabindex: "-1" }, say.found),
    instead.length ? element("p", {}, say.instead) : "",
    listed.length ? element("ul", { class: "plain" }, ...listed) : element("p", {}, say.not_found),
    found.length === MOST ? element("p", { class: "detail" }, say.cut) : "",
  );
}

/** List the offices nearest to a place; one that was `found` can be left. */
export function showNearest(section, place, offices, { base, found }) {
  section.hidden = false;
  section.querySelector("#leave").hidden = !found;
  section.querySelector("h2").textContent = `${say.nearest}: ${place.name}`;
  section.querySelector("ol").replaceChildren(...nearest(offices, place).map((office, at) => element("li", { id: at === 0 ? "offices-first" : null }, ...card(office, base))));
}

function card(office, base) {
  return [
    element("strong", {}, element("a", { href: pageOf(base, "sedi", office.id) }, office.name)), `, ${numbers.format(office.km)} km`,
    ...linesOf(office).flatMap((line) => [element("br"), line]),
  ];
}

/** What there is to say of an office, a line each. */
export function linesOf(office) {
  return [
    `${office.kind} · ${[office.address, office.town].filter(Boolean).join(", ")}${office.phone ? ` · ${office.phone}` : ""}`,
    `${say.hours}: ${office.hours ?? say.no_hours}`,
    office.services.length ? `${say.services}: ${office.services.join(", ")}` : null,
    office.steps === null ? null : (office.steps ? say.steps : say.no_steps),
  ].filter(Boolean);
}

/** Where all about a feature stands. */
export function pageOf(base, collection, id) {
  return `${base}/collections/${collection}/items/${encodeURIComponent(id)}?f=html&lang=${lang}`;
}

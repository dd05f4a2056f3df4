// Turns the picture of the page into a map, once all of the map is there: until then, and if
// anything fails, the page stays what it is: a picture, a legend and a table.

import { chosen, follow } from "./choices.js";
import { BACKGROUND, addBase, addPatterns, loadYears, showAreas, showPoints, showSelection, showSpot, showTown } from "./layers.js";
import { element } from "./dom.js";
import { findPlaces, linesOf, loadPlaces, pageOf, showFound, showNearest } from "./places.js";
import { plain } from "./plain.js";
import { addRoving } from "./roving.js";
import { readAddress, writePosition } from "./state.js";
import { locale, say } from "./strings.js";
import { fillPanel, nameOf, sentence, spoken } from "./values.js";

const LIBRARY = new URL("../vendor/maplibre-gl/", import.meta.url);
const SLOW = 3000;
const LATE = 20000;
const PADDING = { top: 16, right: 16, bottom: 40, left: 16 };
const still = matchMedia("(prefers-reduced-motion: reduce)");

/** The map cannot be drawn here; the message says why, in the reader's language. */
class Impossible extends Error {}

const find = (id) => document.getElementById(id);
const data = document.body.dataset;
const base = data.page.replace(/(\/en)?\/embed\/?$/, "");
let listener = async () => {};

const places = addSearch();
const followed = follow(() => { places.keep().catch(() => {}); listener().catch(() => giveUp(say.failed)); }, () => tell(say.unchanged));
followed.then(places.keep).catch(() => {}); // the list of places may not come
addPrint();
start().catch((error) => giveUp(error instanceof Impossible ? error.message : say.failed));

async function start() {
  // A sandbox without `allow-same-origin` forbids the workers that MapLibre needs.
  if (globalThis.origin === "null") throw new Impossible(say.sandboxed);
  const waits = [setTimeout(() => tell(say.loading), SLOW), setTimeout(() => tell(say.late), LATE)];
  try {
    const [library, config] = await Promise.all([import(new URL("maplibre-gl.js", LIBRARY)), fetchJson(data.config)]);
    library.setWorkerUrl(new URL("maplibre-gl-worker.js", LIBRARY).href);
    const map = makeMap(library, config);
    // What lacks a part would be a wrong map; the picture has all of it.
    const broken = new Promise((_, reject) => map.on("error", ({ error }) => reject(error)));
    await Promise.race([broken, map.once("load")]);
    addPatterns(map, config);
    addBase(map, config);
    await followed;
    const { area, year } = stateOf(config);
    await loadYears(area, year);
    run(map, config);
    await Promise.race([broken, map.once("idle")]);
    show(map, config);
  } finally {
    waits.forEach(clearTimeout);
  }
}

/** Put the map in place of the picture; on a narrow screen the box is lower from then on. */
function show(map, config) {
  data.ready = "true";
  find("state").hidden = true;
  map.resize();
  if (!readAddress().position) map.fitBounds(boundsOf(config), { padding: PADDING, animate: false });
  writePosition(map);
  map.on("error", () => tell(say.partial));
  map.on("moveend", () => writePosition(map));
}

function boundsOf(config) {
  return config.towns[chosen().town] ?? (config.base ?? config.areas[0]).source.bounds;
}

/** Leave the picture in its place, or put it back, and say why. */
function giveUp(text) {
  find("map").hidden = true;
  delete data.ready;
  listener = async () => {};
  tell(text);
}

async function fetchJson(address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(answer.status);
  return answer.json();
}

function makeMap(library, config) {
  const bounds = (config.base ?? config.areas[0]).source.bounds;
  const whole = { bounds: boundsOf(config), fitBoundsOptions: { padding: PADDING } };
  let map;
  find("map").hidden = false;
  try {
    map = new library.Map({
      container: "map", style: BACKGROUND, ...(readAddress().position ?? whole), locale,
      attributionControl: false, keyboard: false, dragRotate: false, pitchWithRotate: false, maxPitch: 0,
      minZoom: 6, maxZoom: 16, cooperativeGestures: window.self !== window.top,
      maxBounds: [bounds[0] - 1, bounds[1] - 1, bounds[2] + 1, bounds[3] + 1],
    });
  } catch {
    throw new Impossible(say.no_webgl);
  }
  map.touchZoomRotate.disableRotation();
  map.addControl(new library.NavigationControl({ showCompass: false }), "top-right");
  map.addControl(new library.ScaleControl({ maxWidth: 120 }), "bottom-left");
  const canvas = map.getCanvas();
  canvas.setAttribute("role", "application");
  canvas.setAttribute("aria-label", say.map);
  canvas.setAttribute("aria-describedby", "keys");
  return map;
}

function run(map, config) {
  let state = stateOf(config);
  let selection = null;
  const layers = { areas: [], points: [] };

  const draw = () => {
    layers.areas = showAreas(map, state.area, state.choice, state.year);
    layers.points = showPoints(map, config.points, state.points);
    showTown(map, config, state.town);
    clear();
    find("credit").textContent = state.area.attribution;
  };
  const select = (feature) => {
    selection = describe(map, config, state, feature);
    showSelection(map, selection.layer, feature.properties.id, state.year);
    const { layer, choice, row, properties, name } = selection;
    find("live").textContent = sentence(layer, choice, row, properties, name);
    markRow(feature.properties.id);
  };
  const open = async () => {
    const opened = selection;
    if (!opened) return;
    const words = await inWords(opened);
    if (opened !== selection) return;
    fillPanel(find("values"), { ...opened, ...words }, () => { clear(); map.getCanvas().focus(); });
    find("live").textContent = spoken(find("values"));
  };
  const clear = () => {
    selection = null;
    showSelection(map, state.area, null);
    find("values").hidden = true;
    find("live").textContent = "";
    markRow(null);
  };

  map.on("click", ({ point: { x, y } }) => {
    const near = [[x - 5, y - 5], [x + 5, y + 5]];
    const hit = map.queryRenderedFeatures(near, { layers: layers.points })[0]
      ?? map.queryRenderedFeatures([x, y], { layers: layers.areas })[0];
    if (!hit) return clear();
    select(hit);
    open();
  });
  addRoving(map, {
    areas: () => layers.areas,
    points: () => layers.points,
    selected: () => selection?.properties.id ?? null,
    rankOf: (feature) => rankOf(state, feature),
    onMove: (feature) => { select(feature); if (!find("values").hidden) open(); },
    onOpen: open, onClear: clear,
    onNothing: () => { find("live").textContent = say.nothing; },
  });
  listener = async (spot) => {
    const before = state;
    const next = stateOf(config);
    await loadYears(next.area, next.year);
    const now = stateOf(config);
    if (now.area !== next.area || now.year !== next.year) return; // chosen since: that comes next
    state = now;
    draw();
    if (spot) showSpot(map, spot);
    else if (state.town !== before.town) map.fitBounds(boundsOf(config), { padding: PADDING, animate: !still.matches });
  };
  draw();
}

/** What is chosen, in terms of the configuration. */
function stateOf(config) {
  const { layer, field, year, town, points } = chosen();
  const area = config.areas.find((one) => one.id === layer) ?? config.areas[0];
  const choice = area.choices.find((one) => one.field === field) ?? area.choices[0];
  return { area, choice, year, town, points: new Set(points) };
}

/** By what areas are ordered, the more severe the larger: class, figure shown, figure behind it. */
function rankOf({ area, choice }, feature) {
  const row = choice.rows[Number(feature.layer.id.split(":")[1])];
  const severe = row?.kind === "class" ? choice.rows.indexOf(row) : -1;
  const figures = [choice.field, area.measure].map((name) => Number(feature.properties[name]));
  return [severe, ...figures.map((figure) => (Number.isFinite(figure) ? figure : 0))];
}

function markRow(id) {
  document.querySelector("#table tr[aria-current]")?.removeAttribute("aria-current");
  if (id !== null) document.querySelector(`#table tr[data-id="${CSS.escape(id)}"]`)?.setAttribute("aria-current", "true");
}

/** Find out which layer and legend row a picked feature belongs to, and what to call it. */
function describe(map, config, state, feature) {
  const parts = feature.layer.id.split(":");
  const [kind, key] = [parts[0], parts.at(-1)];
  const { properties } = feature;
  if (kind === "point") {
    const layer = config.points.find((p) => p.id === key);
    return { layer, choice: null, row: null, properties, name: nameOf(layer, properties, null) };
  }
  const { area, choice } = state;
  const name = nameOf(area, properties, municipalityAt(map, config, feature));
  return { layer: area, choice, row: choice.rows[Number(key)], properties, name };
}

/** Of a point, where all about it stands; of an office also its hours and services, in words. */
async function inWords({ layer, choice, properties }) {
  if (choice) return {};
  const page = pageOf(base, layer.member, properties.id);
  if (layer.id !== "sedi") return { page };
  const { offices } = await loadPlaces(data.places).catch(() => ({ offices: [] }));
  const office = offices.find((one) => one.id === properties.id);
  return { page, lines: office && linesOf(office).map((line) => element("p", {}, line)) };
}

function municipalityAt(map, config, feature) {
  if (!config.base) return null;
  const ring = feature.geometry.coordinates.flat(feature.geometry.type === "Polygon" ? 1 : 2);
  const sum = ring.reduce(([x, y], [lon, lat]) => [x + lon, y + lat], [0, 0]);
  const at = map.project([sum[0] / ring.length, sum[1] / ring.length]);
  return map.queryRenderedFeatures(at, { layers: ["base"] })[0]?.properties[config.base.name] ?? null;
}

/**
 * Look for places in the browser; the form asks the server only where scripts do not run. What is
 * found stays through other choices, `keep()` sees to that, until a municipality is chosen.
 */
function addSearch() {
  const form = find("search");
  let last = null;
  const list = async ({ place }) => {
    const { offices } = await loadPlaces(data.places);
    showNearest(find("offices"), place, offices, base);
  };
  const keep = async () => {
    const { town } = chosen();
    if (last?.town !== town) last = null;
    if (!last && plain && town) {
      const { places } = await loadPlaces(data.places);
      const place = places.find(({ kind, code }) => kind === "comune" && code === town);
      if (place) last = { place, town };
    }
    if (last) await list(last);
  };
  const show = async (place) => {
    last = { place, town: chosen().town };
    await list(last);
    find("found").replaceChildren();
    find("offices").focus();
    listener(place);
  };
  // Of a click: a sandbox without `allow-forms` lets no form be submitted, and nobody hears of it.
  // The Enter key clicks, too.
  form.querySelector("button").addEventListener("click", async (event) => {
    event.preventDefault();
    try {
      const { places } = await loadPlaces(data.places);
      const sought = findPlaces(places, form.elements.cerca.value);
      if (sought.found.length === 1) return await show(sought.found[0]);
      showFound(find("found"), sought, show);
      (find("found").querySelector("button") ?? find("found").querySelector("h2")).focus();
    } catch {
      // The service could look for it, but then it would be told.
      tell(say.no_places);
    }
  });
  return { keep };
}

function addPrint() {
  find("print").hidden = false;
  find("print").querySelector("button").addEventListener("click", () => window.print());
  window.addEventListener("offline", () => tell(say.offline));
}

function tell(text) {
  const state = find("state");
  state.textContent = text;
  state.hidden = false;
}

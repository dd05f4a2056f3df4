// Turns the picture of the page into a map, once all of the map is there: until then, and if
// anything fails, the page stays what it is: a picture, a legend and a table.

import { chosen, follow } from "./choices.js";
import { BACKGROUND, addBase, addPatterns, loadYears, showAreas, showPoints, showSelection, showSpot, showTown } from "./layers.js";
import { element } from "./dom.js";
import { linesOf, loadPlaces, pageOf } from "./places.js";
import { addRoving } from "./roving.js";
import { addSearch } from "./search.js";
import { readAddress, writePosition } from "./state.js";
import { locale, say } from "./strings.js";
import { hush, tell } from "./telling.js";
import { fillPanel, nameOf, sentence, spoken } from "./values.js";

const LIBRARY = new URL("../vendor/maplibre-gl/", import.meta.url);
const SLOW = 3000;
const LATE = 20000;
const CLOSE = 11; // zoom at a place that was looked for
const PADDING = { top: 16, right: 16, bottom: 40, left: 16 };
const still = matchMedia("(prefers-reduced-motion: reduce)");

/** The map cannot be drawn here; the message says why, in the reader's language. */
class Impossible extends Error {}

const find = (id) => document.getElementById(id);
const data = document.body.dataset;
const base = data.page.replace(/(\/en)?\/embed\/?$/, "");
let listener = async () => {};
let over = false; // there is a picture, and no map will come in its place

const redraw = (again) => listener(again).catch(() => giveUp(say.failed));
const places = addSearch(data.places, base, () => redraw(true));
const keep = () => places.keep().catch(() => {}); // the list of places may not come
const followed = follow(() => { hush(say.unchanged); keep(); redraw(); }, () => tell(say.unchanged));
followed.then(keep);
addPrint();
addNetwork();
start().catch((error) => giveUp(error instanceof Impossible ? error.message : say.failed));

async function start() {
  // A sandbox without `allow-same-origin` forbids the workers that MapLibre needs.
  if (globalThis.origin === "null") throw new Impossible(say.sandboxed);
  const wait = (text, time) => setTimeout(() => over || tell(text), time);
  const waits = [wait(say.loading, SLOW), wait(say.late, LATE)];
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
    await run(map, config);
    await Promise.race([broken, map.once("idle")]);
    show(map, config);
  } finally {
    waits.forEach(clearTimeout);
  }
}

/** Put the map in place of the picture; on a narrow screen the box is lower from then on. */
function show(map, config) {
  if (over) return;
  data.ready = "true";
  hush(say.loading, say.late);
  map.resize();
  if (!readAddress().position) goTo(map, config, false);
  writePosition(map);
  map.on("error", () => tell(say.partial));
  map.on("moveend", () => writePosition(map));
}

/** Go to the place that was looked for, to the municipality, or show the whole province. */
function goTo(map, config, animate) {
  const spot = places.spot();
  if (spot) map.easeTo({ center: [spot.lon, spot.lat], zoom: CLOSE, animate });
  else map.fitBounds(boundsOf(config), { padding: PADDING, animate });
}

function boundsOf(config) {
  return config.towns[chosen().town] ?? (config.base ?? config.areas[0]).source.bounds;
}

/** Leave the picture in its place, or put it back, and say why. */
function giveUp(text) {
  over = true;
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

/** Draw what is chosen, now and after each change; waits for the first time. */
function run(map, config) {
  let state = null;
  let selection = null;
  const layers = { areas: [], points: [] };

  const draw = () => {
    layers.areas = showAreas(map, state.area, state.choice, state.year);
    layers.points = showPoints(map, config.points, state.points);
    showTown(map, config, state.town);
    showSpot(map, state.spot);
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
  listener = async (again) => {
    const before = state;
    state = await latest(config);
    draw();
    if (!data.ready) return; // it goes there when it is shown
    if (again || placeOf(state) !== placeOf(before)) goTo(map, config, !still.matches);
    writePosition(map);
  };
  return listener();
}

const placeOf = ({ spot, town }) => (spot ? `${spot.lon} ${spot.lat}` : town);

/** What is chosen, once all of it is here; what was left meanwhile is waited for by nobody. */
async function latest(config) {
  for (;;) {
    const { area, year } = stateOf(config);
    const left = (now) => now.area !== area || now.year !== year;
    const failed = await loadYears(area, year).then(() => null, (error) => error);
    const now = stateOf(config);
    if (left(now)) continue;
    if (failed) throw failed;
    return now;
  }
}

/** What is chosen, in terms of the configuration. */
function stateOf(config) {
  const { layer, field, year, town, points } = chosen();
  const area = config.areas.find((one) => one.id === layer) ?? config.areas[0];
  const choice = area.choices.find((one) => one.field === field) ?? area.choices[0];
  return { area, choice, year, town, points: new Set(points), spot: places.spot() };
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

function addPrint() {
  find("print").hidden = false;
  find("print").querySelector("button").addEventListener("click", () => window.print());
}

function addNetwork() {
  window.addEventListener("offline", () => tell(say.offline));
  window.addEventListener("online", () => hush(say.offline));
}

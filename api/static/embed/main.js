// Turns the page into a map. If anything fails, the page stays what it is: legend and table.

import { buildChooser, showLegend, showTable } from "./chooser.js";
import { BACKGROUND, addBase, addPatterns, showAreas, showPoints, showSelection } from "./layers.js";
import { addRoving } from "./roving.js";
import { readState, writeState } from "./state.js";
import { locale, say } from "./strings.js";
import { fillPanel, nameOf, sentence } from "./values.js";

const LIBRARY = new URL("../vendor/maplibre-gl/", import.meta.url);

/** The map cannot be drawn here; the message says why, in the reader's language. */
class Impossible extends Error {}

const find = (id) => document.getElementById(id);

start().catch((error) => tell(error instanceof Impossible ? error.message : say.failed));

async function start() {
  // A sandbox without `allow-same-origin` forbids the workers that MapLibre needs.
  if (globalThis.origin === "null") throw new Impossible(say.sandboxed);
  const [library, config] = await Promise.all([
    import(new URL("maplibre-gl.mjs", LIBRARY)),
    fetch(document.body.dataset.config).then((answer) => (answer.ok ? answer.json() : Promise.reject(new Error(answer.status)))),
  ]);
  library.setWorkerUrl(new URL("maplibre-gl-worker.mjs", LIBRARY).href);
  const state = readState(config);
  const map = makeMap(library, config, state);
  await map.once("load");
  addPatterns(map, config);
  addBase(map, config);
  run(map, config, state);
  find("table")?.removeAttribute("open");
}

function makeMap(library, config, state) {
  const bounds = (config.base ?? state.area).source.bounds;
  const from = state.position ?? { bounds, fitBoundsOptions: { padding: { top: 16, right: 16, bottom: 40, left: 16 } } };
  let map;
  try {
    map = new library.Map({
      container: "map", style: BACKGROUND, ...from, locale,
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

function run(map, config, state) {
  const layers = { areas: [], points: [] };
  let selection = null;

  const draw = () => {
    layers.areas = showAreas(map, state.area, state.choice);
    layers.points = showPoints(map, config.points, state.points);
    clear();
    showLegend(find("legend"), state);
    find("credit").textContent = state.area.attribution;
    showTable(config, state);
    writeState(state, map);
  };
  const select = (feature) => {
    selection = describe(map, config, state, feature);
    showSelection(map, selection.layer, feature.properties.id);
    const { layer, choice, row, properties, name } = selection;
    find("live").textContent = sentence(layer, choice, row, properties, name);
  };
  const open = () => selection && fillPanel(find("values"), selection, () => { clear(); map.getCanvas().focus(); });
  const clear = () => {
    selection = null;
    showSelection(map, state.area, null);
    find("values").hidden = true;
    find("live").textContent = "";
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
    onMove: (feature) => { select(feature); if (!find("values").hidden) open(); },
    onOpen: open, onClear: clear,
    onNothing: () => { find("live").textContent = say.nothing; },
  });
  map.on("moveend", () => writeState(state, map));
  map.on("error", () => tell(say.partial));
  buildChooser(find("chooser"), config, state, draw);
  draw();
  map.once("idle", () => { find("state").hidden = true; document.body.dataset.ready = "true"; });
}

/** Find out which layer and legend row a picked feature belongs to, and what to call it. */
function describe(map, config, state, feature) {
  const [kind, key] = feature.layer.id.split(":");
  const { properties } = feature;
  if (kind === "point") {
    const layer = config.points.find((p) => p.id === key);
    return { layer, choice: null, row: null, properties, name: nameOf(layer, properties, null) };
  }
  const { area, choice } = state;
  const name = nameOf(area, properties, municipalityAt(map, config, feature));
  return { layer: area, choice, row: choice.rows[Number(key)], properties, name };
}

function municipalityAt(map, config, feature) {
  if (!config.base) return null;
  const ring = feature.geometry.coordinates.flat(feature.geometry.type === "Polygon" ? 1 : 2);
  const sum = ring.reduce(([x, y], [lon, lat]) => [x + lon, y + lat], [0, 0]);
  const at = map.project([sum[0] / ring.length, sum[1] / ring.length]);
  return map.queryRenderedFeatures(at, { layers: ["base"] })[0]?.properties[config.base.name] ?? null;
}

function tell(text) {
  const state = find("state");
  state.textContent = text;
  state.hidden = false;
}

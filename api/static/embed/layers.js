// From the configuration to MapLibre layers. Order, from below: background, municipalities,
// the areas of the chosen layer, boundaries, points, selection, names.


const INK = "#17324d";

export const BACKGROUND = {
  version: 8,
  sources: {},
  layers: [{ id: "background", type: "background", paint: { "background-color": "#e3e9ef" } }],
};

/** Take the hatches of the styles, and draw the stipple for "a few persons move it". */
export function addPatterns(map, config) {
  map.addSprite("hatches", config.sprite);
  map.addImage("stipple", pattern(10, (draw) => {
    for (const [x, y] of [[5, 5], [15, 15]]) {
      // A white rim keeps the dots visible on the darkest class.
      dot(draw, x, y, 3.4, "#ffffff");
      dot(draw, x, y, 2.2, INK);
    }
  }), { pixelRatio: 2 });
}

function pattern(side, paint) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 2 * side;
  const draw = canvas.getContext("2d");
  paint(draw);
  return draw.getImageData(0, 0, 2 * side, 2 * side);
}

function dot(draw, x, y, radius, colour) {
  draw.fillStyle = colour;
  draw.beginPath();
  draw.arc(x, y, radius, 0, 2 * Math.PI);
  draw.fill();
}

export function addBase(map, config) {
  const { base } = config;
  if (base) {
    map.addSource("base", plain(base.source));
    const from = { source: "base", "source-layer": base.member };
    map.addLayer({ id: "base", type: "fill", ...from, paint: { "fill-color": "#ffffff" } });
    map.addLayer({
      id: "boundaries", type: "line", ...from,
      paint: { "line-color": "#3d5166", "line-opacity": 0.55, "line-width": ["interpolate", ["linear"], ["zoom"], 7, 0.4, 11, 1.2] },
    });
  }
  map.addSource("places", { type: "geojson", data: namesOf(config.places) });
  map.addLayer({
    id: "places", type: "symbol", source: "places",
    layout: {
      "text-field": ["get", "name"], "text-font": ["Titillium Web", "Segoe UI", "Arial"],
      "text-size": ["interpolate", ["linear"], ["zoom"], 8, ["case", [">", ["get", "residents"], 5000], 13, 11], 12, 15],
      "symbol-sort-key": ["-", 0, ["get", "residents"]], "text-padding": 6, "text-max-width": 8,
      // Offices stand in the middle of towns: names make room for them.
      "text-anchor": "bottom", "text-offset": [0, -0.45],
    },
    paint: { "text-color": INK, "text-halo-color": "#ffffff", "text-halo-width": 1.8 },
  });
}

function namesOf(places) {
  const features = places.map(([name, lon, lat, residents]) => ({
    type: "Feature",
    geometry: { type: "Point", coordinates: [lon, lat] },
    properties: { name, residents },
  }));
  return { type: "FeatureCollection", features };
}

/** Show the areas of one layer by one choice; return the ids of the layers that can be picked. */
export function showAreas(map, area, choice, year) {
  removeAll(map, "area:");
  const from = fromOf(map, area, year);
  const below = map.getLayer("boundaries") ? "boundaries" : "places";
  const picked = choice.rows.map((row, index) => {
    const filter = row.filter ? { filter: row.filter } : {};
    const id = `area:${index}`;
    const fill = row.pattern ? { "fill-pattern": `hatches:${row.pattern}` } : { "fill-color": row.colour };
    const edge = { "line-color": row.kind === "class" ? area.outline : "#8a949e", "line-width": 0.7 };
    map.addLayer({ id, type: "fill", ...from, ...filter, paint: fill }, below);
    map.addLayer({ id: `area:edge:${index}`, type: "line", ...from, ...filter, paint: edge }, below);
    return id;
  });
  if (area.unreliable) {
    map.addLayer({
      id: "area:stipple", type: "fill", ...from,
      filter: ["all", ["has", choice.field], ["==", ["get", area.unreliable.field], area.unreliable.value]],
      paint: { "fill-pattern": "stipple", "fill-opacity": 0.7 },
    }, below);
  }
  return picked;
}

/** Outline the municipality that is chosen. */
export function showTown(map, config, town) {
  removeAll(map, "town:");
  if (!town || !config.base) return;
  map.addLayer({
    id: "town:line", type: "line", source: "base", "source-layer": config.base.member,
    filter: ["==", ["get", "id"], town], paint: { "line-color": "#004d99", "line-width": 3 },
  }, "places");
}

/** Show the chosen points; return the ids of their layers. */
export function showPoints(map, points, chosen) {
  removeAll(map, "point:");
  return points.filter((point) => chosen.has(point.id)).flatMap((point) => {
    const id = `point:${point.id}`;
    const from = { source: sourceOf(map, point), "source-layer": point.member };
    // An area is outlined, so that it hides nothing and only its edge is picked.
    const edge = point.mixed ? [`point:edge:${point.id}`] : [];
    if (point.mixed) {
      map.addLayer({
        id: edge[0], type: "line", ...from, filter: ofShape("area"),
        paint: { "line-color": point.choices[0].rows[0].colour, "line-width": 2 },
      }, "places");
    }
    map.addLayer({
      id, type: "circle", ...from, ...(point.mixed ? { filter: ofShape("punto") } : {}),
      paint: {
        "circle-color": point.choices[0].rows[0].colour, "circle-stroke-color": point.outline,
        "circle-radius": ["interpolate", ["linear"], ["zoom"], 7, 3, 10, 5, 14, 9],
        "circle-stroke-width": ["interpolate", ["linear"], ["zoom"], 7, 1, 12, 2],
      },
    }, "places");
    return [id, ...edge];
  });
}

const ofShape = (shape) => ["==", ["get", "tipo_geometria"], shape];

const RING = { "circle-color": "#00000000", "circle-radius": 11, "circle-stroke-color": INK, "circle-stroke-width": 3 };

/** Outline one feature, by its property `id`; nothing if `id` is null. */
export function showSelection(map, layer, id, year) {
  removeAll(map, "selected:");
  if (id === null) return;
  const from = fromOf(map, layer, layer.mark === "circle" ? "" : year);
  const own = ["==", ["get", "id"], id];
  const draw = (name, type, paint, shape) => map.addLayer({
    id: `selected:${name}`, type, ...from, paint, filter: shape ? ["all", own, ofShape(shape)] : own,
  }, "places");
  if (layer.mixed) {
    draw("line", "line", { "line-color": "#004d99", "line-width": 5 }, "area");
    draw("ring", "circle", RING, "punto");
  } else if (layer.mark === "circle") {
    draw("ring", "circle", RING);
  } else {
    draw("halo", "line", { "line-color": "#ffffff", "line-width": 7 });
    draw("line", "line", { "line-color": "#004d99", "line-width": 3.5 });
  }
}

/** Mark a place that was looked for; none if `spot` is null. */
export function showSpot(map, spot) {
  const features = spot ? [{ type: "Feature", properties: {}, geometry: { type: "Point", coordinates: [spot.lon, spot.lat] } }] : [];
  const data = { type: "FeatureCollection", features };
  if (map.getSource("spot")) return map.getSource("spot").setData(data);
  map.addSource("spot", { type: "geojson", data });
  map.addLayer({ id: "spot", type: "circle", source: "spot", paint: { ...RING, "circle-radius": 14 } });
}

/** Tiles hold the latest year; of an earlier one come the features themselves. */
function fromOf(map, layer, year) {
  if (!year) return { source: sourceOf(map, layer), "source-layer": layer.member };
  const id = `source:${layer.id}:${year}`;
  if (!map.getSource(id)) map.addSource(id, { type: "geojson", data: seriesOf(layer, year) });
  return { source: id };
}

/** Load an earlier year of a layer; a host of plain files has all years in one. */
export async function loadYears(layer, year) {
  if (!year || layer.years?.[year]) return;
  const features = [];
  const one = `&datetime=${year}-01-01/${year}-12-31`;
  for (let address = layer.series + (document.body.dataset.static ? "" : one); address;) {
    const answer = await fetch(address);
    if (!answer.ok) throw new Error(answer.status);
    const page = await answer.json();
    features.push(...page.features.map(asInTiles));
    address = page.links.find((link) => link.rel === "next")?.href;
  }
  const found = Object.groupBy(features, (feature) => feature.properties.periodo_inizio.slice(0, 4));
  layer.years = { ...layer.years, [year]: [], ...found };
}

/** Tiles have no nulls, and the styles ask whether a property is there. */
function asInTiles(feature) {
  const said = Object.entries(feature.properties).filter(([, value]) => value !== null);
  return { ...feature, properties: Object.fromEntries(said) };
}

function seriesOf(layer, year) {
  return { type: "FeatureCollection", features: layer.years[year] };
}

function sourceOf(map, layer) {
  const id = `source:${layer.id}`;
  if (!map.getSource(id)) map.addSource(id, plain(layer.source));
  return id;
}

// The page states the attribution itself, as text.
function plain({ attribution, ...source }) {
  return source;
}

function removeAll(map, prefix) {
  for (const { id } of map.getStyle().layers) if (id.startsWith(prefix)) map.removeLayer(id);
}


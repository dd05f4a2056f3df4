// One tab stop for the whole map: arrow keys move from area to area (or, after P, from point to
// point), Enter opens the values.

const STEPS = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };
const still = matchMedia("(prefers-reduced-motion: reduce)");

/**
 * Handle the keys of a map.
 *
 * `areas()` and `points()` return the ids of the layers whose features can be selected,
 * `selected()` the selected id or null, `rankOf(feature)` numbers that grow with severity;
 * `onMove(feature)`, `onOpen()`, `onNothing()` and `onClear()` are told.
 */
export function addRoving(map, { areas, points, selected, rankOf, onMove, onOpen, onNothing, onClear }) {
  let pickable = areas;
  let last = null; // where the reader was, also after Escape

  const go = (feature) => {
    last = feature.properties.id;
    onMove(feature);
  };
  const here = (seen) => seen.get(selected()) ?? seen.get(last);

  map.getCanvas().addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = STEPS[event.key];
    if (step && event.shiftKey) pan(map, step, 0.25);
    else if (step) move(step);
    else if (event.key === "Home") jump(1);
    else if (event.key === "End") jump(-1);
    else if (event.key === "Enter" || event.key === " ") onOpen();
    else if (event.key === "Escape") onClear();
    else if (event.key.toLowerCase() === "p") swap();
    else if (event.key === "+" || event.key === "=") zoom(map, 1);
    else if (event.key === "-") zoom(map, -1);
    else return;
    event.preventDefault();
  });

  function move(step, again = true) {
    const seen = visible(map, pickable());
    const from = here(seen);
    const next = from ? nearest(seen, from, step) : closest(seen, middle(map));
    if (next) {
      reveal(map, next);
      go(next.feature);
    } else if (again) {
      pan(map, step, 0.4);
      map.once("idle", () => move(step, false));
    } else {
      onNothing();
    }
  }

  /** Go to the most severe area on the screen, or to the least. */
  function jump(sign) {
    const ranked = [...visible(map, areas()).values()].map((area) => ({ area, rank: rankOf(area.feature) }));
    const known = ranked.filter(({ rank: [severe] }) => severe >= 0);
    if (known.length === 0) return onNothing();
    pickable = areas;
    known.sort((a, b) => sign * b.rank.reduce((found, part, at) => found || part - a.rank[at], 0));
    reveal(map, known[0].area);
    go(known[0].area.feature);
  }

  /** Go from areas to points or back, to the one closest to where the reader is. */
  function swap() {
    const from = here(visible(map, pickable())) ?? middle(map);
    const other = pickable === areas ? points : areas;
    const next = closest(visible(map, other()), from);
    if (!next) return onNothing();
    pickable = other;
    go(next.feature);
  }
}

/** Areas or points on the screen by id: a fragment, and the middle of all fragments in pixels. */
function visible(map, layers) {
  const areas = new Map();
  for (const feature of map.queryRenderedFeatures({ layers })) {
    const id = feature.properties.id;
    const area = areas.get(id) ?? { id, feature, box: [Infinity, Infinity, -Infinity, -Infinity] };
    stretch(area.box, feature.geometry.coordinates);
    areas.set(id, area);
  }
  for (const area of areas.values()) {
    const [west, south, east, north] = area.box;
    area.centre = [(west + east) / 2, (south + north) / 2];
    const { x, y } = map.project(area.centre);
    Object.assign(area, { x, y });
  }
  return areas;
}

function stretch(box, coordinates) {
  if (typeof coordinates[0] !== "number") return coordinates.forEach((part) => stretch(box, part));
  const [x, y] = coordinates;
  box[0] = Math.min(box[0], x);
  box[1] = Math.min(box[1], y);
  box[2] = Math.max(box[2], x);
  box[3] = Math.max(box[3], y);
}

/** The nearest area within 60° of a direction; going off the line costs more than going far. */
function nearest(areas, here, [dx, dy]) {
  let best = null;
  let least = Infinity;
  for (const area of areas.values()) {
    const along = (area.x - here.x) * dx + (area.y - here.y) * dy;
    const aside = Math.abs((area.x - here.x) * dy) + Math.abs((area.y - here.y) * dx);
    if (area.id === here.id || along <= 1 || aside > 1.75 * along) continue;
    const cost = along + 2 * aside;
    if (cost < least) [best, least] = [area, cost];
  }
  return best;
}

function closest(areas, { x, y }) {
  const from = (a) => Math.hypot(a.x - x, a.y - y);
  return [...areas.values()].reduce((a, b) => (a && from(a) <= from(b) ? a : b), null);
}

function middle(map) {
  const { clientWidth, clientHeight } = map.getCanvas();
  return { x: clientWidth / 2, y: clientHeight / 2 };
}

/** Bring the middle of an area into view if it is near the edge or beyond. */
function reveal(map, area) {
  const { clientWidth, clientHeight } = map.getCanvas();
  const margin = 40;
  const inside = area.x > margin && area.x < clientWidth - margin && area.y > margin && area.y < clientHeight - margin;
  if (!inside) map.easeTo({ center: area.centre, animate: !still.matches });
}

function pan(map, [dx, dy], share) {
  const { clientWidth, clientHeight } = map.getCanvas();
  map.panBy([dx * clientWidth * share, dy * clientHeight * share], { animate: !still.matches });
}

function zoom(map, by) {
  map.easeTo({ zoom: map.getZoom() + by, animate: !still.matches });
}

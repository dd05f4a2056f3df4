// A small map of our own boundaries: choose a municipality, then a zone or a point in it.

const SVG = "http://www.w3.org/2000/svg";
const ARROWS = {
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
};

/**
 * Draw the map in the element #map and return what moves it.
 *
 * `choice` is told what was chosen: `town(code)`, `cell(index)` or `point(lon, lat)`.
 */
function createMap(choice) {
  const svg = document.getElementById("map-svg");
  const help = document.getElementById("map-help");
  const [lon0, lat0] = centreOf({ rings: PLACES.municipalities.flatMap((m) => m.rings) });
  const shrink = Math.cos((lat0 * Math.PI) / 180);
  const state = { town: null, chosen: null, point: null, view: null, options: [] };

  const project = ([lon, lat]) => [
    (lon - lon0) * METRES_IN_A_DEGREE * shrink,
    (lat0 - lat) * METRES_IN_A_DEGREE,
  ];
  const unproject = (x, y) => [
    lon0 + x / METRES_IN_A_DEGREE / shrink,
    lat0 - y / METRES_IN_A_DEGREE,
  ];
  const path = ({ rings }) =>
    rings.map((r) => `M${r.map((p) => project(p).map(Math.round).join(" ")).join("L")}Z`).join("");

  function element(name, attributes, parent = svg) {
    const made = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    parent.append(made);
    return made;
  }

  function show(view) {
    state.view = view;
    svg.setAttribute("viewBox", view.map(Math.round).join(" "));
  }

  function fit(shape) {
    const [west, south, east, north] = boundsOf(shape.rings);
    const [[x0, y0], [x1, y1]] = [project([west, north]), project([east, south])];
    const margin = Math.max(x1 - x0, y1 - y0) * 0.06;
    show([x0 - margin, y0 - margin, x1 - x0 + 2 * margin, y1 - y0 + 2 * margin]);
  }

  function centred([x, y], [, , width, height] = state.view) {
    show([x - width / 2, y - height / 2, width, height]);
  }

  function zoom(factor) {
    const [x, y, width, height] = state.view;
    const focus = state.options.find((o) => o.node === document.activeElement) ??
      state.options.find((o) => o.value === state.chosen);
    const middle = state.point ? project(state.point)
      : focus ? project(focus.centre)
      : [x + width / 2, y + height / 2];
    centred(middle, [x, y, width / factor, height / factor]);
    if (FORM.position === "point" && state.point) drawPoint();
  }

  function option(shape, value, name, classes) {
    const node = element("path", {
      d: path(shape),
      class: classes,
      role: "option",
      "aria-label": name,
      "aria-selected": String(value === state.chosen),
      tabindex: -1,
    });
    element("title", {}, node).textContent = name;
    state.options.push({ node, value, name, centre: centreOf(shape) });
  }

  function reset(role, label, words) {
    svg.replaceChildren();
    state.options = [];
    svg.setAttribute("role", role);
    svg.setAttribute("aria-label", label);
    // A point is moved with the focus on the whole map: it must not lose it when drawn again.
    if (role === "listbox") svg.removeAttribute("tabindex");
    help.textContent = words;
    document.getElementById("map-all").disabled = state.town === null;
  }

  function enter() {
    const first = state.options.find((o) => o.value === state.chosen) ?? state.options[0];
    first?.node.setAttribute("tabindex", 0);
  }

  function drawDistrict() {
    reset("listbox", "Mappa dei comuni del distretto",
      "Scegliere un comune: con un clic, o con le frecce e Invio.");
    for (const place of PLACES.municipalities) option(place, place.code, place.name, "town");
    fit({ rings: PLACES.municipalities.flatMap((m) => m.rings) });
    enter();
  }

  function outlines() {
    for (const place of PLACES.municipalities) {
      const classes = place === state.town ? "border chosen" : "border";
      element("path", { d: path(place), class: classes, "aria-hidden": "true" });
    }
  }

  function drawCells() {
    const place = state.town;
    reset("listbox", `Mappa delle zone di ${place.name}`,
      "Scegliere la zona: con un clic, o con le frecce e Invio. Le zone abitate sono più scure.");
    outlines();
    place.cells.forEach((position, i) => {
      const cell = PLACES.cells[position];
      const people = cell.inhabited ? "abitata" : "senza residenti";
      const name = `Zona ${i + 1} di ${place.cells.length}: ${whereabouts(cell, place)}, ${people}`;
      option(cell, cell.index, name, cell.inhabited ? "cell inhabited" : "cell");
    });
    fit(place);
    enter();
  }

  function drawTown() {
    reset("application", `Mappa di ${state.town.name}: frecce per muovere il mirino, Invio per fissarlo`,
      "Indicare il punto: con un clic, o con le frecce e Invio. Ingrandire per essere più precisi.");
    svg.setAttribute("tabindex", 0);
    outlines();
    fit(state.town);
    drawPoint();
  }

  function drawPoint() {
    svg.querySelector(".mark")?.remove();
    if (!state.point) return;
    const [x, y] = project(state.point);
    const size = Math.max(state.view[2], state.view[3]) / 24;
    const d = `M${x - size} ${y}H${x + size}M${x} ${y - size}V${y + size}`;
    element("path", { d, class: "mark", "aria-hidden": "true" });
  }

  function draw() {
    if (!state.town) drawDistrict();
    else if (FORM.position === "cell") drawCells();
    else drawTown();
  }

  function choose(found) {
    if (state.town) choice.cell(found.value);
    else choice.town(found.value);
    const now = state.options.find((o) => o.value === found.value) ?? state.options[0];
    (now?.node ?? svg).focus({ preventScroll: true });
  }

  function focusOn(found) {
    for (const o of state.options) o.node.setAttribute("tabindex", o === found ? 0 : -1);
    found.node.focus({ preventScroll: true });
    const [x, y] = project(found.centre);
    const [left, top, width, height] = state.view;
    if (x < left || x > left + width || y < top || y > top + height) centred([x, y]);
  }

  function neighbour(from, [dx, dy]) {
    const [x, y] = project(from.centre);
    let best = null;
    for (const o of state.options) {
      const [ox, oy] = project(o.centre);
      const along = (ox - x) * dx + (oy - y) * dy;
      const distance = Math.hypot(ox - x, oy - y);
      if (o === from || along < distance / 2) continue;
      const cost = distance * distance / along;
      if (!best || cost < best.cost) best = { cost, o };
    }
    return best?.o ?? from;
  }

  function optionKey(event) {
    const at = state.options.findIndex((o) => o.node === event.target);
    if (at < 0) return;
    if (event.key in ARROWS) focusOn(neighbour(state.options[at], ARROWS[event.key]));
    else if (event.key === "Home") focusOn(state.options[0]);
    else if (event.key === "End") focusOn(state.options.at(-1));
    else if (event.key === "Enter" || event.key === " ") choose(state.options[at]);
    else return;
    event.preventDefault();
  }

  function pointKey(event) {
    const step = Math.max(state.view[2], state.view[3]) / (event.shiftKey ? 200 : 40);
    if (event.key in ARROWS) {
      const [x, y] = project(state.point ?? centreOf(state.town));
      const [dx, dy] = ARROWS[event.key];
      state.point = unproject(x + dx * step, y + dy * step);
      drawPoint();
      const [left, top, width, height] = state.view;
      const [px, py] = project(state.point);
      if (px < left || px > left + width || py < top || py > top + height) centred([px, py]);
      choice.moved(...state.point);
    } else if (event.key === "Enter" && state.point) choice.point(...state.point);
    else return;
    event.preventDefault();
  }

  svg.addEventListener("keydown", (event) => {
    if (state.options.length) optionKey(event);
    else pointKey(event);
  });
  svg.addEventListener("click", (event) => {
    const found = state.options.find((o) => o.node === event.target);
    if (found) choose(found);
    else if (state.town && FORM.position === "point") {
      const there = new DOMPoint(event.clientX, event.clientY);
      const { x, y } = there.matrixTransform(svg.getScreenCTM().inverse());
      state.point = unproject(x, y);
      drawPoint();
      choice.point(...state.point);
    }
  });
  document.getElementById("map-in").addEventListener("click", () => zoom(2));
  document.getElementById("map-out").addEventListener("click", () => zoom(0.5));
  document.getElementById("map-all").addEventListener("click", () => choice.town(""));

  return {
    /** Show the district (no code) or a municipality, with a zone or a point chosen in it. */
    show(code, { cell = null, point = null } = {}) {
      const town = PLACES.byCode.get(code) ?? null;
      const same = town === state.town && state.view;
      Object.assign(state, { town, chosen: cell ?? (town ? null : code), point });
      const view = state.view;
      draw();
      if (same) {
        show(view);
        drawPoint();
      }
    },
  };
}

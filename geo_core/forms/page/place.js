// The place of a row: municipality and zone for a record about persons, a point for an office.

function changed(field, value) {
  field.value = value;
  field.dispatchEvent(new Event("change", { bubbles: true }));
}

function createPlace() {
  return FORM.position === "cell" ? createZone() : createPoint();
}

/** Municipality, then locality or zone of the map, or the municipality alone. */
function createZone() {
  const town = document.getElementById("town");
  const zone = document.getElementById("q-unita_luogo");
  const map = createMap({
    town: (code) => changed(town, code),
    cell: (index) => {
      offer(index);
      changed(zone, index);
    },
  });

  function offer(index) {
    const cell = PLACES.byCell.get(index);
    if (!cell || [...zone.options].some((option) => option.value === index)) return;
    zone.querySelector("[data-map]")?.remove();
    const option = new Option(`Zona della mappa: ${whereabouts(cell, home(cell))}`, index);
    option.dataset.map = "yes";
    zone.add(option);
  }

  function home(cell) {
    return PLACES.byCode.get(town.value) ?? cell.home;
  }

  function fillZones() {
    const code = town.value;
    zone.replaceChildren(new Option(code ? "– scegliere, anche sulla mappa –" : "– prima il comune –", ""));
    if (!code) return;
    zone.add(new Option("Si sa solo il comune", code));
    for (const [of, name, cell] of PLACES.localities) if (of === code) zone.add(new Option(name, cell));
  }

  town.addEventListener("change", () => {
    fillZones();
    map.show(town.value);
  });
  zone.addEventListener("change", () => {
    map.show(town.value, { cell: zone.value });
    const cell = PLACES.byCell.get(zone.value);
    document.getElementById("map-said").textContent = cell
      ? `Zona scelta: ${whereabouts(cell, home(cell))}.`
      : "";
  });

  return {
    fill(row) {
      const text = row.unita_luogo ?? "";
      const cell = PLACES.byCell.get(text);
      if (text) town.value = PLACES.byCode.has(text) ? text : cell?.home.code ?? "";
      fillZones();
      offer(text);
      // A place that is not known is kept, so that it is seen to be wrong.
      if (text && ![...zone.options].some((o) => o.value === text)) zone.add(new Option(text, text));
      zone.value = text;
      map.show(town.value, { cell: text });
      document.getElementById("map-said").textContent = "";
    },
  };
}

/** A point on the map or two coordinates. */
function createPoint() {
  const [town, lon, lat] = ["cod_istat", "lon", "lat"].map((n) => document.getElementById(`q-${n}`));
  const said = document.getElementById("map-said");
  const map = createMap({
    town: (code) => changed(town, code),
    point: (x, y) => {
      lon.value = x.toFixed(6);
      changed(lat, y.toFixed(6));
      lon.dispatchEvent(new Event("change", { bubbles: true }));
      said.textContent = `Punto fissato: ${told(x, y)}`;
    },
    moved: (x, y) => {
      said.textContent = told(x, y);
    },
  });

  function told(x, y) {
    const where = PLACES.byCode.get(town.value);
    const verdict = inside(where, x, y) ? "nel comune di" : "fuori dal comune di";
    return `${x.toFixed(4)}, ${y.toFixed(4)}, ${verdict} ${where.name}.`;
  }

  function show() {
    const numbers = [lon, lat].map((field) => Number(field.value.replace(",", ".")));
    const given = lon.value && lat.value && numbers.every(Number.isFinite);
    map.show(town.value, { point: given ? numbers : null });
  }

  for (const field of [town, lon, lat]) field.addEventListener("change", show);
  return {
    fill() {
      show();
      said.textContent = "";
    },
  };
}

// What the reader chose, kept in the address after `#`, so that a link shows the same map.

export function readState(config) {
  const given = new URLSearchParams(location.hash.slice(1));
  const area = config.areas.find((a) => a.id === given.get("layer")) ?? config.areas[0];
  const choice = area?.choices.find((c) => c.field === given.get("field")) ?? area?.choices[0];
  const named = given.get("over")?.split(",");
  const points = config.points.filter((p, i) => (named ? named.includes(p.id) : i === 0));
  return { area, choice, points: new Set(points.map((p) => p.id)), position: position(given.get("map")) };
}

export function writeState(state, map) {
  const { lng, lat } = map.getCenter();
  const at = [map.getZoom().toFixed(2), lat.toFixed(4), lng.toFixed(4)].join("/");
  const parts = new URLSearchParams({ layer: state.area.id });
  if (state.area.choices.length > 1) parts.set("field", state.choice.field);
  parts.set("over", [...state.points].join(","));
  const hash = `#${parts}&map=${at}`;
  history.replaceState(null, "", hash);
  const other = document.getElementById("language");
  other.hash = hash;
}

function position(text) {
  const [zoom, lat, lng] = (text ?? "").split("/").map(Number);
  const fits = zoom >= 0 && zoom <= 22 && Math.abs(lat) <= 85 && Math.abs(lng) <= 180;
  return fits ? { zoom, center: [lng, lat] } : null;
}

// Where the map is, kept in the address after `#`: nobody is told what a reader looks at.

export function readAddress() {
  const given = new URLSearchParams(location.hash.slice(1));
  const asked = new URLSearchParams(location.search);
  return { position: position(given.get("map") ?? asked.get("map")) };
}

export function writePosition(map) {
  const { lng, lat } = map.getCenter();
  const hash = `#map=${[map.getZoom().toFixed(2), lat.toFixed(4), lng.toFixed(4)].join("/")}`;
  history.replaceState(null, "", hash);
  for (const id of ["language", "share"]) document.getElementById(id).hash = hash;
}

function position(text) {
  const [zoom, lat, lng] = (text ?? "").split("/").map(Number);
  const fits = text && zoom >= 0 && zoom <= 22 && Math.abs(lat) <= 85 && Math.abs(lng) <= 180;
  return fits ? { zoom, center: [lng, lat] } : null;
}

// Municipalities and zones: their outlines unpacked, and questions of geometry about them.

const STEPS_IN_A_DEGREE = 1e6;
const NEAR = 2 / STEPS_IN_A_DEGREE;
const METRES_IN_A_DEGREE = 111_320;
const WINDS = ["nord", "nord-est", "est", "sud-est", "sud", "sud-ovest", "ovest", "nord-ovest"];

function unpacked(ring) {
  const steps = ring.split(" ").map((text) => Number.parseInt(text, 36));
  const points = [];
  let [x, y] = [0, 0];
  for (let i = 0; i < steps.length; i += 2) {
    x += steps[i];
    y += steps[i + 1];
    points.push([x / STEPS_IN_A_DEGREE, y / STEPS_IN_A_DEGREE]);
  }
  return points;
}

function unpackedPlaces(form) {
  const municipalities = (form.municipalities ?? []).map((place) => ({
    ...place,
    rings: place.rings.map(unpacked),
  }));
  const cells = (form.cells ?? []).map(([index, ring, inhabited, home]) => ({
    index,
    rings: [unpacked(ring)],
    inhabited: inhabited === 1,
    home: municipalities[home],
  }));
  return {
    municipalities,
    cells,
    localities: form.localities ?? [],
    byCode: new Map(municipalities.map((place) => [place.code, place])),
    byCell: new Map(cells.map((cell) => [cell.index, cell])),
  };
}

/** Whether a point is in a municipality, and farther than a few decimetres from its boundary. */
function inside({ rings }, lon, lat) {
  let odd = false;
  for (const ring of rings) {
    for (let i = 0, j = ring.length - 1; i < ring.length; j = i, i += 1) {
      const [a, b] = [ring[i], ring[j]];
      if (nearSegment(a, b, lon, lat)) return false;
      const crosses = a[1] > lat !== b[1] > lat;
      if (crosses && lon < ((b[0] - a[0]) * (lat - a[1])) / (b[1] - a[1]) + a[0]) odd = !odd;
    }
  }
  return odd;
}

function nearSegment([ax, ay], [bx, by], x, y) {
  const [dx, dy] = [bx - ax, by - ay];
  const length = dx * dx + dy * dy;
  const along = length ? ((x - ax) * dx + (y - ay) * dy) / length : 0;
  const t = Math.max(0, Math.min(1, along));
  return Math.hypot(ax + t * dx - x, ay + t * dy - y) < NEAR;
}

function boundsOf(rings) {
  const points = rings.flat();
  const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
}

function centreOf({ rings }) {
  const [west, south, east, north] = boundsOf(rings);
  return [(west + east) / 2, (south + north) / 2];
}

/** Where a zone is in its municipality, in words. */
function whereabouts(cell, place) {
  const names = PLACES.localities
    .filter(([code, , index]) => code === place.code && index === cell.index)
    .map(([, name]) => name);
  if (names.length) return names.join(", ");
  const [[x, y], [cx, cy]] = [centreOf(cell), centreOf(place)];
  const east = (x - cx) * METRES_IN_A_DEGREE * Math.cos((cy * Math.PI) / 180);
  const north = (y - cy) * METRES_IN_A_DEGREE;
  const km = Math.hypot(east, north) / 1000;
  if (km < 0.5) return "al centro del territorio comunale";
  const wind = WINDS[Math.round((Math.atan2(east, north) / Math.PI) * 4 + 8) % 8];
  return `${km.toFixed(1).replace(".", ",")} km a ${wind} del centro del territorio comunale`;
}

"""h3-js in a browser, told only the names of zones, says the same of them as this server."""

from __future__ import annotations

from pathlib import Path

import pytest

from checks.chromium import visit

ROOT = Path(__file__).resolve().parents[2]
H3_JS = ROOT / "web/node_modules/h3-js/dist/h3-js.umd.js"

COMPARE = """async ([base, origin, level]) => {
  const h3 = window.h3, wrong = [], counts = {zones: 0, infos: 0, sums: 0};
  const get = async (path) => {
    const answer = await fetch(base + path);
    if (!answer.ok) throw new Error(path + " " + answer.status);
    return answer.json();
  };
  const near = (a, b) => Math.abs(a - b) < 1e-9;
  const ringOf = (zone) => h3.cellToBoundary(zone, true);
  const sameRing = (a, b) => a.length === b.length
    && a.every((at, i) => near(at[0], b[i][0]) && near(at[1], b[i][1]));
  const grid = `${origin}/dggs/H3`;
  const list = `${grid}/zones?zone-level=${level}&compact-zones=false`;
  const shapes = (await get(`${list}&f=geojson`)).features;
  const names = (await get(list)).zones;
  if (JSON.stringify(names) !== JSON.stringify(shapes.map((one) => one.properties.zoneID)))
    wrong.push("the two lists differ");
  for (const one of shapes) {
    const zone = one.properties.zoneID;
    if (!h3.isValidCell(zone) || h3.getResolution(zone) !== level) wrong.push(`level of ${zone}`);
    if (!sameRing(one.geometry.coordinates[0], ringOf(zone))) wrong.push(`ring of ${zone}`);
    counts.zones += 1;
  }
  const compact = (await get(`${grid}/zones?zone-level=${level}`)).zones;
  const again = compact.flatMap((zone) => h3.cellToChildren(zone, level)).sort();
  if (JSON.stringify(again) !== JSON.stringify([...names].sort())) wrong.push("compact list");
  for (const zone of names.filter((_, i) => i % 40 === 0)) {
    const info = await get(`${grid}/zones/${zone}`);
    const led = (name) => info.links.filter((link) => link.rel === `[ogc-rel:dggrs-zone-${name}]`)
      .map((link) => link.href.split("/").pop()).sort();
    const same = (name, cells) => {
      if (JSON.stringify(led(name)) !== JSON.stringify([...cells].sort()))
        wrong.push(`${name} of ${zone}`);
    };
    if (level > 0) same("parent", [h3.cellToParent(zone, level - 1)]);
    same("neighbor", h3.gridDisk(zone, 1).filter((other) => other !== zone));
    if (led("child").length) same("child", h3.cellToChildren(zone, level + 1));
    const [lat, lon] = h3.cellToLatLng(zone);
    if (!near(info.centroid[0], lon) || !near(info.centroid[1], lat)) wrong.push(`centre ${zone}`);
    const area = h3.cellArea(zone, h3.UNITS.m2);
    if (Math.abs(info.areaMetersSquare / area - 1) > 1e-6) wrong.push(`area of ${zone}`);
    counts.infos += 1;
  }
  const top = h3.cellToParent(names[0], Math.max(0, level - 3));
  const depth = level - h3.getResolution(top);
  const packet = await get(`${grid}/zones/${top}/data?zone-depth=0,${depth}`);
  const own = (await get(`${grid}/zones/${top}/data?zone-depth=${depth}&f=geojson`)).features;
  const values = new Map(own.map((one) => [one.properties.zoneID, one.properties]));
  const order = h3.cellToChildren(top, level).sort();
  for (const [name, [, fine]] of Object.entries(packet.values)) {
    order.forEach((zone, i) => {
      const said = values.get(zone)?.[name] ?? null;
      if (said !== fine.data[i]) wrong.push(`${name} of ${zone}`);
    });
    counts.sums += 1;
  }
  return [wrong.slice(0, 20), counts];
}"""

PENTAGONS = """async ([base]) => {
  const h3 = window.h3, wrong = [];
  let seen = 0;
  for (const level of [0, 3, 7]) {
    for (const zone of h3.getPentagons(level)) {
      const info = await (await fetch(`${base}/dggs/H3/zones/${zone}`)).json();
      if (info.shapeType !== "pentagon") wrong.push(`shape of ${zone}`);
      const children = info.links.filter((link) => link.rel === "[ogc-rel:dggrs-zone-child]");
      if (children.length !== 6) wrong.push(`children of ${zone}`);
      const beside = info.links.filter((link) => link.rel === "[ogc-rel:dggrs-zone-neighbor]");
      if (beside.length !== 5) wrong.push(`neighbours of ${zone}`);
      const ring = h3.cellToBoundary(zone, true);
      const parts = info.geometry.type === "Polygon"
        ? [info.geometry.coordinates] : info.geometry.coordinates;
      const points = parts.flat(2);
      const known = (at) => points.some((p) => Math.abs(p[0] - at[0]) < 1e-9
        && Math.abs(p[1] - at[1]) < 1e-9);
      if (!ring.every(known)) wrong.push(`ring of ${zone}`);
      seen += 1;
    }
  }
  return [wrong, seen];
}"""


@pytest.fixture
def page(chromium, demo_server):
    with visit(chromium) as seen:
        # A document that is no page: it may load the library, which our pages would refuse.
        seen.open(f"{demo_server.url}/livez")
        seen.page.add_script_tag(path=H3_JS)
        yield seen.page
        assert seen.failed == []


@pytest.mark.parametrize(
    ("origin", "level"),
    [
        ("/collections/popolazione_h3_r8", 8),
        ("/collections/popolazione_h3_r8", 5),
        ("/collections/bisogni_h3_r8", 7),
        ("/collections/bisogni_h3_r8", 4),
        ("", 6),
    ],
)
def test_names_alone_give_outlines_relatives_and_the_order_of_values(
    page, demo_server, origin, level
):
    wrong, counts = page.evaluate(COMPARE, [demo_server.url, origin, level])
    assert wrong == []
    assert all(counts.values()), counts


def test_pentagons_have_five_sides_and_six_children(page, demo_server):
    wrong, seen = page.evaluate(PENTAGONS, [demo_server.url])
    assert wrong == []
    assert seen == 36

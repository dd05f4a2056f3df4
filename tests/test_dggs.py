"""Zones over HTTP: the figures of the features at every level, nothing lost, nothing more."""

from __future__ import annotations

import io

import h3
import numpy as np
import pyarrow.parquet as pq
import pytest
from starlette.testclient import TestClient

from api.app import create_app
from api.settings import Settings

LEVELS = range(9)
FINEST = {"popolazione_h3": 8, "offerta_h3": 8, "accessibilita_h3": 8, "rischio_h3": 7}
"""Families that are public as they stand."""


@pytest.fixture(scope="module")
def client(demo_home):
    with TestClient(create_app(Settings(releases=demo_home / "releases"))) as running:
        yield running


def asked(client, address, **params):
    said = {name.replace("_", "-"): value for name, value in params.items()}
    found = client.get(address, params=said or None)
    assert found.status_code == 200, found.text
    return found.json()


def zones(client, origin, level, **params):
    address = f"{origin}/dggs/H3/zones"
    return asked(client, address, zone_level=level, compact_zones="false", **params)["zones"]


def items(client, collection):
    return [one["properties"] for one in asked(
        client, f"/collections/{collection}/items", limit=10000
    )["features"]]  # fmt: skip


def values(client, origin, level, *names, **params):
    """Return by zone the values of fields at a level, from packets of all its ancestors."""
    first = max(0, level - 5)
    found = {}
    for zone in zones(client, origin, first) if first not in {6, 7} else []:
        packet = asked(
            client,
            f"{origin}/dggs/H3/zones/{zone}/data",
            zone_depth=level - first,
            properties=",".join(names),
            **params,
        )
        cells = sorted(h3.cell_to_children(zone, level))
        for at, cell in enumerate(cells):
            found[cell] = tuple(packet["values"][name][0]["data"][at] for name in names)
    return found


@pytest.mark.parametrize(("family", "level"), [(f, n) for f, last in FINEST.items()
                                               for n in LEVELS if n <= last])  # fmt: skip
def test_sums_are_the_same_at_every_level(client, family, level):
    collection = f"{family}_r{FINEST[family]}"
    rules = asked(client, f"/collections/{collection}/dggs/H3")["aggregation"]
    names = [name for name, said in rules.items() if said["rule"] == "sum"]
    assert names
    rows = items(client, collection)
    found = values(client, f"/collections/{collection}", level, *names)
    for place, name in enumerate(names):
        total = sum(row[name] or 0 for row in rows)
        assert sum(one[place] or 0 for one in found.values()) == total


@pytest.mark.parametrize("family", [f for f in FINEST if f != "rischio_h3"])
def test_summing_the_finest_features_gives_the_coarser_collection(client, family):
    rules = asked(client, f"/collections/{family}_r8/dggs/H3")["aggregation"]
    fine, coarse = items(client, f"{family}_r8"), items(client, f"{family}_r7")
    for name in (name for name, said in rules.items() if said["rule"] == "sum"):
        sums = {}
        for row in fine:
            if row[name] is not None:
                cell = h3.cell_to_parent(row["h3"], 7)
                sums[cell] = sums.get(cell, 0) + row[name]
        assert sums == {row["h3"]: row[name] for row in coarse if row[name] is not None}


@pytest.mark.parametrize("collection", ["popolazione_h3_r8", "bisogni_h3_r6", "bisogni_h3_r8"])
def test_the_own_level_has_the_values_of_the_features(client, collection):
    level = int(collection[-1])
    rows = {row["id"]: row for row in items(client, collection)}
    whole = [i for i in rows if "~" not in i and h3.get_resolution(i) == level]
    assert whole
    for zone in whole[:: max(1, len(whole) // 60)]:
        made = asked(client, f"/collections/{collection}/dggs/H3/zones/{zone}/data", f="geojson")
        (feature,) = made["features"]
        own = dict(feature["properties"])
        assert own.pop("zoneID") == feature["id"] == zone
        assert own.pop("zone_level") == level
        assert own.pop("zone_status") == "published"
        assert own.pop("zone_area") is None
        assert own == rows[zone]


def test_a_zone_in_a_larger_area_leads_to_it_and_says_no_more(client):
    origin = "/collections/bisogni_h3_r8"
    packets = [
        (zone, asked(client, f"{origin}/dggs/H3/zones/{zone}/data"))
        for zone in zones(client, origin, 8)[::40]
    ]
    merged = [(zone, packet) for zone, packet in packets if packet["areas"]]
    assert merged
    for zone, packet in merged:
        for name, (one,) in packet["status"].items():
            assert one["data"] == ["merged"], name
            assert packet["values"][name][0]["data"] == [None]
        info = asked(client, f"{origin}/dggs/H3/zones/{zone}")
        assert info["status"] == "merged"
        led = [one["href"] for one in info["links"] if one["rel"] == "related"]
        assert len(led) == len(packet["areas"])
        for address in led:
            area = client.get(address)
            assert area.status_code == 200
            held = h3.geo_to_cells(area.json()["geometry"], 8)
            assert zone in held
            assert len(held) > 1


@pytest.mark.parametrize("collection", ["bisogni_h3_r8", "domanda_h3_r8", "nuclei_h3_r8"])
def test_every_null_of_a_protected_theme_says_why(client, collection):
    origin, seen = f"/collections/{collection}", set()
    for zone in zones(client, origin, 6):
        packet = asked(client, f"{origin}/dggs/H3/zones/{zone}/data", zone_depth="0-2")
        for name, depths in packet["values"].items():
            for one, said in zip(depths, packet["status"][name], strict=True):
                assert one["shape"] == said["shape"] == {"count": len(one["data"]),
                                                         "subZones": len(one["data"])}  # fmt: skip
                for value, status in zip(one["data"], said["data"], strict=True):
                    assert (value is not None) == (status == "published")
                    seen.add(status)
    assert seen == {"published", "band", "merged", "no-data"}


def test_the_list_is_compact_unless_asked_otherwise_and_both_are_the_same_ground(client):
    origin = "/collections/popolazione_h3_r8"
    every = zones(client, origin, 8)
    compact = asked(client, f"{origin}/dggs/H3/zones", zone_level=8)
    assert len(compact["zones"]) < len(every)
    expanded = [c for z in compact["zones"] for c in h3.cell_to_children(z, 8)]
    assert sorted(expanded) == every == sorted(row["h3"] for row in items(client, origin[13:]))
    area = sum(h3.cell_area(cell, "m^2") for cell in every)
    assert compact["returnedAreaMetersSquare"] == pytest.approx(area)


@pytest.mark.parametrize("compact", ["true", "false"])
def test_pages_give_each_zone_once(client, compact):
    address = "/collections/popolazione_h3_r8/dggs/H3/zones"
    whole = asked(client, address, compact_zones=compact)
    found, page = [], asked(client, address, compact_zones=compact, limit=97)
    while True:
        found += page["zones"]
        assert page["numberMatched"] == len(whole["zones"])
        following = [one["href"] for one in page["links"] if one["rel"] == "next"]
        if not following:
            break
        assert len(page["zones"]) == 97
        page = asked(client, following[0])
    assert found == whole["zones"]


def test_a_box_a_subset_and_a_parent_give_what_geometry_says(client):
    origin, box = "/collections/popolazione_h3_r8", (8.3, 45.2, 8.5, 45.4)
    said = ",".join(map(str, box))
    found = zones(client, origin, 8, bbox=said)
    west, south, east, north = box
    meant = {
        cell
        for cell in zones(client, origin, 8)
        for ring in [h3.cell_to_boundary(cell)]
        if max(x for _, x in ring) >= west and min(x for _, x in ring) <= east
        and max(y for y, _ in ring) >= south and min(y for y, _ in ring) <= north
    }  # fmt: skip
    assert set(found) <= meant
    assert len(meant - set(found)) < len(found) / 20
    assert zones(client, origin, 8, subset=f"Lat({south}:{north}),Lon({west}:{east})") == found
    parent = h3.cell_to_parent(found[0], 6)
    below = zones(client, origin, 8, parent_zone=parent)
    assert below
    assert {h3.cell_to_parent(cell, 6) for cell in below} == {parent}
    ground = zones(client, origin, 8, parent_zone=parent, sub_zones="geometric")
    assert set(ground) - set(below)
    children = h3.cell_to_children(parent, 8)
    assert all(
        any(h3.are_neighbor_cells(cell, child) for child in children)
        for cell in set(ground) - set(below)
    )


def test_east_may_run_across_the_antimeridian_and_both_forms_of_a_list_are_one(client):
    origin = "/collections/popolazione_h3_r7"
    assert zones(client, origin, 7, subset="Lon(179:-179)") == []
    assert zones(client, origin, 7, subset="Lon(7:-179)") == zones(client, origin, 7)
    address = f"{origin}/dggs/H3/zones?zone-level=7&compact-zones=false"
    together = client.get(f"{address}&subset=Lat(45.2:45.4),Lon(8.2:8.5)").json()["zones"]
    apart = client.get(f"{address}&subset=Lat(45.2:45.4)&subset=Lon(8.2:8.5)").json()["zones"]
    assert together == apart != []


def test_a_filter_means_the_same_for_zones_and_for_values(client):
    origin = "/collections/popolazione_h3_r8"
    rows = {row["h3"] for row in items(client, origin[13:]) if row["pop"] > 100}
    condition = "pop > 100"
    assert set(zones(client, origin, 8, filter=condition)) == rows
    (parent,) = {h3.cell_to_parent(next(iter(sorted(rows))), 5)}
    packet = asked(
        client, f"{origin}/dggs/H3/zones/{parent}/data", zone_depth=3, filter=condition,
        properties="pop",
    )  # fmt: skip
    shown = {
        cell
        for cell, value in zip(
            sorted(h3.cell_to_children(parent, 8)), packet["values"]["pop"][0]["data"], strict=True
        )
        if value is not None
    }
    assert shown == {cell for cell in rows if h3.cell_to_parent(cell, 5) == parent}


def test_the_same_values_come_in_every_format(client):
    origin = "/collections/bisogni_h3_r8"
    (zone, *_) = zones(client, origin, 6)
    address = f"{origin}/dggs/H3/zones/{zone}/data"
    features = asked(client, address, zone_depth=2, f="geojson")["features"]
    rows = [one["properties"] for one in features]
    assert rows
    read = pq.read_table(
        io.BytesIO(client.get(address, params={"zone-depth": 2, "f": "parquet"}).content)
    ).to_pylist()
    assert [{k: v for k, v in row.items() if k != "h3_index"} for row in read] == rows
    assert [f"{row['h3_index']:x}" for row in read] == [row["zoneID"] for row in rows]
    text = client.get(address, params={"zone-depth": 2, "f": "csv"}).text.splitlines()
    assert len(text) == len(rows) + 1
    packet = asked(client, address, zone_depth=2)
    cells = sorted(h3.cell_to_children(zone, 8))
    for name in packet["values"]:
        data = packet["values"][name][0]["data"]
        known = {row["zoneID"]: row[name] for row in rows}
        assert data == [known.get(cell) for cell in cells], name


def test_integers_of_a_list_are_those_of_its_names(client):
    address = "/collections/popolazione_h3_r7/dggs/H3/zones"
    raw = client.get(address, params={"f": "uint64"})
    assert raw.headers["content-type"] == "application/x-binary"
    count, *cells = np.frombuffer(raw.content, "<u8").tolist()
    assert count == len(cells)
    assert [f"{cell:x}" for cell in cells] == asked(client, address)["zones"]


def test_outlines_of_a_list_are_those_of_h3(client):
    found = asked(client, "/dggs/H3/zones", zone_level=6, f="geojson")["features"]
    for one in found:
        zone = one["properties"]["zoneID"]
        ring = [[lon, lat] for lat, lon in h3.cell_to_boundary(zone)]
        assert one["geometry"]["coordinates"] == [[*ring, ring[0]]]


def test_all_themes_together_have_the_values_of_each(client):
    (zone, *_) = zones(client, "/collections/popolazione_h3_r7", 7)
    every = asked(client, f"/dggs/H3/zones/{zone}/data")["values"]
    own = asked(client, f"/collections/popolazione_h3_r7/dggs/H3/zones/{zone}/data")["values"]
    assert {f"popolazione_h3.{n}": v for n, v in own.items()}.items() <= every.items()
    chosen = zones(client, "", 7, filter="popolazione_h3.pop > 500 AND bisogni_h3.n_anz IS NULL")
    people = {row["h3"]: row["pop"] for row in items(client, "popolazione_h3_r7")}
    assert chosen
    assert all(people[zone] > 500 for zone in chosen)


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/collections/popolazione_h3_r8/dggs/H3/zones/x", 404),
        ("/collections/popolazione_h3_r8/dggs/H3/zones/0", 404),
        ("/collections/popolazione_h3_r8/dggs/H3/zones/ffffffffffffffff", 404),
        ("/collections/popolazione_h3_r8/dggs/H3/zones/881F9809E3FFFFF", 404),
        ("/collections/popolazione_h3_r8/dggs/H3/zones/8928308280fffff", 400),
        ("/collections/popolazione_h3_r8/dggs/H3/zones/8828308281fffff/data", 404),
        ("/collections/comuni/dggs/H3", 404),
        ("/collections/bisogni_h3_serie/dggs", 404),
        ("/dggs/S2", 404),
        ("/dggs/H3/zones?zone-level=9", 400),
        ("/dggs/H3/zones?zone-level=-1", 400),
        ("/dggs/H3/zones?zone-level=1e2", 400),
        ("/dggs/H3/zones?parent-zone=x", 400),
        ("/dggs/H3/zones?limit=0", 400),
        ("/dggs/H3/zones?sub-zones=geometric", 400),
        ("/dggs/H3/zones?compact-zones=si", 400),
        ("/dggs/H3/zones?subset=Quota(1:2)", 400),
        ("/dggs/H3/zones?subset=Lat(1:2)&bbox=1,2,3,4", 400),
        ("/dggs/H3/zones?subset=Lat(46:45)", 400),
        ("/dggs/H3/zones?subset=Lat(45:46)Lon(8:9)", 400),
        ("/dggs/H3/zones?subset=Lat(45:46),", 400),
        ("/dggs/H3/zones?subset=", 400),
        ("/dggs/H3/zones?filter=bugia %3D 1", 400),
        ("/dggs/H3/zones?bbox=1,2", 400),
        ("/dggs/H3/zones?token=x", 400),
        ("/dggs/H3/zones?colore=rosso", 400),
        ("/dggs/H3/zones/841f981ffffffff/data?zone-depth=6", 400),
        ("/dggs/H3/zones/841f981ffffffff/data?zone-depth=2-1", 400),
        ("/dggs/H3/zones/841f981ffffffff/data?zone-depth=-1", 400),
        ("/dggs/H3/zones/841f981ffffffff/data?properties=bugia", 400),
        ("/dggs/H3/zones/841f981ffffffff/data?subset=Lat(45:46)", 400),
        ("/dggs/H3/zones/871f98090ffffff/data?zone-depth=2", 400),
        ("/dggs/H3/zones/831f98fffffffff/data?zone-depth=5", 400),
    ],
)
def test_what_is_not_there_or_not_right_is_said(client, address, status):
    answer = client.get(address)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert "Traceback" not in answer.text


def test_of_all_themes_a_zone_is_merged_only_where_none_has_figures_of_its_own(client):
    mixed = 0
    for zone in zones(client, "", 6)[::4]:
        (feature,) = asked(client, f"/dggs/H3/zones/{zone}/data", f="geojson")["features"]
        said = feature["properties"]
        own = [name for name, value in said.items() if "." in name and value is not None]
        assert (said["zone_status"] == "published") == bool(own), zone
        assert asked(client, f"/dggs/H3/zones/{zone}")["status"] == said["zone_status"]
        mixed += bool(own) and said["zone_area"] is not None
    assert mixed


def test_a_period_without_figures_has_no_zones(client):
    address = "/collections/bisogni_h3_r7/dggs/H3/zones"
    assert asked(client, address, datetime="2023-06-01")["zones"]
    assert asked(client, address, datetime="1990-01-01")["zones"] == []
    assert asked(client, address, subset='time("1990-01-01":"1991-01-01")')["zones"] == []


def test_of_all_themes_a_period_leaves_those_that_have_figures_of_it(client):
    (zone, *_) = zones(client, "/collections/bisogni_h3_r6", 6)
    address = f"/dggs/H3/zones/{zone}/data"
    now, before = asked(client, address), asked(client, address, datetime="1990-01-01")
    shown = {name: one["data"][0] for name, (one,) in before["values"].items()}
    assert all(shown[name] is None for name in shown if name.startswith("bisogni_h3."))
    known = [name for name in shown if name.startswith("popolazione_h3.")]
    assert [now["values"][name][0]["data"][0] for name in known] == [shown[n] for n in known]
    assert asked(client, "/dggs/H3/zones", datetime="1990-01-01", zone_level=6)["zones"]


def test_a_zone_is_a_feature_too(client):
    (zone, *_) = zones(client, "/collections/bisogni_h3_r7", 6)
    address = f"/collections/bisogni_h3_r7/dggs/H3/zones/{zone}"
    info, feature = asked(client, address), asked(client, address, f="geojson")
    assert (feature["type"], feature["id"]) == ("Feature", zone)
    assert feature["geometry"] == info["geometry"]
    own = {name: info[name] for name in info.keys() - {"geometry", "links"}}
    assert feature["properties"] == {"zoneID": zone, **own}

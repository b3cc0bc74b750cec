"""OWSLib, pyogrio, geopandas and a GeoJSON schema against a running server (BASE, KEY, WORK)."""

import glob
import json
import os
import urllib.error
import urllib.request

import geopandas
import jsonschema
import pyogrio
from owslib.ogcapi.features import Features

BASE, KEY, WORK = os.environ["BASE"], os.environ["KEY"], os.environ["WORK"]

POSITION = {"type": "array", "minItems": 2, "maxItems": 2, "items": {"type": "number"}}
RING = {"type": "array", "minItems": 4, "items": POSITION}
POLYGON = {"type": "array", "minItems": 1, "items": RING}
SHAPES = {
    "Point": POSITION,
    "LineString": {"type": "array", "minItems": 2, "items": POSITION},
    "Polygon": POLYGON,
    "MultiPoint": {"type": "array", "items": POSITION},
    "MultiLineString": {"type": "array", "items": {"type": "array", "minItems": 2, "items": POSITION}},
    "MultiPolygon": {"type": "array", "items": POLYGON},
}
# RFC 7946, sections 2 to 4; "crs" is what it took out of the older specification.
FEATURE_COLLECTION = {
    "type": "object",
    "required": ["type", "features"],
    "not": {"required": ["crs"]},
    "properties": {
        "type": {"const": "FeatureCollection"},
        "features": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["type", "geometry", "properties"],
                "properties": {
                    "type": {"const": "Feature"},
                    "id": {"type": ["string", "number"]},
                    "properties": {"type": ["object", "null"]},
                    "geometry": {
                        "anyOf": [{"type": "null"}]
                        + [
                            {"type": "object", "required": ["type", "coordinates"], "properties": {"type": {"const": kind}, "coordinates": shape}}
                            for kind, shape in SHAPES.items()
                        ]
                    },
                },
            },
        },
    },
}


def fetch(path, key=None):
    request = urllib.request.Request(BASE + path, headers={"Authorization": f"Bearer {key}"} if key else {})
    with urllib.request.urlopen(request) as answer:
        return answer.read()


def counter_clockwise(ring):
    x0, y0 = ring[0]
    return sum((a[0] - x0) * (b[1] - y0) - (b[0] - x0) * (a[1] - y0) for a, b in zip(ring, ring[1:])) > 0


def downloads():
    for extension in ["gpkg", "geojson", "geojsonl", "fgb", "csv", "parquet", "shp.zip", "kml", "xlsx"]:
        path = f"{WORK}/py.{extension}"
        with open(path, "wb") as file:
            file.write(fetch(f"/data/parcels.{extension}"))
        frame = geopandas.read_parquet(path) if extension == "parquet" else pyogrio.read_dataframe(path)
        assert len(frame) == 5000, (extension, len(frame))
        assert frame["id"].is_unique and frame["tenure"].notna().any(), extension
        if extension not in ["csv", "xlsx"]:
            assert frame.crs.to_epsg() == 4326 or frame.crs.to_string() == "OGC:CRS84", (extension, frame.crs)
            assert frame.geometry.is_valid.all(), extension


def round_trip():
    """What GDAL's OAPIF driver brought (tests/clients/gdal) is what is stored: ids, values, and shapes to the last decimal, a centimetre."""
    brought = pyogrio.read_dataframe(f"{WORK}/round.gpkg").set_index("id").sort_index()
    (file,) = glob.glob(f"{os.environ['DATA']}/layers/parcels-*.gpkg")
    stored = pyogrio.read_dataframe(file).set_index("id").sort_index()
    assert list(brought.index) == list(stored.index)
    for field in stored.columns.drop("geometry"):
        assert brought[field].equals(stored[field].astype(brought[field].dtype)), field
    apart = brought.geometry.to_crs(stored.crs).hausdorff_distance(stored.geometry)
    assert apart.max() < 0.012, apart.max()


def rfc_7946():
    for layer in ["parcels", "roads", "boundaries", "water"]:
        document = json.loads(fetch(f"/data/{layer}.geojson"))
        jsonschema.validate(document, FEATURE_COLLECTION)
        for feature in document["features"]:
            if feature["geometry"]["type"] == "MultiPolygon":
                for outer, *inner in feature["geometry"]["coordinates"]:
                    assert outer[0] == outer[-1] and counter_clockwise(outer), feature["id"]
                    assert not any(counter_clockwise(ring) for ring in inner), feature["id"]


def owslib():
    server = Features(f"{BASE}/ogc")
    names = server.feature_collections()
    assert "parcels" in names and "services" not in names and "settlements" not in names, names
    assert "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core" in server.conformance()["conformsTo"]
    page = server.collection_items("parcels", limit=7, filter="tenure = 'hard_title'")
    assert page["numberReturned"] == 7
    assert all(feature["properties"]["tenure"] == "hard_title" for feature in page["features"])
    assert set(server.collection_queryables("parcels")["properties"]) > {"geometry", "tenure"}
    with_key = Features(f"{BASE}/ogc", headers={"Authorization": f"Bearer {KEY}"})
    assert "services" in with_key.feature_collections()


def doors():
    assert fetch("/data/services.csv", KEY)
    for path, key, status in [("/data/services.csv", None, 404), ("/data/settlements.csv", KEY, 404), ("/data", "wrong", 401)]:
        try:
            fetch(path, key)
            raise AssertionError(f"{path} was served")
        except urllib.error.HTTPError as error:
            assert error.code == status, (path, error.code)


for check in [downloads, round_trip, rfc_7946, owslib, doors]:
    check()
    print(f"python: {check.__name__} passed")

"""What a person does in QGIS, without the windows: connect, list, add, filter, draw. Against a running server (BASE, KEY, DATA)."""

import glob
import os
import re
import time
import urllib.request

from qgis.core import (
    Qgis, QgsApplication, QgsFeatureRequest, QgsMapRendererParallelJob, QgsMapSettings, QgsRectangle, QgsVectorLayer, QgsVectorTileLayer,
)  # fmt: skip
from qgis.PyQt.QtCore import QSize

BASE, KEY, DATA = os.environ["BASE"], os.environ["KEY"], os.environ["DATA"]


def copied_from_the_page():
    """The address that the page gives to be pasted into QGIS's dialog."""
    with urllib.request.urlopen(f"{BASE}/data") as answer:
        page = answer.read().decode()
    steps = page[page.index('<section id="connect">') :]
    return re.search(r"<code>(http[^<]+)</code>", steps).group(1)


def layer(name, more=""):
    return QgsVectorLayer(f"url='{ADDRESS}' typename='{name}' {more}", name, "OAPIF")


def connects():
    parcels = layer("parcels")
    assert parcels.isValid(), parcels.error().message()
    assert parcels.featureCount() == 5000, parcels.featureCount()
    (file,) = glob.glob(f"{DATA}/layers/parcels-*.gpkg")
    stored = QgsVectorLayer(f"{file}|layername=parcels", "stored", "ogr")
    brought = {feature["id"]: feature for feature in parcels.getFeatures()}
    assert len(brought) == 5000, len(brought)
    for feature in stored.getFeatures():
        other = brought[feature["id"]]
        for field in ("tenure", "land_use", "available", "price_usd_m2"):
            assert feature[field] == other[field], (feature["id"], field, feature[field], other[field])


def asks_for_what_the_map_shows():
    parcels = layer("parcels", "restrictToRequestBBOX='1'")
    middle = parcels.extent().center()
    box = QgsRectangle(middle.x() - 0.02, middle.y() - 0.02, middle.x() + 0.02, middle.y() + 0.02)
    some = sum(1 for _ in parcels.getFeatures(QgsFeatureRequest(box)))
    assert 0 < some < 5000, some


def filters():
    parcels = layer("parcels")
    parcels.setSubsetString("\"tenure\" = 'hard_title'")
    titles = {feature["tenure"] for feature in parcels.getFeatures()}
    assert titles == {"hard_title"}, titles


def sends_the_key():
    assert not layer("services").isValid(), "a layer for partners opens without a key"
    services = layer("services", f"username='anyone' password='{KEY}'")
    assert services.isValid() and services.featureCount() > 0
    assert sum(1 for _ in services.getFeatures()) == services.featureCount()
    assert not layer("settlements", f"username='anyone' password='{KEY}'").isValid(), "an internal layer opens"


def draws_vector_tiles():
    tiles = QgsVectorTileLayer(f"type=xyz&url={BASE}/data/parcels/tiles/{{z}}/{{x}}/{{y}}&zmin=8&zmax=16", "parcels")
    assert tiles.isValid()
    settings = QgsMapSettings()
    settings.setLayers([tiles])
    settings.setOutputSize(QSize(400, 400))
    settings.setDestinationCrs(tiles.crs())
    settings.setExtent(QgsRectangle(11670000, 1293000, 11690000, 1313000))
    job = QgsMapRendererParallelJob(settings)
    job.start()
    job.waitForFinished()
    picture = job.renderedImage()
    colours = {picture.pixel(x, y) for x in range(0, 400, 4) for y in range(0, 400, 4)}
    assert len(colours) > 2, "nothing is drawn"


application = QgsApplication([], False)
application.initQgis()
ADDRESS = copied_from_the_page()
begun = time.monotonic()
assert layer("ranked_sites").isValid() and next(layer("ranked_sites").getFeatures())["rank"] != 0
print(f"qgis: ranked sites are there {time.monotonic() - begun:.1f} s after the address was pasted")
for check in (connects, asks_for_what_the_map_shows, filters, sends_the_key, draws_vector_tiles):
    check()
    print(f"qgis: {check.__name__} passed", flush=True)
print(f"qgis: passed (QGIS {Qgis.QGIS_VERSION})")
application.exitQgis()

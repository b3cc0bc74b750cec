"""shapely: zones in an STRtree, prepared; an intersection is computed only where a feature is not wholly inside a zone.

    overlay_shapely.py FEATURES ID ZONES BY OUT.npz

Overlapping zones of one class count once, as in `phteah overlay`.
"""

import sys

import numpy as np
import pyogrio
import shapely


def main() -> None:
    features, field, zones, by, out = sys.argv[1:]
    _, _, shapes, values = pyogrio.raw.read(features, columns=[field])
    shapes, ids = shapely.from_wkb(shapes), values[0].astype(str)
    _, _, areas, values = pyogrio.raw.read(zones, columns=[by])
    areas, classes = shapely.from_wkb(areas), values[0].astype(str)

    shapely.prepare(areas)
    tree = shapely.STRtree(areas)
    feature, zone = tree.query(shapes, predicate="intersects")
    inside = shapely.covers(areas[zone], shapes[feature])
    parts = shapes[feature]
    parts[~inside] = shapely.intersection(shapes[feature[~inside]], areas[zone[~inside]])

    arrays = {"id": ids}
    whole = shapely.area(shapes)
    for name in np.unique(classes):
        square_metres = np.zeros(len(shapes))
        of_class = classes[zone] == name
        owner, part = feature[of_class], parts[of_class]
        order = np.argsort(owner, kind="stable")
        owner, part = owner[order], part[order]
        starts = np.flatnonzero(np.r_[True, owner[1:] != owner[:-1]]) if len(owner) else np.array([], int)
        ends = np.r_[starts[1:], len(owner)]
        alone = ends - starts == 1
        square_metres[owner[starts[alone]]] = shapely.area(part[starts[alone]])
        for start, end in zip(starts[~alone], ends[~alone], strict=True):
            square_metres[owner[start]] = shapely.union_all(part[start:end]).area
        arrays[f"{name}_m2"] = square_metres
        arrays[f"{name}_share"] = np.divide(square_metres, whole, out=np.full_like(whole, np.nan), where=whole > 0)
    np.savez(out, **arrays)


main()

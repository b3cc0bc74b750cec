"""Forms in the hands of pyxform, which ODK Central and Kobo convert with: our own, a set of small ones for each kind of question, and whatever
XLSForms stand in the folder FORMS. What both make of them must mean the same; what only one of them takes must be refused with its cell (PHTEAH)."""

import os
import pathlib
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET

import openpyxl
from pyxform.xls2xform import convert

PHTEAH = os.environ.get("PHTEAH", "target/release/phteah")

# Sheets as rows of cells separated by "|".
SMALL = {
    "kinds": (
        "type|name|label|hint|required|default|constraint|relevant|appearance",
        "text|a|A|write it|yes||string-length(.) < 9||multiline",
        "integer|b|B|||3|. > 0|${a} = 'x'|",
        "decimal|c|C|||||",
        "date|d|D|||2026-11-20|||month-year",
        "time|e|E|||||",
        "dateTime|f|F|||||",
        "geopoint|g|G|||||placement-map",
        "geoshape|h|H|||||",
        "image|i|I|||||",
        "audio|j|J|||||",
        "barcode|k|K|||||",
        "acknowledge|l|L|||||",
        "note|m|M ${a} and ${b}|||||",
        "calculate|n||||concat(${a}, 'x')|||",
    ),
    "lists": (
        "type|name|label|choice_filter|parameters",
        "select_one places|p|P||randomize=true",
        "select_multiple places|q|Q|Area = ${p}|",
        "rank places|r|R||",
        "range|s|S||start=1 end=5 step=1",
        "select_one_from_file more.csv|t|T||value=key label=title",
    ),
    "repeats": (
        "type|name|label|calculation|relevant|repeat_count",
        "integer|many|How many|||",
        "begin repeat|person|Person|||${many}",
        "text|nm|Name|||",
        "integer|year|Born|||",
        "calculate|age||2026 - ${year}||",
        "begin group|more|About ${nm}||${age} > 5|",
        "text|school|School of ${nm}||${age} < 19|",
        "end group||||",
        "end repeat||||",
        "calculate|oldest||max(${age})||",
        "calculate|first||indexed-repeat(${nm}, ${person}, 1)||",
    ),
    "languages": (
        "type|name|label::ខ្មែរ (km)|label::English (en)|hint::English (en)|hint::ខ្មែរ (km)|constraint|constraint_message::English (en)|constraint_message::ខ្មែរ (km)",
        "text|a|ឈ្មោះ|Name|In full|ឈ្មោះពេញ|. != ''|Write it|សូមសរសេរ",
    ),
    "device": (
        "type|name|label|parameters|trigger|calculation",
        "start|begun||||",
        "end|ended||||",
        "today|day||||",
        "deviceid|phone||||",
        "audit|audit||||",
        "image|photo|Photo|max-pixels=1024||",
        "geopoint|here|Here|capture-accuracy=5 warning-accuracy=50 allow-mock-accuracy=true||",
        "text|x|X|||",
        "calculate|then|||${x}|now()",
    ),
    "before": ("type|name|label|default|required", "text|a|A|${last-saved#a}|", "text|b|B||${last-saved#a} = 'x'"),
}
CHOICES = ("list_name|name|label|Area", "places|1|One|1", "places|2|Two|2")
# What the two write in other ways that mean the same.
HARMLESS = {("allow-mock-accuracy", "false")}


def workbook(path, sheets):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append([cell or None for cell in row.split("|")])
    book.save(path)


def plain(tag):
    return tag.split("}")[-1]


def words(text):
    return " ".join((text or "").split())


def tree(element, with_attributes=True):
    """An element with what stands in it, apart from order of attributes and from spaces."""
    attributes = {(plain(key), words(value)) for key, value in element.attrib.items()} - HARMLESS
    inside = [tree(child) for child in element]
    # A label without a text says nothing.
    inside = [child for child in inside if child != ("label", "", frozenset(), ())]
    return plain(element.tag), words(element.text), frozenset(attributes if with_attributes else ()), tuple(inside)


def meaning(xml):
    root = ET.fromstring(xml)
    every = list(root.iter())
    named = lambda name: [one for one in every if plain(one.tag) == name]
    first, *lists = named("instance")
    return {
        "answers": tree(first[0], with_attributes=False),
        "binds": {bind.get("nodeset"): tree(bind)[2] for bind in named("bind")},
        "lists": {one.get("id"): (one.get("src"), tuple(tree(child) for child in one)) for one in lists if one.get("id") != "__last-saved"},
        "texts": {(one.get("lang"), text.get("id")): tree(text) for one in named("translation") for text in one},
        "asked": tree(named("body")[0]),
        "set": sorted(str(sorted(tree(one)[2])) for one in named("setvalue")),
    }


def theirs(path):
    try:
        return convert(str(path), validate=False, form_name="data").xform, ""
    except Exception as error:  # Its errors have no common kind.
        return None, str(error)


def ours(path, data):
    if path.name.startswith("own-"):
        return shown(path.stem.removeprefix("own-"), data), ""
    done = subprocess.run(
        [PHTEAH, "form", "add", path, "--version", "1", "--data", data, "--json"], capture_output=True, text=True
    )
    if done.returncode:
        return None, done.stderr + done.stdout
    return shown(re.search(r'"id": *"([^"]+)"', done.stdout).group(1), data), ""


def shown(form, data):
    done = subprocess.run([PHTEAH, "form", "show", form, "--xml", "--data", data], check=True, capture_output=True, text=True)
    return done.stdout


def main():
    counts = {"same": 0, "refused by both": 0, "refused here with its place": 0, "taken here alone": 0}
    failed = []
    with tempfile.TemporaryDirectory() as work:
        work = pathlib.Path(work)
        forms = []
        for name, rows in SMALL.items():
            sheets = {"survey": rows, "settings": ("form_id|form_title", f"{name}|{name}")}
            if name in ("lists",):
                sheets["choices"] = CHOICES
            if name == "languages":
                sheets["settings"] = ("form_id|form_title|default_language", f"{name}|{name}|ខ្មែរ (km)")
            workbook(work / f"{name}.xlsx", sheets)
            forms.append(work / f"{name}.xlsx")
        for name in ("survey", "verification", "visit", "not_found", "referral", "site_task"):
            subprocess.run([PHTEAH, "form", "take", name, work / f"own-{name}.xlsx"], check=True, capture_output=True)
            forms.append(work / f"own-{name}.xlsx")
        own = len(forms)
        folder = os.environ.get("FORMS")
        forms += sorted(pathlib.Path(folder).rglob("*.xlsx")) if folder else []
        for number, form in enumerate(forms):
            data = work / f"data{number}"
            subprocess.run([PHTEAH, "team", "add", "All", "--area", "everywhere", "--data", data], capture_output=True)
            (there, why_there), (here, why_here) = theirs(form), ours(form, data)
            if there is None or here is None:
                if number < own:
                    failed.append(f"{form.name}: {why_there or why_here}")
                elif here is None and there is None:
                    counts["refused by both"] += 1
                elif here is None:
                    counts["refused here with its place"] += 1
                    if "sheet " not in why_here and "no sheet" not in why_here:
                        failed.append(f"{form.name}: refused without a place: {why_here[:300]}")
                else:
                    counts["taken here alone"] += 1
                continue
            a, b = meaning(there), meaning(here)
            other = [part for part in a if a[part] != b[part]]
            if other:
                failed.append(f"{form.name} differs in {', '.join(other)}:\n  there {a[other[0]]}\n  here  {b[other[0]]}")
            else:
                counts["same"] += 1
    print("forms:", ", ".join(f"{count} {what}" for what, count in counts.items()))
    if failed:
        sys.exit("\n".join(failed))


main()

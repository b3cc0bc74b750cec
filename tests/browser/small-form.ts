/** A small form for stories: consent, names, a number with a limit, skipping, members, a photo, the place. Made up. */
import { createHash } from "node:crypto";

const text = (id: string, en: string, km: string) => ({ id, en, km });
const texts = [
  text("consent", "Does the family agree?", "តើគ្រួសារយល់ព្រមដែរឬទេ?"),
  text("name", "Full name", "ឈ្មោះពេញ"),
  text("rooms", "Number of rooms", "ចំនួនបន្ទប់"),
  text("rooms-wrong", "From 1 to 20", "ពី 1 ដល់ 20"),
  text("flooded", "Flooded last year", "លិចទឹកឆ្នាំមុន"),
  text("depth", "How deep, in centimetres", "ជម្រៅទឹក"),
  text("members", "Member", "សមាជិក"),
  text("member", "Name of the member", "ឈ្មោះសមាជិក"),
  text("born", "Year of birth", "ឆ្នាំកំណើត"),
  text("school", "School", "សាលា"),
  text("photo", "Photo of the house", "រូបថតផ្ទះ"),
  text("yes", "Yes", "បាទ/ចាស"),
  text("no", "No", "ទេ"),
];

const translation = (lang: string, name: "en" | "km", isDefault: boolean) =>
  `<translation lang="${lang}"${isDefault ? ' default="true()"' : ""}>${texts
    .map(({ id, ...said }) => `<text id="${id}"><value>${said[name]}</value></text>`)
    .join("")}</translation>`;

const label = (id: string) => `<label ref="jr:itext('${id}')"/>`;
const yesNo = `<item>${label("yes")}<value>yes</value></item><item>${label("no")}<value>no</value></item>`;

export const XFORM = `<?xml version="1.0"?>
<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml" xmlns:jr="http://openrosa.org/javarosa" xmlns:orx="http://openrosa.org/xforms">
<h:head><h:title>Short survey</h:title><model>
<itext>${translation("ខ្មែរ (km)", "km", true)}${translation("English (en)", "en", false)}</itext>
<instance><data id="short" version="1"><consent/><head><name/></head><rooms/><flooded/><depth/><members jr:template=""><id/><name/><birth_year/><age/><school/></members><photo/><position/><meta><instanceID/></meta></data></instance>
<bind nodeset="/data/consent" type="string" required="true()"/>
<bind nodeset="/data/head" relevant="/data/consent = 'yes'"/>
<bind nodeset="/data/head/name" type="string" required="true()"/>
<bind nodeset="/data/rooms" type="int" relevant="/data/consent = 'yes'" constraint=". &gt;= 1 and . &lt;= 20" jr:constraintMsg="jr:itext('rooms-wrong')"/>
<bind nodeset="/data/flooded" type="string" relevant="/data/consent = 'yes'"/>
<bind nodeset="/data/depth" type="int" relevant="/data/flooded = 'yes'"/>
<bind nodeset="/data/members" relevant="/data/consent = 'yes'"/>
<bind nodeset="/data/members/id" type="string" calculate="once(uuid())"/>
<bind nodeset="/data/members/name" type="string"/>
<bind nodeset="/data/members/birth_year" type="int"/>
<bind nodeset="/data/members/age" type="string" calculate="if( ../birth_year  = '', '', 2026 -  ../birth_year )"/>
<bind nodeset="/data/members/school" type="string" relevant=" ../age  != '' and  ../age  &lt; 18"/>
<bind nodeset="/data/photo" type="binary" relevant="/data/consent = 'yes'"/>
<bind nodeset="/data/position" type="geopoint"/>
<bind nodeset="/data/meta/instanceID" type="string" jr:preload="uid"/>
</model></h:head>
<h:body>
<select1 ref="/data/consent">${label("consent")}${yesNo}</select1>
<group ref="/data/head"><input ref="/data/head/name">${label("name")}</input></group>
<input ref="/data/rooms">${label("rooms")}</input>
<select1 ref="/data/flooded">${label("flooded")}${yesNo}</select1>
<input ref="/data/depth">${label("depth")}</input>
<group ref="/data/members">${label("members")}<repeat nodeset="/data/members">
<input ref="/data/members/name">${label("member")}</input><input ref="/data/members/birth_year">${label("born")}</input>
<input ref="/data/members/school">${label("school")}</input>
</repeat></group>
<upload ref="/data/photo" mediatype="image/*">${label("photo")}</upload>
</h:body></h:html>`;

export const FORM_PATH = "/api/field/forms/short/1/form.xml";

/** The form as the setup lists it. */
export const FORM_ITEM = {
  id: "short",
  version: "1",
  title: { en: "Short survey", km: "អង្កេតខ្លី" },
  purpose: "survey",
  event: "surveyed",
  form: {
    url: FORM_PATH,
    sha256: createHash("sha256").update(XFORM).digest("hex"),
    bytes: Buffer.byteLength(XFORM),
  },
  media: [],
  facts: {
    "head/name": "head.name",
    rooms: "dwelling.rooms",
    flooded: "dwelling.flooded_last_year",
    depth: "dwelling.flood_depth_cm",
    "members[]/name": "members/{members}/name",
    "members[]/birth_year": "members/{members}/birth_year",
    "members[]/school": "members/{members}/school",
    photo: "dwelling.photo",
  },
  types: { flooded: "boolean" },
  repeat_ids: { members: "id" },
  consent: "consent",
  location: "position",
};

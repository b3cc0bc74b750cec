CREATE TABLE IF NOT EXISTS layer_rule (
  layer TEXT PRIMARY KEY, visibility TEXT NOT NULL, changed_at TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS field_rule (
  layer TEXT NOT NULL, field TEXT NOT NULL, visibility TEXT NOT NULL, PRIMARY KEY (layer, field)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS partner_key (
  id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, hash BLOB NOT NULL, scope TEXT NOT NULL,
  made_at TEXT NOT NULL, expires_at TEXT NOT NULL, revoked_at TEXT) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS key_layer (
  key TEXT NOT NULL REFERENCES partner_key (id), layer TEXT NOT NULL, PRIMARY KEY (key, layer)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS download (
  id INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, who TEXT NOT NULL, layer TEXT NOT NULL, version TEXT NOT NULL,
  format TEXT NOT NULL, selection TEXT NOT NULL, outcome TEXT NOT NULL, features INTEGER, bytes INTEGER) STRICT;
CREATE TABLE IF NOT EXISTS change (
  id INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, what TEXT NOT NULL, layer TEXT NOT NULL, version TEXT NOT NULL,
  detail TEXT NOT NULL) STRICT;
CREATE INDEX IF NOT EXISTS download_by_who ON download (who, id);
CREATE TABLE IF NOT EXISTS session (
  hash BLOB PRIMARY KEY, key TEXT NOT NULL REFERENCES partner_key (id), expires_at TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS shown_version (
  layer TEXT NOT NULL, version TEXT NOT NULL, visibility TEXT NOT NULL, fields TEXT NOT NULL,
  PRIMARY KEY (layer, version, visibility)) STRICT, WITHOUT ROWID;
INSERT INTO layer_rule VALUES ('wells', 'partner', '2026-01-15T08:30:00Z');
INSERT INTO field_rule VALUES ('wells', 'depth_m', 'partner');
INSERT INTO partner_key VALUES ('00070e15', 'City hall (illustrative)', x'0000000000000000000000000000000000000000000000000000000000000000', 'layers', '2026-01-15T08:30:00Z', '2099-01-01T00:00:00Z', NULL);
INSERT INTO key_layer VALUES ('00070e15', 'wells');
INSERT INTO download (at, who, layer, version, format, selection, outcome) VALUES ('2026-01-15T08:31:00Z', 'key City hall (illustrative)', 'wells', 'v1', 'csv', '', 'complete');
INSERT INTO change (at, what, layer, version, detail) VALUES ('2026-01-15T08:32:00Z', 'layer_removed', 'roads', 'v0', 'illustrative');
INSERT INTO shown_version VALUES ('wells', 'v1', 'partner', 'depth_m');
PRAGMA user_version = 3;

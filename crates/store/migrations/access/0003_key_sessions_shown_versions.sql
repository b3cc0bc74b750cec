CREATE INDEX download_by_who ON download (who, id);
CREATE TABLE session (
  hash BLOB PRIMARY KEY, key TEXT NOT NULL REFERENCES partner_key (id), expires_at TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE shown_version (
  layer TEXT NOT NULL, version TEXT NOT NULL, visibility TEXT NOT NULL, fields TEXT NOT NULL,
  PRIMARY KEY (layer, version, visibility)) STRICT, WITHOUT ROWID;

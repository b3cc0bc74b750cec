-- Of people there stands here, unsealed, only what the server must sort by: ids, kind, team, number, times to the day. Everything else is
-- sealed with the data key of its household, file or quarantined event; the deployment's key, which wraps the data keys, lies elsewhere.
CREATE TABLE setting (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;
-- Numbers are given at commit, by the one writer, and never twice.
CREATE TABLE counter (one INTEGER PRIMARY KEY CHECK (one = 1), last INTEGER NOT NULL) STRICT;
INSERT INTO counter VALUES (1, 0);
-- An erased household has neither key nor summary.
CREATE TABLE household (
  n INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, team TEXT, data_key BLOB, summary BLOB, changed INTEGER NOT NULL,
  erased_on TEXT) STRICT;
CREATE INDEX household_by_change ON household (changed);
CREATE TABLE event (
  seq INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, household INTEGER NOT NULL REFERENCES household (n), kind TEXT NOT NULL,
  team TEXT, received_on TEXT NOT NULL, sealed BLOB NOT NULL) STRICT;
CREATE INDEX event_by_household ON event (household, seq);
-- Events that name in "after" an event that has not come yet.
CREATE TABLE waiting (
  missing BLOB NOT NULL, event BLOB NOT NULL, household INTEGER NOT NULL, PRIMARY KEY (missing, event)) STRICT, WITHOUT ROWID;
-- Records that go on in another, and households that came out of another: their histories are read together.
CREATE TABLE tie (one BLOB NOT NULL, other BLOB NOT NULL, PRIMARY KEY (one, other)) STRICT, WITHOUT ROWID;
-- What could not be accepted as it is, whole. The digest is keyed: the same bytes sent again are the same entry.
CREATE TABLE quarantine (
  n INTEGER PRIMARY KEY, digest BLOB NOT NULL UNIQUE, household BLOB, code TEXT NOT NULL, team TEXT, received_on TEXT NOT NULL,
  state TEXT NOT NULL, data_key BLOB, sealed BLOB) STRICT;
CREATE INDEX quarantine_by_household ON quarantine (household) WHERE household IS NOT NULL;
CREATE INDEX quarantine_by_team ON quarantine (state, team, n);
-- Households that are in the hands of certain people.
CREATE TABLE given (
  household INTEGER NOT NULL REFERENCES household (n), account TEXT NOT NULL, PRIMARY KEY (household, account)) STRICT, WITHOUT ROWID;
-- Plots and places at sites, by keyed hashes: one plot has one household.
CREATE TABLE plot (plot BLOB PRIMARY KEY, household INTEGER NOT NULL, event BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX plot_by_household ON plot (household);
-- What a device holds. "first" is 0 where its events come by their own numbers; else its first "count" events were given the numbers from
-- "first" on, for a household that came to the device later. "forgotten" is the number at which it left.
CREATE TABLE device (n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE held (
  device INTEGER NOT NULL, household INTEGER NOT NULL, first INTEGER NOT NULL, count INTEGER NOT NULL, forgotten INTEGER,
  PRIMARY KEY (device, household)) STRICT, WITHOUT ROWID;
-- Photos and sound, of each team apart: that another team has the same file is not told. Their bytes are sealed in pieces.
CREATE TABLE file (
  n INTEGER PRIMARY KEY, hash BLOB NOT NULL, team TEXT NOT NULL, length INTEGER NOT NULL, received INTEGER NOT NULL,
  complete INTEGER NOT NULL, data_key BLOB, begun_on TEXT NOT NULL, UNIQUE (hash, team)) STRICT;
CREATE INDEX file_unfinished ON file (team) WHERE complete = 0;
CREATE TABLE file_piece (
  file INTEGER NOT NULL REFERENCES file (n), at INTEGER NOT NULL, sealed BLOB NOT NULL, PRIMARY KEY (file, at)) STRICT;
CREATE TABLE household_file (
  household INTEGER NOT NULL, hash BLOB NOT NULL, PRIMARY KEY (hash, household)) STRICT, WITHOUT ROWID;
CREATE INDEX file_by_household ON household_file (household);
-- Every reading, export, release, erasure. A row names the one before by its hash; no row is ever changed.
CREATE TABLE audit (
  seq INTEGER PRIMARY KEY, at TEXT NOT NULL, who TEXT NOT NULL, what TEXT NOT NULL, subject TEXT NOT NULL, why TEXT NOT NULL,
  detail TEXT NOT NULL, before BLOB NOT NULL, hash BLOB NOT NULL) STRICT;
CREATE TRIGGER audit_is_never_changed BEFORE UPDATE ON audit
BEGIN SELECT RAISE (ABORT, 'a row of the audit is never changed'); END;
CREATE TRIGGER audit_is_never_deleted BEFORE DELETE ON audit
BEGIN SELECT RAISE (ABORT, 'a row of the audit is never deleted'); END;

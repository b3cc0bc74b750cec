-- Releases of tables about people. What they say, and why cells are hidden, is sealed with a key of each release: a stolen file tells how many
-- there are, when and by whom. "base" is the number of the latest release that was confirmed when this one was prepared, "counted" a keyed
-- digest of who could not be counted then.
CREATE TABLE release (
  n INTEGER PRIMARY KEY, state TEXT NOT NULL, day TEXT NOT NULL, threshold INTEGER NOT NULL, base INTEGER NOT NULL, counted BLOB NOT NULL,
  prepared_at TEXT NOT NULL, prepared_by TEXT NOT NULL, confirmed_at TEXT, confirmed_by TEXT, withdrawn_at TEXT, withdrawn_by TEXT,
  hash BLOB NOT NULL, data_key BLOB NOT NULL, sealed BLOB NOT NULL) STRICT;
CREATE INDEX release_by_state ON release (state, n);

-- Counts for releases: tables about people, protected together on one state of the registry. Previews, releases and what planners are shown are
-- taken from them and from nothing else, so that nobody who may not read families sees two numbers of one table that differ by few. "cut" is the
-- last number of the registry's counter that is in them: counts of the same cut are of the same families. What they say is sealed with a key
-- of each.
CREATE TABLE release_count (
  n INTEGER PRIMARY KEY, cut INTEGER NOT NULL, day TEXT NOT NULL, threshold INTEGER NOT NULL, made_at TEXT NOT NULL, made_by TEXT NOT NULL,
  hash BLOB NOT NULL, data_key BLOB NOT NULL, sealed BLOB NOT NULL) STRICT;
-- The cut of the counts that a release is taken from; none for releases from before there were any.
ALTER TABLE release ADD COLUMN cut INTEGER;

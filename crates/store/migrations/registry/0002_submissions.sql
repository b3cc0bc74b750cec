-- Filled forms that came by OpenRosa, by keyed hashes: whether one has come before, and with what bytes. What was answered is in events alone.
CREATE TABLE submission (
  n INTEGER PRIMARY KEY, instance BLOB NOT NULL UNIQUE, content BLOB NOT NULL, event BLOB, complete INTEGER NOT NULL,
  received_on TEXT NOT NULL) STRICT;
-- The photos and sounds that came with one: the keyed hash of the name, and the file.
CREATE TABLE submission_file (
  submission INTEGER NOT NULL REFERENCES submission (n), name BLOB NOT NULL, hash BLOB NOT NULL, PRIMARY KEY (submission, name)) STRICT, WITHOUT ROWID;

-- What somebody who decides about places wants to know: about a place, never about a household. Degrees are in millionths.
CREATE TABLE task (
  id TEXT PRIMARY KEY, question TEXT NOT NULL, site TEXT, site_name TEXT, lon INTEGER, lat INTEGER, team TEXT REFERENCES team (id),
  asked_by TEXT NOT NULL, asked_at INTEGER NOT NULL, due TEXT, answer TEXT, answered_by TEXT, answered_at INTEGER,
  withdrawn_at INTEGER) STRICT, WITHOUT ROWID;
CREATE INDEX task_by_time ON task (asked_at);

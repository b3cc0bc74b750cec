-- What teams have answered to tasks: events about places. Each has a data key of its own; the newest of a task counts.
CREATE TABLE task_answer (
  n INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, task BLOB NOT NULL, team TEXT, received_on TEXT NOT NULL, data_key BLOB,
  sealed BLOB NOT NULL) STRICT;
CREATE INDEX task_answer_by_task ON task_answer (task, n);
-- The photos and sounds that they name, of the team that sent them.
CREATE TABLE task_file (
  task BLOB NOT NULL, hash BLOB NOT NULL, team TEXT NOT NULL, PRIMARY KEY (task, hash)) STRICT, WITHOUT ROWID;

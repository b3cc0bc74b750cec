-- Every change of rules, keys, accounts, teams and devices. A row names the one before by its hash; no row is ever changed.
CREATE TABLE audit (
  seq INTEGER PRIMARY KEY, at TEXT NOT NULL, who TEXT NOT NULL, what TEXT NOT NULL, subject TEXT NOT NULL, why TEXT NOT NULL,
  detail TEXT NOT NULL, before BLOB NOT NULL, hash BLOB NOT NULL) STRICT;
CREATE TRIGGER audit_is_never_changed BEFORE UPDATE ON audit
BEGIN SELECT RAISE (ABORT, 'a row of the audit is never changed'); END;
CREATE TRIGGER audit_is_never_deleted BEFORE DELETE ON audit
BEGIN SELECT RAISE (ABORT, 'a row of the audit is never deleted'); END;

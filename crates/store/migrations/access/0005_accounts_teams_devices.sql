-- Times are whole seconds since 1970. Secrets are kept as hashes; the secret of one-time codes is sealed with its owner's password.
CREATE TABLE team (
  id TEXT PRIMARY KEY, name TEXT NOT NULL, name_key TEXT NOT NULL UNIQUE, everywhere INTEGER NOT NULL,
  made_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE team_sangkat (
  team TEXT NOT NULL REFERENCES team (id), sangkat TEXT NOT NULL, PRIMARY KEY (team, sangkat)) STRICT, WITHOUT ROWID;
CREATE TABLE account (
  id TEXT PRIMARY KEY, name TEXT NOT NULL, name_key TEXT NOT NULL UNIQUE, made_at INTEGER NOT NULL, disabled_at INTEGER,
  signed_in_at INTEGER,
  -- Of the password: how it is stretched, its salt, and what it must come to. NULL until its owner has chosen one.
  stretching TEXT, salt BLOB, verifier BLOB,
  -- Of one-time codes: the sealed secret, its nonce, and the step of the last code that was taken.
  totp BLOB, totp_nonce BLOB, totp_step INTEGER) STRICT, WITHOUT ROWID;
CREATE TABLE account_role (
  account TEXT NOT NULL REFERENCES account (id), role TEXT NOT NULL, PRIMARY KEY (account, role)) STRICT, WITHOUT ROWID;
CREATE TABLE member (
  account TEXT NOT NULL REFERENCES account (id), team TEXT NOT NULL REFERENCES team (id),
  PRIMARY KEY (account, team)) STRICT, WITHOUT ROWID;
CREATE INDEX member_by_team ON member (team, account);
CREATE TABLE sign_in_link (
  hash BLOB PRIMARY KEY, account TEXT NOT NULL REFERENCES account (id), made_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX link_by_account ON sign_in_link (account);
CREATE TABLE account_session (
  id TEXT PRIMARY KEY, hash BLOB NOT NULL UNIQUE, account TEXT NOT NULL REFERENCES account (id), begun_at INTEGER NOT NULL,
  seen_at INTEGER NOT NULL, client TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX session_by_account ON account_session (account);
CREATE TABLE device_code (
  id TEXT PRIMARY KEY, hash BLOB NOT NULL, account TEXT NOT NULL REFERENCES account (id), team TEXT NOT NULL REFERENCES team (id),
  made_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, tries_left INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE device (
  id TEXT PRIMARY KEY, hash BLOB NOT NULL UNIQUE, account TEXT NOT NULL REFERENCES account (id),
  team TEXT NOT NULL REFERENCES team (id), name TEXT NOT NULL, enrolled_at INTEGER NOT NULL, seen_at INTEGER NOT NULL,
  lease_until INTEGER NOT NULL, revoked_at INTEGER) STRICT, WITHOUT ROWID;
CREATE INDEX device_by_account ON device (account);
CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

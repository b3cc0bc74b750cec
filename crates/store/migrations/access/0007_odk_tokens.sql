-- Devices that are no app of ours but ODK Collect, which proves itself by a token in its address. A worker has one at a time.
CREATE TABLE odk_device (device TEXT PRIMARY KEY REFERENCES device (id)) STRICT, WITHOUT ROWID;

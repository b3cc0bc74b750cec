-- What teams answer is an event, and lies sealed in the registry.
ALTER TABLE task DROP COLUMN answer;
ALTER TABLE task DROP COLUMN answered_by;
ALTER TABLE task DROP COLUMN answered_at;

-- What registries have taught us of their pace (lookups/polite.py), as JSON, by host.
CREATE TABLE server (name TEXT PRIMARY KEY, pace BLOB NOT NULL) STRICT, WITHOUT ROWID;

-- Questions by how long they wait; and, per top-level domain, the first that an alert waits for.
CREATE INDEX question_due ON question (root, due);

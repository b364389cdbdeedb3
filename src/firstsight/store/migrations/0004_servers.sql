-- What registries have taught us of their pace (lookups/polite.py), as JSON, by host.
CREATE TABLE server (name TEXT PRIMARY KEY, pace BLOB NOT NULL) STRICT, WITHOUT ROWID;

-- Questions in the order in which they are asked: by priority, the newest first; and by how long they wait.
DROP INDEX question_order;
CREATE INDEX question_order ON question (root, priority, since DESC);
CREATE INDEX question_due ON question (root, due);

-- Outsiders are asked about more than registrations: topic says what about (ports.Topic).
-- root is empty where one server is asked about all names.
ALTER TABLE question RENAME TO question_before;
CREATE TABLE question (
    topic TEXT NOT NULL, name TEXT NOT NULL, root TEXT NOT NULL, priority INTEGER NOT NULL, since REAL NOT NULL,
    due REAL NOT NULL, tries INTEGER NOT NULL, PRIMARY KEY (topic, name)
) STRICT, WITHOUT ROWID;
INSERT INTO question SELECT 'registration', registered, root, priority, since, due, tries FROM question_before;
DROP TABLE question_before;
CREATE INDEX question_order ON question (topic, root, priority, since DESC);
CREATE INDEX question_due ON question (topic, root, due);

ALTER TABLE answer RENAME TO answer_before;
CREATE TABLE answer (
    topic TEXT NOT NULL, name TEXT NOT NULL, fresh_until REAL NOT NULL, body BLOB NOT NULL, PRIMARY KEY (topic, name)
) STRICT, WITHOUT ROWID;
INSERT INTO answer SELECT 'registration', registered, fresh_until, body FROM answer_before;
DROP TABLE answer_before;

ALTER TABLE server RENAME TO server_before;
CREATE TABLE server (
    topic TEXT NOT NULL, name TEXT NOT NULL, pace BLOB NOT NULL, PRIMARY KEY (topic, name)
) STRICT, WITHOUT ROWID;
INSERT INTO server SELECT 'registration', name, pace FROM server_before;
DROP TABLE server_before;

-- A case may lack several answers.
CREATE TABLE lacking (
    topic TEXT NOT NULL, name TEXT NOT NULL, pending INTEGER NOT NULL, PRIMARY KEY (topic, name, pending)
) STRICT, WITHOUT ROWID;
CREATE INDEX lacking_pending ON lacking (pending);
INSERT INTO lacking SELECT 'registration', registered, seq FROM pending;
DROP INDEX pending_registered;
ALTER TABLE pending DROP COLUMN registered;

-- What the service says of itself; body is the notice as JSON. The latest of a code and subject says how it stands.
CREATE TABLE notice (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, at REAL NOT NULL, code TEXT NOT NULL, subject TEXT NOT NULL,
    state TEXT NOT NULL, body BLOB NOT NULL
) STRICT;
CREATE INDEX notice_subject ON notice (code, subject);

-- Alerts and notices leave by the same outboxes, in order: an entry is of the one or the other. Places grow on.
ALTER TABLE outbox RENAME TO outbox_before;
CREATE TABLE outbox (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, sink TEXT NOT NULL, alert INTEGER, notice INTEGER,
    CHECK ((alert IS NULL) <> (notice IS NULL))
) STRICT;
INSERT INTO sqlite_sequence (name, seq) SELECT 'outbox', seq FROM sqlite_sequence WHERE name = 'outbox_before';
INSERT INTO outbox (seq, sink, alert) SELECT seq, sink, alert FROM outbox_before;
DROP TABLE outbox_before;

-- The time of a source's newest event.
ALTER TABLE source ADD COLUMN last REAL;

-- When an agent was heard for the first and the last time, to the hour (NULL: not since this column is there, or
-- never with a record number); missed is when its silence was told, NULL while it is not.
ALTER TABLE agent ADD COLUMN first INTEGER;
ALTER TABLE agent ADD COLUMN last INTEGER;
ALTER TABLE agent ADD COLUMN missed INTEGER;

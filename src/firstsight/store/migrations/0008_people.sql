-- Who may reach the service: machines, people, their sessions. Hashes only.
CREATE TABLE token (
    name TEXT PRIMARY KEY, scopes TEXT NOT NULL, digest BLOB NOT NULL UNIQUE, made REAL NOT NULL, expires REAL,
    used REAL
) STRICT, WITHOUT ROWID;
CREATE TABLE person (
    name TEXT PRIMARY KEY, role TEXT NOT NULL, password TEXT NOT NULL, made REAL NOT NULL, used REAL
) STRICT, WITHOUT ROWID;
CREATE TABLE session (
    digest BLOB PRIMARY KEY, person TEXT NOT NULL, began REAL NOT NULL, used REAL NOT NULL
) STRICT, WITHOUT ROWID;

-- What they did. Rows are added only.
CREATE TABLE deed (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, at REAL NOT NULL, what TEXT NOT NULL, who TEXT NOT NULL,
    about TEXT NOT NULL, origin TEXT NOT NULL
) STRICT;
CREATE TRIGGER deed_stays BEFORE DELETE ON deed BEGIN SELECT RAISE(ABORT, 'the trail is added to only'); END;
CREATE TRIGGER deed_is_fixed BEFORE UPDATE ON deed BEGIN SELECT RAISE(ABORT, 'the trail is added to only'); END;
CREATE TRIGGER deed_is_new BEFORE INSERT ON deed WHEN EXISTS (SELECT 1 FROM deed WHERE seq = NEW.seq)
BEGIN SELECT RAISE(ABORT, 'the trail is added to only'); END;

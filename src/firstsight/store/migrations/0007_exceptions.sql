-- exceptions made by the verb or the API; body is the exception as JSON
CREATE TABLE exception (id TEXT PRIMARY KEY, body BLOB NOT NULL) STRICT, WITHOUT ROWID;

-- what exceptions have held back, those of the exceptions file too
CREATE TABLE exception_hit (id TEXT PRIMARY KEY, hits INTEGER NOT NULL, last REAL NOT NULL) STRICT, WITHOUT ROWID;

-- Times are whole seconds since the epoch unless a column says day (days since the epoch).
-- Ids are small integers: a name is written once, rows refer to it in one to four bytes.

CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

-- who asks
CREATE TABLE agent (
    id INTEGER PRIMARY KEY, manager TEXT NOT NULL, name TEXT NOT NULL,
    UNIQUE (manager, name)
) STRICT;
CREATE TABLE process (id INTEGER PRIMARY KEY, image TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE account (id INTEGER PRIMARY KEY, user TEXT NOT NULL UNIQUE) STRICT;

-- A registrable domain. first is NULL until it is sighted (looked up or asked in vain until then);
-- told is the mask of reasons that have alerted (core/reasons.py); agent, process and account asked first.
CREATE TABLE domain (
    name TEXT PRIMARY KEY, id INTEGER NOT NULL,
    first INTEGER, last INTEGER, count INTEGER NOT NULL, agents INTEGER NOT NULL, hosts INTEGER NOT NULL,
    told INTEGER NOT NULL, looked_up INTEGER, agent INTEGER, process INTEGER, account INTEGER
) STRICT, WITHOUT ROWID;
CREATE TABLE sighting (
    domain INTEGER NOT NULL, agent INTEGER NOT NULL, first_day INTEGER NOT NULL, last_day INTEGER NOT NULL,
    PRIMARY KEY (domain, agent)
) STRICT, WITHOUT ROWID;
-- host names under a domain, without the domain itself (www for www.example.com)
CREATE TABLE host (
    domain INTEGER NOT NULL, prefix TEXT NOT NULL, PRIMARY KEY (domain, prefix)
) STRICT, WITHOUT ROWID;

-- asked in vain: no sighting, kept apart
CREATE TABLE unresolved (
    domain INTEGER PRIMARY KEY, first INTEGER NOT NULL, last INTEGER NOT NULL,
    nxdomain INTEGER NOT NULL, failed INTEGER NOT NULL, agents INTEGER NOT NULL
) STRICT;
CREATE TABLE unresolved_agent (
    domain INTEGER NOT NULL, agent INTEGER NOT NULL, PRIMARY KEY (domain, agent)
) STRICT, WITHOUT ROWID;

-- duplicates: see core/duplicates.py; written is seconds with fraction
CREATE TABLE record_window (
    agent INTEGER NOT NULL, computer TEXT NOT NULL, highest INTEGER NOT NULL, written REAL NOT NULL, bits BLOB NOT NULL,
    PRIMARY KEY (agent, computer)
) STRICT, WITHOUT ROWID;

-- sources: position is the source's own text; started is the time of its first event, when learning began
CREATE TABLE source (name TEXT PRIMARY KEY, position TEXT, started REAL) STRICT, WITHOUT ROWID;
CREATE TABLE tally (
    source TEXT NOT NULL, what TEXT NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (source, what)
) STRICT, WITHOUT ROWID;

-- counts on their way into their rows, see store/carry.py
CREATE TABLE carry (part INTEGER PRIMARY KEY AUTOINCREMENT, body BLOB NOT NULL) STRICT;

-- alerts and their way out; body is the alert as JSON
CREATE TABLE alert (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, at REAL NOT NULL, domain INTEGER NOT NULL,
    severity INTEGER NOT NULL, follows TEXT, state TEXT NOT NULL DEFAULT 'new', body BLOB NOT NULL
) STRICT;
CREATE INDEX alert_domain ON alert (domain);
CREATE TABLE outbox (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, sink TEXT NOT NULL, alert INTEGER NOT NULL
) STRICT;

-- judgements that still lack a fact; due is NULL where nobody waits for it; body is the case as JSON
CREATE TABLE pending (
    seq INTEGER PRIMARY KEY, registered TEXT NOT NULL, due REAL, opened REAL NOT NULL, body BLOB NOT NULL
) STRICT;
CREATE INDEX pending_registered ON pending (registered);
CREATE INDEX pending_due ON pending (due) WHERE due IS NOT NULL;

-- what outsiders are asked, and what they said; root is the top-level domain, which says whom; body is the fact as JSON
CREATE TABLE question (
    registered TEXT PRIMARY KEY, root TEXT NOT NULL, priority INTEGER NOT NULL, since REAL NOT NULL, due REAL NOT NULL,
    tries INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX question_order ON question (root, priority, since);
CREATE TABLE answer (
    registered TEXT PRIMARY KEY, fresh_until REAL NOT NULL, body BLOB NOT NULL
) STRICT, WITHOUT ROWID;

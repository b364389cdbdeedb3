-- What pages show, narrow enough to be listed, filtered and counted without reading what it is about.

-- By the hour (hours since the epoch); source is empty for what no source is counted for (first sights, alerts).
CREATE TABLE hour_count (
    hour INTEGER NOT NULL, source TEXT NOT NULL, what TEXT NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (hour, source, what)
) STRICT, WITHOUT ROWID;
-- Events by agent; agent 0 are all those beyond the bound (store/hours.py).
CREATE TABLE hour_agent (
    hour INTEGER NOT NULL, agent INTEGER NOT NULL, events INTEGER NOT NULL, PRIMARY KEY (hour, agent)
) STRICT, WITHOUT ROWID;

-- First sights in the order in which they were taken; program is the last part of the image, in lower case.
CREATE TABLE first_sight (
    seq INTEGER PRIMARY KEY, time INTEGER NOT NULL, domain TEXT NOT NULL, agent INTEGER, program TEXT NOT NULL
) STRICT;
CREATE INDEX first_sight_agent ON first_sight (agent, time);
CREATE INDEX first_sight_program ON first_sight (program, agent);

-- Of each alert; seq is the alert's, time the event's, first the domain's first sighting, reasons a mask.
CREATE TABLE alert_brief (
    seq INTEGER PRIMARY KEY, time REAL NOT NULL, name TEXT NOT NULL, domain TEXT NOT NULL, agent INTEGER,
    program TEXT NOT NULL, severity INTEGER NOT NULL, reasons INTEGER NOT NULL, category TEXT NOT NULL,
    age_days INTEGER, first REAL, state TEXT NOT NULL, reviewer TEXT, reviewed REAL
) STRICT;
CREATE TABLE alert_reason (
    reason INTEGER NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (reason, seq)
) STRICT, WITHOUT ROWID;

INSERT INTO alert_brief
SELECT a.seq, a.body ->> '$.asked.time', a.body ->> '$.verdict.name', a.body ->> '$.verdict.domain', g.id,
    lower(substr(image, length(rtrim(image, replace(replace(image, '\', ''), '/', ''))) + 1)),
    a.severity, 0, a.body ->> '$.category', max(0, CAST((a.at - (a.body ->> '$.verdict.registration.value.registered')) / 86400 AS INTEGER)),
    a.body ->> '$.verdict.seen.first', a.state, NULL, NULL
FROM (
    SELECT seq, at, severity, state, body, coalesce(body ->> '$.asked.process.image', '') AS image
    FROM (SELECT seq, at, severity, state, CAST(body AS TEXT) AS body FROM alert)
) AS a LEFT JOIN agent AS g
    ON g.manager = a.body ->> '$.asked.agent.manager' AND g.name = a.body ->> '$.asked.agent.name';
WITH kind (code, bit) AS (VALUES ('first_seen', 0), ('first_seen_agent', 1), ('newly_active', 2), ('random_name', 3),
    ('newly_registered', 4), ('alternative_root', 5), ('re_registered', 6), ('nx_burst', 7), ('known_indicator', 8),
    ('unusual_process', 9))
INSERT OR IGNORE INTO alert_reason
SELECT kind.bit, a.seq FROM alert AS a, json_each(CAST(a.body AS TEXT), '$.verdict.reasons') AS reason
JOIN kind ON kind.code = reason.value ->> '$.code';
UPDATE alert_brief SET reasons = masks.mask
FROM (SELECT seq, sum(1 << reason) AS mask FROM alert_reason GROUP BY seq) AS masks WHERE masks.seq = alert_brief.seq;

CREATE INDEX alert_brief_time ON alert_brief (time, agent, category);
CREATE INDEX alert_brief_name ON alert_brief (name);
CREATE INDEX alert_brief_domain ON alert_brief (domain);
CREATE INDEX alert_brief_agent ON alert_brief (agent);
CREATE INDEX alert_brief_program ON alert_brief (program);
CREATE INDEX alert_brief_severity ON alert_brief (severity);
CREATE INDEX alert_brief_state ON alert_brief (state);
ALTER TABLE alert DROP COLUMN state;

CREATE INDEX agent_name ON agent (name COLLATE NOCASE);

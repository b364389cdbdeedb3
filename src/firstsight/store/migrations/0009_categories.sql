-- An agent's alerts of a span by category, for the few agents that a page shows: counted of all, they were too many.
CREATE INDEX alert_brief_category ON alert_brief (agent, time, category);
DROP INDEX alert_brief_time;
CREATE INDEX alert_brief_time ON alert_brief (time);

-- node is the cluster's node whose event waits; empty: it was read here
ALTER TABLE pending ADD COLUMN node TEXT NOT NULL DEFAULT '';
CREATE INDEX pending_node ON pending (node) WHERE due IS NOT NULL AND node <> '';

-- a node that stays away must not be read past each time another outbox is looked into
CREATE INDEX outbox_sink ON outbox (sink);

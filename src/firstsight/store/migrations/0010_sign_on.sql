-- People who come by an identity provider: known by what it calls them for ever, not by a name that may change hands.
ALTER TABLE person ADD COLUMN issuer TEXT NOT NULL DEFAULT '';
ALTER TABLE person ADD COLUMN subject TEXT NOT NULL DEFAULT '';
CREATE UNIQUE INDEX person_subject ON person (issuer, subject) WHERE subject != '';

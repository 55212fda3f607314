-- The same data and the same constraints as a service has.
PRAGMA foreign_keys = ON;

CREATE TABLE number (
    id INTEGER PRIMARY KEY, -- the order of additions
    sid BLOB NOT NULL UNIQUE,
    number INTEGER NOT NULL UNIQUE,
    region INTEGER NOT NULL,
    has_voice INTEGER NOT NULL,
    has_messages INTEGER NOT NULL,
    is_reserved INTEGER NOT NULL,
    in_use INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX number_by_region ON number (region, is_reserved, id);

CREATE TABLE session (
    id INTEGER PRIMARY KEY, -- the order of creation
    sid BLOB NOT NULL UNIQUE,
    unique_name TEXT UNIQUE,
    status INTEGER NOT NULL DEFAULT 0, -- 0 open, 1 in-progress, 2 closed
    closed_reason INTEGER,
    mode INTEGER NOT NULL,
    ttl INTEGER NOT NULL,
    date_created INTEGER NOT NULL,
    date_updated INTEGER NOT NULL,
    date_started INTEGER,
    date_ended INTEGER,
    date_last_interaction INTEGER,
    date_expiry INTEGER,
    deadline INTEGER
);
CREATE INDEX session_by_deadline ON session (deadline, id) WHERE deadline IS NOT NULL;

CREATE TABLE participant (
    id INTEGER PRIMARY KEY, -- the order of additions
    sid BLOB NOT NULL UNIQUE,
    session INTEGER NOT NULL REFERENCES session (id) ON DELETE CASCADE,
    identifier INTEGER NOT NULL,
    number INTEGER NOT NULL,
    number_sid BLOB NOT NULL,
    friendly_name TEXT,
    is_holder INTEGER NOT NULL DEFAULT 1,
    date_created INTEGER NOT NULL,
    date_updated INTEGER NOT NULL,
    date_deleted INTEGER,
    UNIQUE (session, identifier)
);
-- The pair is active in one session only.
CREATE UNIQUE INDEX participant_by_pair ON participant (identifier, number) WHERE is_holder = 1;
-- What an identifier has used before.
CREATE INDEX participant_by_use ON participant (identifier, id);

-- Up to where somebody has seen an incident's record: the last entry of each writer, so that their other machines know
-- it too. It is no part of the record, and nobody is refused anything by it.

CREATE TABLE cockpit.seen (
    handle text NOT NULL CHECK (length(handle) BETWEEN 1 AND 200),
    incident text NOT NULL CHECK (length(incident) BETWEEN 1 AND 64),
    writer text COLLATE "C" NOT NULL CHECK (writer ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'),
    seq bigint NOT NULL CHECK (seq > 0),
    at timestamptz NOT NULL,
    PRIMARY KEY (handle, incident, writer)
);

DO $$
BEGIN
    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'cockpit_observer') THEN
        GRANT SELECT ON cockpit.seen TO cockpit_observer;
    END IF;
    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'cockpit_responder') THEN
        GRANT SELECT, INSERT, UPDATE ON cockpit.seen TO cockpit_responder;
    END IF;
END $$;

-- Places in writers' chains whose entries are of incidents that never came here, as a file told that brought others of
-- the same writer. Without these each copy but the one that took in the file would say that they are missing.

CREATE TABLE cockpit.elsewhere (
    position bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    writer text COLLATE "C" NOT NULL CHECK (writer ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'),
    first bigint NOT NULL CHECK (first > 0),
    last bigint NOT NULL CHECK (last < 4611686018427387904),
    PRIMARY KEY (writer, first, last),
    CHECK (first <= last)
);

CREATE FUNCTION cockpit.keep_elsewhere() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'what is known to be elsewhere is never changed or deleted' USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER a_in_turn BEFORE INSERT ON cockpit.elsewhere
    FOR EACH STATEMENT EXECUTE FUNCTION cockpit.one_writer_at_a_time();
CREATE TRIGGER b_keep BEFORE UPDATE OR DELETE ON cockpit.elsewhere
    FOR EACH ROW EXECUTE FUNCTION cockpit.keep_elsewhere();
CREATE TRIGGER b_keep_all BEFORE TRUNCATE ON cockpit.elsewhere
    FOR EACH STATEMENT EXECUTE FUNCTION cockpit.keep_elsewhere();

DO $$
BEGIN
    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'cockpit_observer') THEN
        GRANT SELECT ON cockpit.elsewhere TO cockpit_observer;
    END IF;
    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'cockpit_responder') THEN
        GRANT SELECT, INSERT (writer, first, last) ON cockpit.elsewhere TO cockpit_responder;
    END IF;
END $$;

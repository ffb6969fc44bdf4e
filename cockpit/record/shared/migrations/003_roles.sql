-- Two roles to grant to logins: who responds reads and adds, who observes reads. Where this login may not make roles,
-- somebody makes them before the first cockpit starts.

DO $$
DECLARE
    wanted text;
BEGIN
    FOREACH wanted IN ARRAY ARRAY['cockpit_responder', 'cockpit_observer'] LOOP
        IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = wanted) THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I NOLOGIN', wanted);
            EXCEPTION
                WHEN insufficient_privilege OR duplicate_object OR unique_violation THEN NULL;
            END;
        END IF;
        IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = wanted) THEN
            EXECUTE format('GRANT USAGE ON SCHEMA cockpit TO %I', wanted);
            EXECUTE format('GRANT SELECT ON ALL TABLES IN SCHEMA cockpit TO %I', wanted);
        END IF;
    END LOOP;
    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'cockpit_responder') THEN
        GRANT INSERT (
            id, incident, kind, schema, occurred, recorded, writer, seq, actor, role, supersedes,
            payload, salt, digest, previous, hash
        ) ON cockpit.entries TO cockpit_responder;
        GRANT INSERT, UPDATE, DELETE ON cockpit.presence, cockpit.leases TO cockpit_responder;
    END IF;
END $$;
REVOKE ALL ON FUNCTION cockpit.redact(text, text) FROM PUBLIC;

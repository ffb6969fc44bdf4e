-- The shared record: entries as the journals wrote them, which nobody changes, and the labels that people use.
--
-- What an honest cockpit writes fits these rules; whatever else comes is refused here, whoever sends it.

CREATE TABLE cockpit.meta (name text PRIMARY KEY, value text NOT NULL);
INSERT INTO cockpit.meta VALUES ('record', gen_random_uuid()::text);

-- The bytes of an entry's envelope as they are hashed: JSON with sorted keys and without spaces.
CREATE FUNCTION cockpit.envelope(
    id text, incident text, kind text, schema integer, occurred text, recorded text, writer text, seq bigint,
    actor text, role text, supersedes text
) RETURNS bytea LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT convert_to(
        '{"actor":' || to_json(actor) || ',"id":' || to_json(id) || ',"incident":' || to_json(incident)
        || ',"kind":' || to_json(kind) || ',"occurred":' || to_json(occurred) || ',"recorded":' || to_json(recorded)
        || ',"role":' || coalesce(to_json(role)::text, 'null') || ',"schema":' || schema || ',"seq":' || seq
        || ',"supersedes":' || coalesce(to_json(supersedes)::text, 'null') || ',"writer":' || to_json(writer) || '}',
        'UTF8'
    )
$$;

CREATE TABLE cockpit.entries (
    position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id text NOT NULL UNIQUE CHECK (id ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'),
    incident text NOT NULL CHECK (incident ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'),
    kind text NOT NULL CHECK (kind ~ '^[a-z][a-z0-9-]{0,63}$'),
    schema integer NOT NULL CHECK (schema > 0),
    occurred text COLLATE "C" NOT NULL
        CHECK (occurred ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\.[0-9]{6}Z$'),
    recorded text COLLATE "C" NOT NULL
        CHECK (recorded ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\.[0-9]{6}Z\+[0-9]{6}$'),
    writer text COLLATE "C" NOT NULL CHECK (writer ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'),
    seq bigint NOT NULL CHECK (seq > 0),
    actor text NOT NULL CHECK (length(actor) BETWEEN 1 AND 200),
    role text CHECK (length(role) BETWEEN 1 AND 64),
    supersedes text CHECK (length(supersedes) <= 64),
    payload bytea CHECK (octet_length(payload) <= 4194304 AND json_typeof(convert_from(payload, 'UTF8')::json) = 'object'),
    salt bytea CHECK (octet_length(salt) = 16),
    digest bytea NOT NULL CHECK (octet_length(digest) = 32),
    previous bytea NOT NULL CHECK (octet_length(previous) = 32),
    hash bytea NOT NULL,
    arrived timestamptz NOT NULL DEFAULT clock_timestamp(),
    UNIQUE (writer, seq),
    CONSTRAINT whole_or_erased CHECK ((payload IS NULL) = (salt IS NULL)),
    -- Cockpits write each character as itself: what is escaped so may be half of one.
    CONSTRAINT payload_is_whole CHECK (convert_from(payload, 'UTF8') !~ '(^|[^\\])(\\\\)*\\u[dD][89a-fA-F]'),
    CONSTRAINT digest_is_true CHECK (payload IS NULL OR digest = sha256(salt || payload)),
    CONSTRAINT hash_is_true CHECK (hash = sha256(
        previous || cockpit.envelope(
            id, incident, kind, schema, occurred, recorded, writer, seq, actor, role, supersedes
        ) || digest
    ))
);
CREATE INDEX entries_of_incident ON cockpit.entries (incident, position);

-- What redactions erase. They may come before or after what they name.
CREATE TABLE cockpit.redactions (
    incident text NOT NULL, entry text NOT NULL CHECK (length(entry) <= 64), redaction text NOT NULL,
    PRIMARY KEY (incident, entry, redaction)
);

CREATE TABLE cockpit.labels (
    incident text PRIMARY KEY, label text NOT NULL UNIQUE, year integer NOT NULL, number integer NOT NULL,
    UNIQUE (year, number)
);

-- Positions become visible in their own order: who has read up to one has missed none before it.
-- A table is what they queue at: an advisory lock could be held by anybody.
CREATE TABLE cockpit.turn ();
CREATE FUNCTION cockpit.one_writer_at_a_time() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    LOCK TABLE cockpit.turn IN EXCLUSIVE MODE;
    RETURN NULL;
END $$;
CREATE TRIGGER a_in_turn BEFORE INSERT ON cockpit.entries
    FOR EACH STATEMENT EXECUTE FUNCTION cockpit.one_writer_at_a_time();

CREATE FUNCTION cockpit.arriving() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    beside bytea;
BEGIN
    IF EXISTS (SELECT 1 FROM cockpit.entries WHERE id = new.id) THEN
        RETURN new;  -- ON CONFLICT settles it
    END IF;
    PERFORM replace(left(new.occurred, 26), 'T', ' ')::timestamp;  -- a day that there is
    IF replace(left(new.recorded, 26), 'T', ' ')::timestamp > (now() AT TIME ZONE 'UTC') + interval '25 hours' THEN
        RAISE EXCEPTION 'recorded at %, more than a day ahead of the record''s clock', new.recorded
            USING ERRCODE = 'check_violation', CONSTRAINT = 'recorded_is_past';
    END IF;
    IF right(new.recorded, 6) > '900000' THEN
        RAISE EXCEPTION 'its clock has no room left for those after it'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'recorded_has_room';
    END IF;
    IF new.seq = 1 THEN
        beside := decode(repeat('00', 32), 'hex');
    ELSE
        SELECT hash INTO beside FROM cockpit.entries WHERE writer = new.writer AND seq = new.seq - 1;
    END IF;
    IF beside IS NOT NULL AND beside <> new.previous THEN
        RAISE EXCEPTION 'it does not continue the entry before it' USING ERRCODE = 'check_violation', CONSTRAINT = 'chain_holds';
    END IF;
    SELECT previous INTO beside FROM cockpit.entries WHERE writer = new.writer AND seq = new.seq + 1;
    IF FOUND AND beside <> new.hash THEN
        RAISE EXCEPTION 'the entry after it continues another' USING ERRCODE = 'check_violation', CONSTRAINT = 'chain_holds';
    END IF;
    IF new.kind <> 'redaction' AND EXISTS (
        SELECT 1 FROM cockpit.redactions WHERE incident = new.incident AND entry = new.id
    ) THEN
        new.payload := NULL;
        new.salt := NULL;
    END IF;
    RETURN new;
END $$;
CREATE TRIGGER b_arriving BEFORE INSERT ON cockpit.entries FOR EACH ROW EXECUTE FUNCTION cockpit.arriving();

-- The one way in which anything is ever changed: what a recorded redaction names loses its words.
CREATE FUNCTION cockpit.redact(redacted text, of_incident text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    UPDATE cockpit.entries SET payload = NULL, salt = NULL
    WHERE id = redacted AND incident = of_incident AND kind <> 'redaction' AND payload IS NOT NULL
      AND EXISTS (SELECT 1 FROM cockpit.redactions WHERE entry = redacted AND incident = of_incident);
$$;

CREATE FUNCTION cockpit.arrived() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    named text;
    of_year integer;
    next integer;
BEGIN
    IF new.kind = 'redaction' AND new.payload IS NOT NULL THEN
        named := convert_from(new.payload, 'UTF8')::json ->> 'entry';
        IF named IS NULL THEN
            RAISE EXCEPTION 'a redaction that names nothing' USING ERRCODE = 'check_violation', CONSTRAINT = 'redaction_names';
        END IF;
        INSERT INTO cockpit.redactions VALUES (new.incident, named, new.id) ON CONFLICT DO NOTHING;
        PERFORM cockpit.redact(named, new.incident);
    ELSIF new.kind = 'declared' THEN
        of_year := left(new.occurred, 4)::integer;
        SELECT coalesce(max(number), 0) + 1 INTO next FROM cockpit.labels WHERE year = of_year;
        INSERT INTO cockpit.labels
        VALUES (new.incident, 'INC-' || left(new.occurred, 4) || '-' || CASE WHEN next < 1000 THEN lpad(next::text, 3, '0') ELSE next::text END, of_year, next)
        ON CONFLICT (incident) DO NOTHING;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER c_arrived AFTER INSERT ON cockpit.entries FOR EACH ROW EXECUTE FUNCTION cockpit.arrived();

-- What comes without its words must have been redacted: its redaction comes with it, or was there.
CREATE FUNCTION cockpit.erased_by_somebody() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF new.kind = 'redaction' OR NOT EXISTS (
        SELECT 1 FROM cockpit.redactions WHERE incident = new.incident AND entry = new.id
    ) THEN
        RAISE EXCEPTION 'it is erased, and no redaction says so' USING ERRCODE = 'check_violation', CONSTRAINT = 'erased_by_somebody';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER d_erased AFTER INSERT ON cockpit.entries DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (new.payload IS NULL) EXECUTE FUNCTION cockpit.erased_by_somebody();

CREATE FUNCTION cockpit.tell() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM pg_notify('cockpit_entries', '');
    RETURN NULL;
END $$;
CREATE TRIGGER e_tell AFTER INSERT ON cockpit.entries FOR EACH STATEMENT EXECUTE FUNCTION cockpit.tell();

CREATE FUNCTION cockpit.keep() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF new.payload IS NULL AND new.salt IS NULL
            AND (to_jsonb(new) - 'payload' - 'salt') = (to_jsonb(old) - 'payload' - 'salt')
            AND old.kind <> 'redaction'
            AND EXISTS (SELECT 1 FROM cockpit.redactions WHERE incident = old.incident AND entry = old.id)
        THEN
            RETURN new;
        END IF;
    END IF;
    RAISE EXCEPTION 'entries are never changed or deleted, only redacted' USING ERRCODE = 'check_violation', CONSTRAINT = 'entries_stay';
END $$;
CREATE TRIGGER f_keep BEFORE UPDATE OR DELETE ON cockpit.entries FOR EACH ROW EXECUTE FUNCTION cockpit.keep();
CREATE TRIGGER f_keep_all BEFORE TRUNCATE ON cockpit.entries FOR EACH STATEMENT EXECUTE FUNCTION cockpit.keep();

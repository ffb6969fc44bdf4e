-- Who is here, and who holds what only one may hold. Neither is the record: both are gone when a server crashes.

CREATE UNLOGGED TABLE cockpit.presence (
    cockpit text PRIMARY KEY CHECK (length(cockpit) BETWEEN 1 AND 64),
    handle text NOT NULL CHECK (length(handle) BETWEEN 1 AND 200),
    role text CHECK (length(role) <= 64),
    incident text CHECK (length(incident) <= 64),
    looking text NOT NULL CHECK (length(looking) <= 200),
    machine text NOT NULL CHECK (length(machine) <= 200),
    keyed timestamptz,
    skew double precision,
    seen timestamptz NOT NULL DEFAULT now()
);

CREATE UNLOGGED TABLE cockpit.leases (
    name text PRIMARY KEY CHECK (length(name) BETWEEN 1 AND 400),
    holder text NOT NULL CHECK (length(holder) BETWEEN 1 AND 64),
    handle text NOT NULL CHECK (length(handle) BETWEEN 1 AND 200),
    what text NOT NULL CHECK (length(what) <= 400),
    until timestamptz NOT NULL
);

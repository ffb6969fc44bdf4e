"""The tables of Churn Saver, and what stood in them this morning."""

SCHEMA = """
CREATE TABLE events (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    type text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    processed_at timestamptz
);
CREATE INDEX ON events (created_at);
CREATE TABLE job_queue (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL,
    status text NOT NULL DEFAULT 'pending',
    created_at timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz
);
CREATE INDEX ON job_queue (status, created_at);
CREATE TABLE scheduler_runs (finished_at timestamptz NOT NULL DEFAULT now(), jobs integer NOT NULL);
CREATE TABLE scheduler_lock (name text PRIMARY KEY);
INSERT INTO scheduler_lock VALUES ('reminders');
INSERT INTO events (type, created_at, processed_at)
SELECT 'membership.went_' || CASE WHEN n % 4 = 0 THEN 'invalid' ELSE 'valid' END, at, at
FROM (SELECT n, now() - interval '20 minutes' - n * interval '9 seconds' AS at FROM generate_series(1, 1500) n) past;
INSERT INTO job_queue (kind, status, created_at, finished_at)
SELECT CASE WHEN n % 3 = 0 THEN 'dm' ELSE 'push' END, 'done', at, at
FROM (SELECT n, now() - interval '40 minutes' - n * interval '30 seconds' AS at FROM generate_series(1, 400) n) past;
INSERT INTO scheduler_runs SELECT now() - n * interval '1 minute', 2 FROM generate_series(40, 240) n;
"""
"""It ends 20 and 40 minutes ago; RECENT_EVENTS or RECENT_JOBS tell what went well since."""

RECENT_EVENTS = """
INSERT INTO events (type, created_at, processed_at)
SELECT 'membership.went_valid', now() - n * interval '9 seconds', now() - n * interval '9 seconds'
FROM generate_series(0, 132) n;
"""
RECENT_JOBS = """
INSERT INTO job_queue (kind, status, created_at, finished_at)
SELECT 'push', 'done', now() - n * interval '30 seconds', now() - n * interval '30 seconds'
FROM generate_series(0, 79) n;
INSERT INTO scheduler_runs SELECT now() - n * interval '1 minute', 2 FROM generate_series(0, 39) n;
"""
LATE_EVENTS = """
INSERT INTO events (type, created_at)
SELECT 'membership.went_' || CASE WHEN n % 3 = 0 THEN 'invalid' ELSE 'valid' END, now() - n * interval '8 seconds'
FROM generate_series(1, 148) n;
"""
"""What came while nobody processed it."""
LATE_JOBS = """
INSERT INTO job_queue (kind, created_at)
SELECT CASE WHEN n % 3 = 0 THEN 'dm' ELSE 'push' END, now() - n * interval '15 seconds'
FROM generate_series(1, 156) n;
"""
"""What fell due while no scheduler ran."""

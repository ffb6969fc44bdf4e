"""The tables of the order service, and what stood in them this morning."""

SCHEMA = """
CREATE TABLE orders (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id bigint NOT NULL,
    status text NOT NULL DEFAULT 'PENDING',
    total_cents integer NOT NULL,
    stripe_payment_intent_id text,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ON orders (status, created_at);
CREATE TABLE webhook_events (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    type text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    processed_at timestamptz
);
INSERT INTO orders (user_id, status, total_cents, stripe_payment_intent_id, created_at)
SELECT 1 + n % 400, 'PAID', 500 + (n * 37) % 9000, 'pi_' || n, now() - n * interval '20 seconds'
FROM generate_series(1, 3000) n;
INSERT INTO webhook_events (type, created_at, processed_at)
SELECT 'payment_intent.succeeded', now() - n * interval '20 seconds', now() - n * interval '20 seconds'
FROM generate_series(1, 3000) n;
"""

BACKLOG = """
INSERT INTO orders (user_id, total_cents, stripe_payment_intent_id, created_at)
SELECT 1 + n % 90, 500 + (n * 53) % 9000, 'pi_late_' || n, now() - interval '31 minutes' - n * interval '7 seconds'
FROM generate_series(1, 120) n;
INSERT INTO webhook_events (type, created_at)
SELECT 'payment_intent.succeeded', now() - interval '31 minutes' - n * interval '7 seconds'
FROM generate_series(1, 120) n;
"""
"""What came while nobody could work it off."""

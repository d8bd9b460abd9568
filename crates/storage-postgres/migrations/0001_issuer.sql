-- The issuer's tables. A record is the JSON text that the embedded store keeps too (form number
-- inside); columns beside it are what is searched, ordered or locked. Text, not jsonb: the bytes
-- come back as they were written, whatever a number looks like, and U+0000 may stand escaped in it.
-- Identifiers sort by bytes (COLLATE "C"), whatever the locale of the database.

CREATE TABLE issuer_secrets (
    name text COLLATE "C" PRIMARY KEY,
    value bytea NOT NULL
);

CREATE TABLE issuer_kinds (
    code text COLLATE "C" PRIMARY KEY,
    record text NOT NULL
);

CREATE TABLE issuer_persons (
    id text COLLATE "C" PRIMARY KEY,
    external_ref text COLLATE "C" NOT NULL UNIQUE,
    record text NOT NULL
);

CREATE TABLE issuer_offers (
    id text COLLATE "C" PRIMARY KEY,
    revision bigint NOT NULL,
    created_at bigint NOT NULL,
    code bytea UNIQUE,
    token bytea UNIQUE,
    record text NOT NULL
);
CREATE INDEX issuer_offers_by_time ON issuer_offers (created_at, id);

CREATE TABLE issuer_nonces (
    nonce bytea PRIMARY KEY,
    expires bigint NOT NULL
);
CREATE INDEX issuer_nonces_by_time ON issuer_nonces (expires, nonce);

CREATE TABLE issuer_credentials (
    id text COLLATE "C" PRIMARY KEY,
    revision bigint NOT NULL,
    offer text COLLATE "C" NOT NULL,
    list text COLLATE "C" NOT NULL,
    place bigint NOT NULL,
    status smallint NOT NULL,
    idempotency bytea NOT NULL UNIQUE,
    notification text COLLATE "C" NOT NULL,
    issued boolean NOT NULL,
    waiting boolean NOT NULL,
    record text NOT NULL,
    -- Whatever a program does wrong: one place of a list belongs to one credential.
    UNIQUE (list, place)
);
CREATE INDEX issuer_credentials_by_offer ON issuer_credentials (offer, id);
CREATE INDEX issuer_credentials_by_notification ON issuer_credentials (notification, id);
CREATE INDEX issuer_credentials_waiting ON issuer_credentials (id) WHERE waiting;

CREATE TABLE issuer_deferred (
    id text COLLATE "C" PRIMARY KEY,
    revision bigint NOT NULL,
    transaction_digest bytea NOT NULL UNIQUE,
    offer text COLLATE "C" NOT NULL,
    record text NOT NULL
);
CREATE INDEX issuer_deferred_by_offer ON issuer_deferred (offer, id);

CREATE TABLE issuer_lists (
    id text COLLATE "C" PRIMARY KEY,
    record text NOT NULL
);

CREATE TABLE issuer_open_lists (
    class text COLLATE "C" PRIMARY KEY,
    list text COLLATE "C" NOT NULL
);

CREATE TABLE issuer_list_values (
    list text COLLATE "C" NOT NULL,
    place bigint NOT NULL,
    value smallint NOT NULL,
    PRIMARY KEY (list, place)
);

CREATE TABLE issuer_archive (
    sha256 bytea PRIMARY KEY,
    bytes bytea NOT NULL
);

CREATE TABLE issuer_batches (
    number bigint PRIMARY KEY,
    revision bigint NOT NULL,
    record text NOT NULL
);

CREATE TABLE issuer_audit (
    seq bigint PRIMARY KEY,
    record text NOT NULL
);

CREATE TABLE issuer_outbox (
    key text COLLATE "C" PRIMARY KEY,
    record text NOT NULL
);

-- Records there is one of.
CREATE TABLE issuer_singles (
    name text COLLATE "C" PRIMARY KEY,
    record text NOT NULL
);

-- Rows that are locked so that one writer at a time goes past them.
CREATE TABLE issuer_heads (
    name text COLLATE "C" PRIMARY KEY,
    number bigint NOT NULL,
    digest bytea NOT NULL
);
INSERT INTO issuer_heads (name, number, digest) VALUES
    ('audit', 0, decode('0000000000000000000000000000000000000000000000000000000000000000', 'hex')),
    ('batch', 0, decode('', 'hex')),
    ('outbox', 0, decode('', 'hex'));

-- The verifier's tables.

CREATE TABLE verifier_sessions (
    id text COLLATE "C" PRIMARY KEY,
    public_id text COLLATE "C" NOT NULL UNIQUE,
    revision bigint NOT NULL,
    forget_after bigint NOT NULL,
    record text NOT NULL
);
CREATE INDEX verifier_sessions_by_time ON verifier_sessions (forget_after, id);

-- An address may be longer than what an index takes, so its SHA-256 is the key.
CREATE TABLE verifier_lists (
    sha256 bytea PRIMARY KEY,
    key text COLLATE "C" NOT NULL,
    record text NOT NULL
);

CREATE TABLE verifier_singles (
    name text COLLATE "C" PRIMARY KEY,
    record text NOT NULL
);

-- Bulk jobs. Replicas share a job's chunks: whoever locks a chunk's row first (SKIP LOCKED) marks it
-- as his until a moment, and the mark is what a commit is checked against.

CREATE TABLE issuer_bulk_jobs (
    id text COLLATE "C" PRIMARY KEY,
    revision bigint NOT NULL,
    working boolean NOT NULL,
    anchoring boolean NOT NULL,
    record text NOT NULL
);
CREATE INDEX issuer_bulk_jobs_working ON issuer_bulk_jobs (id) WHERE working;
CREATE INDEX issuer_bulk_jobs_anchoring ON issuer_bulk_jobs (id) WHERE anchoring;

CREATE TABLE issuer_bulk_parts (
    job text COLLATE "C" NOT NULL,
    number bigint NOT NULL,
    bytes bytea NOT NULL,
    PRIMARY KEY (job, number)
);

CREATE TABLE issuer_bulk_chunks (
    job text COLLATE "C" NOT NULL,
    number bigint NOT NULL,
    done boolean NOT NULL,
    -- Until when, in Unix seconds, it belongs to whoever claimed it.
    claimed_until bigint NOT NULL,
    head text NOT NULL,
    rows text NOT NULL,
    leaves bytea,
    PRIMARY KEY (job, number)
);
CREATE INDEX issuer_bulk_chunks_left ON issuer_bulk_chunks (job, number) WHERE NOT done;

-- Rows by their identity: each is issued once, by whatever job.
CREATE TABLE issuer_bulk_rows (
    identity bytea PRIMARY KEY,
    job text COLLATE "C" NOT NULL,
    row_number bigint NOT NULL
);

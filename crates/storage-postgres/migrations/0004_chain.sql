-- Who writes for a chain account: one process at a time, by the server's clock.
CREATE TABLE issuer_leases (
    account text COLLATE "C" PRIMARY KEY,
    holder text COLLATE "C" NOT NULL,
    held_until timestamptz NOT NULL
);

-- What a verifier read of a chain: events about keys and accreditations, and up to which blocks
-- they are complete. One database may hold the indexes of several contract sets, by name.
CREATE TABLE chain_indexes (
    name text COLLATE "C" PRIMARY KEY,
    note text
);

CREATE TABLE chain_index_checkpoints (
    name text COLLATE "C" NOT NULL,
    block bigint NOT NULL,
    record text NOT NULL,
    PRIMARY KEY (name, block)
);

CREATE TABLE chain_index_rows (
    name text COLLATE "C" NOT NULL,
    block bigint NOT NULL,
    log_index bigint NOT NULL,
    record text NOT NULL,
    PRIMARY KEY (name, block, log_index)
);

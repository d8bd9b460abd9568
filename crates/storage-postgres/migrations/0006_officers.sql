-- Officers' access: accounts, sessions, API keys and what waits for a second person, as rows of
-- one table (crate officer-access says what the texts mean).

CREATE TABLE officer_rows (
    shelf text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    revision bigint NOT NULL,
    expires bigint,
    record text NOT NULL,
    PRIMARY KEY (shelf, key)
);
CREATE INDEX officer_rows_by_time ON officer_rows (expires, shelf, key);

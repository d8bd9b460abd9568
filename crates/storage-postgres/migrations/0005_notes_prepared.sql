-- What is prepared and not signed is found by an index, not by a walk over all credentials.
CREATE INDEX issuer_credentials_prepared ON issuer_credentials (id) WHERE NOT issued;

-- Small texts a service keeps for itself under a name, with their revision in the record.
CREATE TABLE issuer_notes (
    name text COLLATE "C" PRIMARY KEY,
    record text NOT NULL
);

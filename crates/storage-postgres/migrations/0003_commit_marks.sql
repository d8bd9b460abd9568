-- Every writing transaction leaves its random mark here. When a connection breaks during COMMIT,
-- the mark tells whether the transaction took place; who asks puts the mark there himself
-- (applied = false), so that a commit still on its way cannot take place after the answer.

CREATE TABLE sinpyo_commit_marks (
    mark bytea PRIMARY KEY,
    applied boolean NOT NULL,
    at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP
);
CREATE INDEX sinpyo_commit_marks_by_time ON sinpyo_commit_marks (at);

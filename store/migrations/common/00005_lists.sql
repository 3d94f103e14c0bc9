-- +goose Up

-- Few rows have died: an index of those alone is small, and costs nothing while the others are written.
DROP INDEX asset_died;
DROP INDEX finding_died;
DROP INDEX finding_subject_died;
DROP INDEX conversation_died;
DROP INDEX operation_died;
CREATE INDEX asset_died ON asset (org, died) WHERE died < 9223372036854775807;
CREATE INDEX finding_died ON finding (org, died) WHERE died < 9223372036854775807;
CREATE INDEX finding_subject_died ON finding_subject (org, died) WHERE died < 9223372036854775807;
CREATE INDEX conversation_died ON conversation (org, died) WHERE died < 9223372036854775807;
CREATE INDEX operation_died ON operation (org, died) WHERE died < 9223372036854775807;

-- What is filtered by these is found in memory.
DROP INDEX conversation_verdict;
DROP INDEX conversation_zones;

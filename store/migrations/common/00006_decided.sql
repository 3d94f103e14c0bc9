-- +goose Up

-- What people closed since a date is asked for by every overview.
CREATE INDEX finding_decision_at ON finding_decision (org, at);

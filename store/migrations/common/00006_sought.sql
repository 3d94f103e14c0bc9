-- +goose Up

-- What people closed since a date is asked for by every overview, and evidence is looked for by its name.
CREATE INDEX finding_decision_at ON finding_decision (org, at);
CREATE INDEX evidence_name ON evidence (org, name, id);

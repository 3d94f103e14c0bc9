-- +goose Up
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE INDEX asset_text ON asset USING gin (text gin_trgm_ops);
CREATE INDEX finding_text ON finding USING gin (text gin_trgm_ops);

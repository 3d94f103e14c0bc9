-- +goose Up
-- The request that asked for a job, so that what the log says of both is found together.
ALTER TABLE job ADD COLUMN request TEXT NOT NULL DEFAULT '';

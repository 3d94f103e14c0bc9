-- +goose Up

-- When a job was last begun; 0 before. The next attempt writes it anew.
ALTER TABLE job ADD COLUMN began_at INTEGER NOT NULL DEFAULT 0;

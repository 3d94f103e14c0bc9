-- +goose Up
CREATE VIRTUAL TABLE asset_text USING fts5 (text, content = '', contentless_delete = 1, tokenize = 'trigram');
CREATE VIRTUAL TABLE finding_text USING fts5 (text, content = '', contentless_delete = 1, tokenize = 'trigram');

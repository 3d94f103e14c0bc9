-- +goose Up

-- What lists are filtered and sorted by is found in memory: these were written with every row, and are not read any more.
DROP INDEX conversation_protocol;
DROP INDEX conversation_bytes;
DROP INDEX operation_verb;
DROP INDEX operation_protocol;
DROP INDEX operation_engineering;
DROP INDEX asset_kind;
DROP INDEX asset_zone;
DROP INDEX asset_vendor;
DROP INDEX asset_site;
DROP INDEX asset_supplier;
DROP INDEX asset_worst;
DROP INDEX finding_rule;
DROP INDEX finding_assignee;

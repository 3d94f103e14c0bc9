-- +goose Up

-- Who holds data. generation is the last published one: readers see rows with born <= generation < died.
CREATE TABLE organisation (
  id         TEXT PRIMARY KEY,
  name       TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  generation INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE site (
  org          TEXT NOT NULL REFERENCES organisation (id),
  id           TEXT NOT NULL,
  name         TEXT NOT NULL,
  time_zone    TEXT NOT NULL,
  jurisdiction TEXT NOT NULL,
  PRIMARY KEY (org, id)
);

CREATE TABLE setting (
  org   TEXT NOT NULL, -- '' for the whole installation
  name  TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (org, name)
);

-- The audit log: record is what was hashed, byte by byte. The other columns repeat it for search.
CREATE TABLE audit (
  seq         INTEGER PRIMARY KEY,
  at          INTEGER NOT NULL,
  org         TEXT NOT NULL,
  actor       TEXT NOT NULL,
  action      TEXT NOT NULL,
  object_kind TEXT NOT NULL,
  object      TEXT NOT NULL,
  record      BLOB NOT NULL
);
CREATE INDEX audit_org ON audit (org, seq);
CREATE INDEX audit_object ON audit (org, object_kind, object, seq);
CREATE INDEX audit_actor ON audit (org, actor, seq);

CREATE TABLE audit_hash (
  idx  INTEGER PRIMARY KEY,
  hash BLOB NOT NULL
);

CREATE TABLE checkpoint (
  size INTEGER PRIMARY KEY,
  at   INTEGER NOT NULL,
  note TEXT NOT NULL
);

-- People and what proves who they are.
CREATE TABLE person (
  id          TEXT PRIMARY KEY,
  login       TEXT NOT NULL UNIQUE,
  name        TEXT NOT NULL,
  email       TEXT NOT NULL,
  state       TEXT NOT NULL, -- active, suspended, left
  break_glass INTEGER NOT NULL DEFAULT 0,
  created_at  INTEGER NOT NULL,
  version     INTEGER NOT NULL DEFAULT 1
);

CREATE TABLE credential (
  id         TEXT PRIMARY KEY,
  person     TEXT NOT NULL REFERENCES person (id),
  kind       TEXT NOT NULL, -- password, totp, passkey, recovery, oidc, link (to sign in once), device (seen before)
  label      TEXT NOT NULL,
  lookup     TEXT NOT NULL, -- passkey id, issuer and subject, digest of a link or a device; '' where the person leads here
  secret     BLOB NOT NULL, -- a hash, or sealed by the vault
  counter    INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL,
  used_at    INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX credential_person ON credential (person, kind);
CREATE INDEX credential_lookup ON credential (kind, lookup);

CREATE TABLE person_grant (
  person   TEXT NOT NULL REFERENCES person (id),
  role     TEXT NOT NULL,
  org      TEXT NOT NULL, -- '*' for every organisation
  sites    TEXT NOT NULL, -- '*' or ids with spaces between
  supplier TEXT NOT NULL, -- '' unless the role is bound to one
  source   TEXT NOT NULL, -- local, or the group that gave it
  PRIMARY KEY (person, role, org, sites, supplier, source)
);
CREATE INDEX person_grant_org ON person_grant (org);

CREATE TABLE session (
  id         TEXT PRIMARY KEY, -- of the row; the secret itself is never kept
  hash       BLOB NOT NULL UNIQUE,
  person     TEXT NOT NULL REFERENCES person (id),
  method     TEXT NOT NULL,
  address    TEXT NOT NULL,
  agent      TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  seen_at    INTEGER NOT NULL,
  proved_at  INTEGER NOT NULL, -- last time the person proved presence, for step-up
  expires_at INTEGER NOT NULL
);
CREATE INDEX session_person ON session (person);
CREATE INDEX session_expires ON session (expires_at);

CREATE TABLE api_token (
  id         TEXT PRIMARY KEY,
  hash       BLOB NOT NULL UNIQUE,
  person     TEXT NOT NULL REFERENCES person (id),
  label      TEXT NOT NULL,
  actions    TEXT NOT NULL, -- names with spaces between; never more than the person may
  org        TEXT NOT NULL, -- '*' or one
  created_at INTEGER NOT NULL,
  used_at    INTEGER NOT NULL DEFAULT 0,
  expires_at INTEGER NOT NULL
);
CREATE INDEX api_token_person ON api_token (person);

CREATE TABLE sign_in_failure (
  who   TEXT PRIMARY KEY, -- login: or address: and the value
  count INTEGER NOT NULL,
  last  INTEGER NOT NULL
);

-- Evidence and its chain of custody. The bytes lie in the vault under their hash.
CREATE TABLE evidence (
  org          TEXT NOT NULL REFERENCES organisation (id),
  id           TEXT NOT NULL,
  site         TEXT NOT NULL,
  name         TEXT NOT NULL,
  kind         TEXT NOT NULL,
  sha256       TEXT NOT NULL,
  bytes        INTEGER NOT NULL,
  records      INTEGER NOT NULL,
  from_at      INTEGER NOT NULL,
  to_at        INTEGER NOT NULL,
  received_at  INTEGER NOT NULL,
  received_by  TEXT NOT NULL,
  state        TEXT NOT NULL, -- received, read, unreadable, withdrawn, deleted
  hold         TEXT NOT NULL DEFAULT '', -- reason of a legal hold; '' for none
  keep_until   INTEGER NOT NULL DEFAULT 0,
  ledger       TEXT NOT NULL DEFAULT '', -- hash of the ledger file in the vault
  marks        TEXT NOT NULL DEFAULT '', -- hash of the index of a capture in the vault
  mapping      TEXT NOT NULL DEFAULT '', -- how a person reads a spreadsheet's columns
  body         BLOB NOT NULL, -- the record with problems and counters
  version      INTEGER NOT NULL DEFAULT 1,
  PRIMARY KEY (org, id)
);
CREATE INDEX evidence_received ON evidence (org, received_at, id);
CREATE INDEX evidence_sha256 ON evidence (sha256);

CREATE TABLE custody (
  org      TEXT NOT NULL,
  evidence TEXT NOT NULL,
  at       INTEGER NOT NULL,
  seq      INTEGER NOT NULL,
  who      TEXT NOT NULL,
  act      TEXT NOT NULL, -- received, read, downloaded, hold, released, deleted
  detail   TEXT NOT NULL,
  PRIMARY KEY (org, evidence, seq)
);

-- Work that outlives a request.
CREATE TABLE job (
  org         TEXT NOT NULL,
  id          TEXT NOT NULL,
  kind        TEXT NOT NULL,
  state       TEXT NOT NULL, -- waiting, running, done, failed, cancelled
  title       TEXT NOT NULL,
  step        TEXT NOT NULL,
  done        INTEGER NOT NULL DEFAULT 0,
  total       INTEGER NOT NULL DEFAULT 0,
  cancel      INTEGER NOT NULL DEFAULT 0,
  attempts    INTEGER NOT NULL DEFAULT 0,
  made_by     TEXT NOT NULL,
  made_at     INTEGER NOT NULL,
  changed_at  INTEGER NOT NULL,
  ended_at    INTEGER NOT NULL DEFAULT 0,
  message     TEXT NOT NULL DEFAULT '',
  hint        TEXT NOT NULL DEFAULT '',
  input       TEXT NOT NULL,
  result      TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (org, id)
);
CREATE INDEX job_made ON job (org, made_at, id);
CREATE INDEX job_state ON job (state);
CREATE INDEX job_ended ON job (ended_at);

CREATE TABLE outbox (
  id      INTEGER PRIMARY KEY,
  subject TEXT NOT NULL,
  payload BLOB NOT NULL,
  made_at INTEGER NOT NULL
);

-- What was received of each segment of a source, as runs of sequence numbers without gaps, both ends included.
CREATE TABLE received (
  org     TEXT NOT NULL,
  source  TEXT NOT NULL,
  segment TEXT NOT NULL,
  first   INTEGER NOT NULL,
  last    INTEGER NOT NULL,
  at      INTEGER NOT NULL,
  PRIMARY KEY (org, source, segment, first)
);
CREATE INDEX received_at ON received (at);

-- What was published when, for "state as of".
CREATE TABLE generation (
  org     TEXT NOT NULL REFERENCES organisation (id),
  number  INTEGER NOT NULL,
  at      INTEGER NOT NULL,
  cause   TEXT NOT NULL,
  summary BLOB NOT NULL,
  PRIMARY KEY (org, number)
);
CREATE INDEX generation_at ON generation (org, at);

CREATE TABLE asset (
  row           INTEGER PRIMARY KEY,
  org           TEXT NOT NULL,
  id            TEXT NOT NULL,
  born          INTEGER NOT NULL,
  died          INTEGER NOT NULL,
  stable        INTEGER NOT NULL, -- digest of what makes history
  whole         INTEGER NOT NULL, -- digest of everything
  name          TEXT NOT NULL,
  sort_name     TEXT NOT NULL,
  domain        TEXT NOT NULL,
  kind          TEXT NOT NULL,
  vendor        TEXT NOT NULL,
  model         TEXT NOT NULL,
  firmware      TEXT NOT NULL,
  zone          TEXT NOT NULL,
  level         TEXT NOT NULL,
  site          TEXT NOT NULL,
  supplier      TEXT NOT NULL,
  criticality   TEXT NOT NULL,
  address       TEXT NOT NULL,
  declared      INTEGER NOT NULL,
  observed      INTEGER NOT NULL,
  first_seen    INTEGER NOT NULL,
  last_seen     INTEGER NOT NULL,
  open_findings INTEGER NOT NULL DEFAULT 0,
  worst         INTEGER NOT NULL DEFAULT -1,
  text          TEXT NOT NULL
);
CREATE UNIQUE INDEX asset_id ON asset (org, id, born);
CREATE INDEX asset_name ON asset (org, sort_name, id);
CREATE INDEX asset_kind ON asset (org, kind, sort_name, id);
CREATE INDEX asset_zone ON asset (org, zone, sort_name, id);
CREATE INDEX asset_vendor ON asset (org, vendor, sort_name, id);
CREATE INDEX asset_site ON asset (org, site, sort_name, id);
CREATE INDEX asset_supplier ON asset (org, supplier, sort_name, id);
CREATE INDEX asset_last_seen ON asset (org, last_seen, id);
CREATE INDEX asset_worst ON asset (org, worst, id);
CREATE INDEX asset_died ON asset (org, died);
CREATE INDEX asset_born ON asset (org, born);

CREATE TABLE asset_body (
  row  INTEGER PRIMARY KEY,
  body BLOB NOT NULL
);

-- What people state of assets, over what the evidence says.
CREATE TABLE statement (
  org     TEXT NOT NULL,
  asset   TEXT NOT NULL,
  field   TEXT NOT NULL,
  value   TEXT NOT NULL,
  reason  TEXT NOT NULL,
  made_by TEXT NOT NULL,
  by_name TEXT NOT NULL,
  at      INTEGER NOT NULL,
  version INTEGER NOT NULL,
  gone    INTEGER NOT NULL DEFAULT 0, -- taken back; the version goes on counting
  PRIMARY KEY (org, asset, field)
);

CREATE TABLE identity_rule (
  org    TEXT NOT NULL,
  id     TEXT NOT NULL,
  kind   TEXT NOT NULL, -- must_link, cannot_link
  a      TEXT NOT NULL, -- identity keys
  b      TEXT NOT NULL,
  reason TEXT NOT NULL,
  made_by     TEXT NOT NULL,
  at     INTEGER NOT NULL,
  PRIMARY KEY (org, id)
);

CREATE TABLE conversation (
  row         INTEGER PRIMARY KEY,
  org         TEXT NOT NULL,
  id          TEXT NOT NULL,
  born        INTEGER NOT NULL,
  died        INTEGER NOT NULL,
  whole       INTEGER NOT NULL,
  client      TEXT NOT NULL,
  server      TEXT NOT NULL,
  client_site TEXT NOT NULL,
  server_site TEXT NOT NULL,
  client_zone TEXT NOT NULL,
  server_zone TEXT NOT NULL,
  protocol    TEXT NOT NULL,
  transport   TEXT NOT NULL,
  port        INTEGER NOT NULL,
  verdict     TEXT NOT NULL,
  packets     INTEGER NOT NULL,
  bytes       INTEGER NOT NULL,
  first_seen  INTEGER NOT NULL,
  last_seen   INTEGER NOT NULL,
  body        BLOB NOT NULL
);
CREATE INDEX conversation_id ON conversation (org, id, born);
CREATE INDEX conversation_last_seen ON conversation (org, last_seen, id);
CREATE INDEX conversation_protocol ON conversation (org, protocol, last_seen, id);
CREATE INDEX conversation_verdict ON conversation (org, verdict, last_seen, id);
CREATE INDEX conversation_client ON conversation (org, client, last_seen, id);
CREATE INDEX conversation_server ON conversation (org, server, last_seen, id);
CREATE INDEX conversation_zones ON conversation (org, client_zone, server_zone, last_seen, id);
CREATE INDEX conversation_bytes ON conversation (org, bytes, id);
CREATE INDEX conversation_died ON conversation (org, died);
CREATE INDEX conversation_born ON conversation (org, born);

CREATE TABLE operation (
  row         INTEGER PRIMARY KEY,
  org         TEXT NOT NULL,
  id          TEXT NOT NULL,
  born        INTEGER NOT NULL,
  died        INTEGER NOT NULL,
  whole       INTEGER NOT NULL,
  client      TEXT NOT NULL,
  server      TEXT NOT NULL,
  client_site TEXT NOT NULL,
  server_site TEXT NOT NULL,
  protocol    TEXT NOT NULL,
  verb        TEXT NOT NULL,
  name        TEXT NOT NULL,
  result      TEXT NOT NULL,
  engineering INTEGER NOT NULL,
  count       INTEGER NOT NULL,
  first_seen  INTEGER NOT NULL,
  last_seen   INTEGER NOT NULL,
  body        BLOB NOT NULL
);
CREATE INDEX operation_id ON operation (org, id, born);
CREATE INDEX operation_last_seen ON operation (org, last_seen, id);
CREATE INDEX operation_verb ON operation (org, verb, last_seen, id);
CREATE INDEX operation_protocol ON operation (org, protocol, last_seen, id);
CREATE INDEX operation_engineering ON operation (org, engineering, last_seen, id);
CREATE INDEX operation_client ON operation (org, client, last_seen, id);
CREATE INDEX operation_server ON operation (org, server, last_seen, id);
CREATE INDEX operation_died ON operation (org, died);
CREATE INDEX operation_born ON operation (org, born);

CREATE TABLE finding (
  row        INTEGER PRIMARY KEY,
  org        TEXT NOT NULL,
  id         TEXT NOT NULL,
  born       INTEGER NOT NULL,
  died       INTEGER NOT NULL,
  stable     INTEGER NOT NULL,
  whole      INTEGER NOT NULL,
  rule       TEXT NOT NULL,
  severity   INTEGER NOT NULL, -- rank
  title      TEXT NOT NULL,
  status     TEXT NOT NULL,
  assignee   TEXT NOT NULL DEFAULT '',
  until      INTEGER NOT NULL DEFAULT 0,
  first_seen INTEGER NOT NULL,
  last_seen  INTEGER NOT NULL,
  text       TEXT NOT NULL,
  body       BLOB NOT NULL
);
CREATE UNIQUE INDEX finding_id ON finding (org, id, born);
CREATE INDEX finding_severity ON finding (org, severity, id);
CREATE INDEX finding_status ON finding (org, status, severity, id);
CREATE INDEX finding_rule ON finding (org, rule, severity, id);
CREATE INDEX finding_assignee ON finding (org, assignee, severity, id);
CREATE INDEX finding_last_seen ON finding (org, last_seen, id);
CREATE INDEX finding_died ON finding (org, died);
CREATE INDEX finding_born ON finding (org, born);

-- The assets that a finding is about; site and supplier are theirs, for scope.
CREATE TABLE finding_subject (
  org      TEXT NOT NULL,
  finding  TEXT NOT NULL,
  asset    TEXT NOT NULL,
  born     INTEGER NOT NULL,
  died     INTEGER NOT NULL,
  site     TEXT NOT NULL,
  supplier TEXT NOT NULL,
  severity INTEGER NOT NULL,
  PRIMARY KEY (org, finding, asset, born)
);
CREATE INDEX finding_subject_asset ON finding_subject (org, asset, severity);
CREATE INDEX finding_subject_died ON finding_subject (org, died);
CREATE INDEX finding_subject_born ON finding_subject (org, born);

CREATE TABLE finding_decision (
  org      TEXT NOT NULL,
  finding  TEXT NOT NULL,
  version  INTEGER NOT NULL,
  status   TEXT NOT NULL,
  assignee TEXT NOT NULL,
  until    INTEGER NOT NULL,
  reason   TEXT NOT NULL,
  made_by       TEXT NOT NULL,
  at       INTEGER NOT NULL,
  PRIMARY KEY (org, finding, version)
);

CREATE TABLE zone (
  org   TEXT NOT NULL,
  id    TEXT NOT NULL,
  born  INTEGER NOT NULL,
  died  INTEGER NOT NULL,
  whole INTEGER NOT NULL,
  body  BLOB NOT NULL,
  PRIMARY KEY (org, id, born)
);

CREATE TABLE conduit (
  org   TEXT NOT NULL,
  id    TEXT NOT NULL,
  born  INTEGER NOT NULL,
  died  INTEGER NOT NULL,
  whole INTEGER NOT NULL,
  body  BLOB NOT NULL,
  PRIMARY KEY (org, id, born)
);

-- How many current rows have a value, for the filters beside a list; made when a generation is published.
CREATE TABLE facet (
  org        TEXT NOT NULL,
  generation INTEGER NOT NULL,
  list       TEXT NOT NULL,
  name       TEXT NOT NULL,
  value      TEXT NOT NULL,
  count      INTEGER NOT NULL,
  PRIMARY KEY (org, generation, list, name, value)
);

CREATE TABLE saved_view (
  org     TEXT NOT NULL,
  id      TEXT NOT NULL,
  person  TEXT NOT NULL,
  shared  INTEGER NOT NULL,
  page    TEXT NOT NULL,
  name    TEXT NOT NULL,
  query   TEXT NOT NULL,
  made_at INTEGER NOT NULL,
  PRIMARY KEY (org, id)
);

-- Ways by which events leave the house, and what waits for them.
CREATE TABLE outlet (
  org           TEXT NOT NULL,
  id            TEXT NOT NULL,
  kind          TEXT NOT NULL, -- webhook, syslog, mail
  name          TEXT NOT NULL,
  target        TEXT NOT NULL,
  events        TEXT NOT NULL, -- names with spaces between, * for all
  options       TEXT NOT NULL,
  secret        BLOB NOT NULL, -- sealed by the vault
  state         TEXT NOT NULL, -- active, paused, disabled
  reason        TEXT NOT NULL DEFAULT '',
  failures      INTEGER NOT NULL DEFAULT 0,
  failing_since INTEGER NOT NULL DEFAULT 0,
  last_error    TEXT NOT NULL DEFAULT '',
  sent_at       INTEGER NOT NULL DEFAULT 0,
  dropped       INTEGER NOT NULL DEFAULT 0,
  version       INTEGER NOT NULL DEFAULT 1,
  made_by       TEXT NOT NULL,
  made_at       INTEGER NOT NULL,
  PRIMARY KEY (org, id)
);

CREATE TABLE delivery (
  org      TEXT NOT NULL,
  outlet   TEXT NOT NULL,
  id       TEXT NOT NULL, -- of the event
  event    TEXT NOT NULL,
  body     BLOB NOT NULL,
  made_at  INTEGER NOT NULL,
  due_at   INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (org, outlet, id)
);
CREATE INDEX delivery_due ON delivery (org, outlet, due_at);
CREATE INDEX delivery_made ON delivery (made_at);

-- What takes back a change that somebody just made.
CREATE TABLE undo (
  org     TEXT NOT NULL,
  id      TEXT NOT NULL,
  person  TEXT NOT NULL,
  kind    TEXT NOT NULL,
  title   TEXT NOT NULL,
  data    BLOB NOT NULL,
  made_at INTEGER NOT NULL,
  PRIMARY KEY (org, id)
);
CREATE INDEX undo_made ON undo (made_at);

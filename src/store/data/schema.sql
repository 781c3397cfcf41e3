-- The case file, version 4: docs/case-file.md says what it means. Times are microseconds since 1970-01-01 UTC.
CREATE TABLE about (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
INSERT INTO about VALUES ('format', 'spoor case file'), ('version', '4'),
  ('redact_key', lower(hex(randomblob(32))));

CREATE TABLE runs (id INTEGER PRIMARY KEY, time INTEGER NOT NULL, program TEXT NOT NULL, verb TEXT NOT NULL,
  evidence_new INTEGER NOT NULL, findings INTEGER NOT NULL, campaigns INTEGER, partial INTEGER NOT NULL);
CREATE TABLE inputs (id INTEGER PRIMARY KEY, tenant TEXT NOT NULL, path TEXT NOT NULL, folder TEXT NOT NULL,
  UNIQUE (tenant, path, folder));
CREATE TABLE settings (name TEXT NOT NULL, value TEXT NOT NULL);

CREATE TABLE evidence (id INTEGER PRIMARY KEY, tenant TEXT NOT NULL, path TEXT NOT NULL, sha256 TEXT, unread TEXT,
  UNIQUE (tenant, path));
CREATE TABLE rules (id INTEGER PRIMARY KEY, rule_id TEXT NOT NULL, title TEXT NOT NULL, level TEXT NOT NULL, tags TEXT NOT NULL,
  UNIQUE (rule_id, title));
CREATE TABLE findings (id INTEGER PRIMARY KEY, time INTEGER, rule INTEGER NOT NULL REFERENCES rules,
  evidence INTEGER NOT NULL REFERENCES evidence, record INTEGER NOT NULL, "offset" INTEGER NOT NULL, host TEXT, user TEXT,
  source TEXT, event_id INTEGER, carved INTEGER NOT NULL, matched TEXT NOT NULL, event TEXT NOT NULL);
CREATE INDEX findings_by_evidence ON findings (evidence);

CREATE TABLE things (id INTEGER PRIMARY KEY, kind TEXT NOT NULL, tenant TEXT NOT NULL, host INTEGER REFERENCES things,
  name TEXT NOT NULL, first INTEGER, last INTEGER, events INTEGER NOT NULL, image TEXT, command TEXT, pid INTEGER);
CREATE TABLE links (id INTEGER PRIMARY KEY, kind TEXT NOT NULL, "from" INTEGER NOT NULL REFERENCES things,
  "to" INTEGER NOT NULL REFERENCES things, first INTEGER, last INTEGER, events INTEGER NOT NULL,
  evidence INTEGER NOT NULL REFERENCES evidence, record INTEGER NOT NULL, "offset" INTEGER NOT NULL);

CREATE TABLE campaigns (id INTEGER PRIMARY KEY, score REAL NOT NULL, first INTEGER, last INTEGER, begun INTEGER,
  silent_from INTEGER, silent_until INTEGER);
CREATE TABLE steps (id INTEGER PRIMARY KEY, campaign INTEGER NOT NULL REFERENCES campaigns, stage TEXT, tactic TEXT, technique TEXT,
  first INTEGER, last INTEGER, tenant TEXT, host TEXT, user TEXT, title TEXT NOT NULL, level TEXT NOT NULL, summary TEXT,
  weight REAL NOT NULL, thing INTEGER REFERENCES things);
CREATE TABLE step_records (step INTEGER NOT NULL REFERENCES steps, evidence INTEGER NOT NULL REFERENCES evidence,
  record INTEGER NOT NULL, "offset" INTEGER NOT NULL);
CREATE INDEX step_records_by_step ON step_records (step);
CREATE TABLE joins (id INTEGER PRIMARY KEY, campaign INTEGER NOT NULL REFERENCES campaigns, "from" INTEGER NOT NULL REFERENCES things,
  "to" INTEGER NOT NULL REFERENCES things, kind TEXT NOT NULL, why TEXT NOT NULL, strength REAL NOT NULL,
  evidence INTEGER NOT NULL REFERENCES evidence, record INTEGER NOT NULL, "offset" INTEGER NOT NULL);
CREATE TABLE hosts (campaign INTEGER NOT NULL REFERENCES campaigns, thing INTEGER NOT NULL REFERENCES things, tenant TEXT NOT NULL,
  name TEXT NOT NULL, state TEXT NOT NULL, first INTEGER, why TEXT NOT NULL);
CREATE TABLE gaps (campaign INTEGER NOT NULL REFERENCES campaigns, tenant TEXT, host TEXT, missing TEXT NOT NULL, hides TEXT NOT NULL);
CREATE TABLE paths (id INTEGER PRIMARY KEY, campaign INTEGER NOT NULL REFERENCES campaigns, from_tenant TEXT NOT NULL,
  to_tenant TEXT NOT NULL, accounts TEXT NOT NULL);
CREATE TABLE path_hosts (path INTEGER NOT NULL REFERENCES paths, thing INTEGER NOT NULL REFERENCES things, name TEXT NOT NULL,
  "from" INTEGER NOT NULL REFERENCES things, from_name TEXT NOT NULL, first INTEGER, evidence INTEGER NOT NULL REFERENCES evidence,
  record INTEGER NOT NULL, "offset" INTEGER NOT NULL);
CREATE TABLE victims (id INTEGER PRIMARY KEY, campaign INTEGER NOT NULL REFERENCES campaigns, kind TEXT NOT NULL, tenant TEXT NOT NULL,
  name TEXT NOT NULL, state TEXT NOT NULL, first INTEGER, last INTEGER, why TEXT NOT NULL, person TEXT, organisation TEXT, role TEXT,
  related_to TEXT);
CREATE TABLE victim_records (victim INTEGER NOT NULL REFERENCES victims, evidence INTEGER NOT NULL REFERENCES evidence,
  record INTEGER NOT NULL, "offset" INTEGER NOT NULL);
CREATE INDEX victim_records_by_victim ON victim_records (victim);
CREATE TABLE actors (campaign INTEGER NOT NULL REFERENCES campaigns, actor TEXT, name TEXT NOT NULL, probability REAL NOT NULL,
  speaks_for TEXT NOT NULL, speaks_against TEXT NOT NULL);
CREATE TABLE observed (campaign INTEGER NOT NULL REFERENCES campaigns, technique TEXT NOT NULL, certainty REAL NOT NULL, how TEXT NOT NULL);
CREATE TABLE observable (campaign INTEGER NOT NULL REFERENCES campaigns, tactic TEXT NOT NULL);
CREATE TABLE first_days (id INTEGER PRIMARY KEY, campaign INTEGER NOT NULL REFERENCES campaigns, tenant TEXT NOT NULL,
  thing INTEGER NOT NULL REFERENCES things, host TEXT NOT NULL, account TEXT, time INTEGER, how TEXT,
  "from" INTEGER REFERENCES things);
CREATE TABLE first_day_records (first_day INTEGER NOT NULL REFERENCES first_days, evidence INTEGER NOT NULL REFERENCES evidence,
  record INTEGER NOT NULL, "offset" INTEGER NOT NULL);
CREATE TABLE alternatives (first_day INTEGER NOT NULL REFERENCES first_days, thing INTEGER NOT NULL REFERENCES things,
  host TEXT NOT NULL, time INTEGER, why TEXT NOT NULL);

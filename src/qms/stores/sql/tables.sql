-- The tables of a log in PostgreSQL 15 or later. {schema} is the schema of one log; one log for each tenant.
--
-- Rule 1: what is recorded is only added to. Triggers refuse UPDATE, DELETE and TRUNCATE of entries, of the log, of keys,
-- and a stream or head that shrinks. They stop accidents; the owner of the tables can drop them, and then only a
-- checkpoint held elsewhere tells.
-- Rule 2: `entry` is what happened, stream by stream; `log` gives each entry its position; `pending` holds the batches
-- that have none yet. The hashes kept with a position are those of the subtrees that it completes, so they are the tree.
-- Rule 3: nothing refers to a transaction number: a dump restored elsewhere goes on where it ended.

CREATE TABLE {schema}.meta (name text PRIMARY KEY, value text NOT NULL);
CREATE SEQUENCE {schema}.stream_id;
CREATE TABLE {schema}.stream (
    id bigint PRIMARY KEY DEFAULT nextval('{schema}.stream_id'),
    name text COLLATE "C" NOT NULL UNIQUE,
    length bigint NOT NULL CHECK (length > 0)) WITH (fillfactor = 70);
CREATE TABLE {schema}.entry (
    stream bigint NOT NULL, seq bigint NOT NULL CHECK (seq > 0), data bytea NOT NULL, PRIMARY KEY (stream, seq));
CREATE TABLE {schema}.log (
    position bigint PRIMARY KEY CHECK (position > 0), stream bigint NOT NULL, seq bigint NOT NULL, hashes bytea NOT NULL,
    UNIQUE (stream, seq));
CREATE SEQUENCE {schema}.batch;
CREATE TABLE {schema}.pending (
    batch bigint PRIMARY KEY, stream bigint[] NOT NULL, seq bigint[] NOT NULL, leaf bytea[] NOT NULL,
    since timestamptz NOT NULL DEFAULT clock_timestamp())
    WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);
CREATE TABLE {schema}.head (id int PRIMARY KEY CHECK (id = 1), size bigint NOT NULL CHECK (size >= 0), frontier bytea[] NOT NULL);
CREATE TABLE {schema}.case_row (
    stream bigint PRIMARY KEY, process text NOT NULL, procedure text, steps text[] NOT NULL, subject text, unit text,
    open boolean NOT NULL, due bigint, wake bigint) WITH (fillfactor = 70);
CREATE INDEX case_row_due ON {schema}.case_row (open, due) WHERE due IS NOT NULL;
CREATE INDEX case_row_wake ON {schema}.case_row (wake) WHERE wake IS NOT NULL;
CREATE TABLE {schema}.key (
    name text COLLATE "C" PRIMARY KEY, request text NOT NULL, stream text NOT NULL, seq bigint NOT NULL, first bigint NOT NULL);
CREATE TABLE {schema}.private (
    stream bigint NOT NULL, seq bigint NOT NULL, path text NOT NULL, salt bytea NOT NULL, value bytea NOT NULL,
    PRIMARY KEY (stream, seq, path));

INSERT INTO {schema}.head VALUES (1, 0, '{{}}');

CREATE FUNCTION {schema}.refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the log is only added to' USING ERRCODE = 'integrity_constraint_violation';
END $$;
-- As PostgreSQL writes them itself: `check` compares them.
CREATE TRIGGER qms_entry BEFORE DELETE OR UPDATE OR TRUNCATE ON {schema}.entry FOR EACH STATEMENT EXECUTE FUNCTION {schema}.refuse();
CREATE TRIGGER qms_log BEFORE DELETE OR UPDATE OR TRUNCATE ON {schema}.log FOR EACH STATEMENT EXECUTE FUNCTION {schema}.refuse();
CREATE TRIGGER qms_key BEFORE DELETE OR UPDATE OR TRUNCATE ON {schema}.key FOR EACH STATEMENT EXECUTE FUNCTION {schema}.refuse();
CREATE TRIGGER qms_stream BEFORE DELETE OR TRUNCATE ON {schema}.stream FOR EACH STATEMENT EXECUTE FUNCTION {schema}.refuse();
CREATE TRIGGER qms_stream_grows BEFORE UPDATE ON {schema}.stream FOR EACH ROW
    WHEN (((new.length < old.length) OR (new.id <> old.id) OR (new.name <> old.name))) EXECUTE FUNCTION {schema}.refuse();
CREATE TRIGGER qms_head BEFORE DELETE OR TRUNCATE ON {schema}.head FOR EACH STATEMENT EXECUTE FUNCTION {schema}.refuse();
CREATE TRIGGER qms_head_grows BEFORE UPDATE ON {schema}.head FOR EACH ROW
    WHEN (((new.size < old.size) OR (new.id <> old.id))) EXECUTE FUNCTION {schema}.refuse();
CREATE TRIGGER qms_private BEFORE UPDATE OR TRUNCATE ON {schema}.private FOR EACH STATEMENT EXECUTE FUNCTION {schema}.refuse();
CREATE TRIGGER qms_pending BEFORE UPDATE OR TRUNCATE ON {schema}.pending FOR EACH STATEMENT EXECUTE FUNCTION {schema}.refuse();

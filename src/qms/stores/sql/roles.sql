-- Who may do what with the log in the schema {schema}. Run by the owner of the tables; grant the roles to your logins:
--
--     GRANT {schema}_reader, {schema}_writer, {schema}_confidant TO office;   -- an application
--     GRANT {schema}_reader, {schema}_sequencer TO sequencer;                 -- qms sequence URL
--     GRANT {schema}_reader, {schema}_writer, {schema}_confidant, {schema}_eraser TO archive;  -- an application that erases
--     GRANT {schema}_reader TO auditor;                                       -- reads, verifies up to the level streams, sees no personal value
--
-- Nobody here may change or delete a record, a position or a key: there is only what the functions do, with the rights of
-- their owner. Nothing should log in as that owner but `qms prepare`.

DO $$
DECLARE
    v_role text;
BEGIN
    FOREACH v_role IN ARRAY ARRAY['reader', 'writer', 'confidant', 'sequencer', 'eraser'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{schema}_' || v_role) THEN
            EXECUTE format('CREATE ROLE %I NOLOGIN', '{schema}_' || v_role);
        END IF;
    END LOOP;
END $$;
REVOKE ALL ON SCHEMA {schema} FROM PUBLIC;
REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM PUBLIC;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA {schema} FROM PUBLIC;
GRANT USAGE ON SCHEMA {schema} TO {schema}_reader, {schema}_writer, {schema}_confidant, {schema}_sequencer, {schema}_eraser;
GRANT SELECT ON {schema}.meta, {schema}.stream, {schema}.entry, {schema}.log, {schema}.pending, {schema}.head,
    {schema}.case_row, {schema}.key TO {schema}_reader;
GRANT SELECT (stream, seq, path) ON {schema}.private TO {schema}_reader;  -- that there is a value, not which
GRANT SELECT ON {schema}.private TO {schema}_confidant;
GRANT EXECUTE ON FUNCTION {schema}.append TO {schema}_writer;
GRANT EXECUTE ON FUNCTION {schema}.sequence TO {schema}_writer, {schema}_sequencer;
GRANT EXECUTE ON FUNCTION {schema}.erase, {schema}.prune TO {schema}_eraser;

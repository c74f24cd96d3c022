-- What may be done to a log, as functions: who may call one may do that and nothing else (see roles.sql).
--
-- Rule 1: a batch takes the locks of its streams first, in the order of their names, and its number after them. So a
-- record always has a higher batch number than the one it follows in its stream, and is never visible without it.
-- Rule 2: whoever holds the sequencer's advisory lock gives positions, in the order of batch numbers, to all batches that
-- are visible; the lock is held until the commit, so positions become visible in their order and without a gap.
-- Rule 3: statements inside a function see what was committed before each began (READ COMMITTED). Where the caller's
-- transaction sees an older state, PostgreSQL refuses the change of a row that is newer; then all of it is tried again.
-- Rule 4: a record is never visible before it is safe: where the session would not wait for the disk, it does here.
-- Rule 5: who may call a function may call it with anything: what no store sends is refused, and changes nothing.

CREATE OR REPLACE FUNCTION {schema}.lock_of() RETURNS bigint
    LANGUAGE sql IMMUTABLE AS $$ SELECT hashtextextended('qms sequencer of {schema}', 0) $$;

-- Gives positions to at most p_most batches that wait and then, when none is left over, to the records given.
-- The caller holds the sequencer's lock.
CREATE OR REPLACE FUNCTION {schema}.drain(
    p_most int, p_stream bigint[], p_seq bigint[], p_leaf bytea[], OUT o_first bigint, OUT o_done bigint, OUT o_more boolean)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_start bigint;
    v_size bigint;
    v_index bigint;
    v_batches bigint;
    v_top int;
    v_frontier bytea[];
    v_stream bigint[];
    v_seq bigint[];
    v_leaf bytea[];
    v_kept bytea[] := '{{}}';
    v_node bytea;
    v_chain bytea;
BEGIN
    SELECT size, frontier INTO STRICT v_start, v_frontier FROM {schema}.head;
    IF cardinality(v_frontier) <> bit_count(v_start::bit(64)) OR v_start < 0 OR array_position(v_frontier, NULL) IS NOT NULL THEN
        RAISE EXCEPTION 'the head of the log is damaged' USING ERRCODE = 'data_corrupted';
    END IF;
    WITH gone AS (
        DELETE FROM {schema}.pending WHERE batch = ANY (ARRAY(SELECT batch FROM {schema}.pending ORDER BY batch LIMIT p_most))
        RETURNING batch, stream, seq, leaf)
    SELECT count(DISTINCT g.batch), array_agg(u.stream ORDER BY g.batch, u.n), array_agg(u.seq ORDER BY g.batch, u.n),
           array_agg(u.leaf ORDER BY g.batch, u.n)
    INTO v_batches, v_stream, v_seq, v_leaf
    FROM gone AS g, unnest(g.stream, g.seq, g.leaf) WITH ORDINALITY AS u (stream, seq, leaf, n);
    o_more := v_batches >= p_most;
    IF p_stream IS NOT NULL AND NOT o_more THEN
        o_first := v_start + coalesce(cardinality(v_leaf), 0) + 1;
        v_stream := v_stream || p_stream;
        v_seq := v_seq || p_seq;
        v_leaf := v_leaf || p_leaf;
    END IF;
    o_done := coalesce(cardinality(v_leaf), 0);
    IF o_done = 0 THEN
        RETURN;
    END IF;
    v_size := v_start;
    v_top := coalesce(cardinality(v_frontier), 0);
    FOREACH v_node IN ARRAY v_leaf LOOP  -- RFC 6962, 2.1: the subtrees that this leaf completes
        v_chain := v_node;
        v_index := v_size;
        WHILE v_index & 1 = 1 LOOP
            v_node := sha256(decode('01', 'hex') || v_frontier[v_top] || v_node);
            v_top := v_top - 1;
            v_index := v_index >> 1;
            v_chain := v_chain || v_node;
        END LOOP;
        v_top := v_top + 1;
        v_frontier[v_top] := v_node;
        v_size := v_size + 1;
        v_kept[v_size - v_start] := v_chain;
    END LOOP;
    INSERT INTO {schema}.log (position, stream, seq, hashes)
        SELECT v_start + u.n, u.stream, u.seq, u.hashes
        FROM unnest(v_stream, v_seq, v_kept) WITH ORDINALITY AS u (stream, seq, hashes, n);
    UPDATE {schema}.head SET size = v_size, frontier = v_frontier[1:v_top];
END $$;

-- Gives positions to batches that wait. p_wait: milliseconds to wait for another sequencer; 0: not at all; below 0: without end.
CREATE OR REPLACE FUNCTION {schema}.sequence(p_most int, p_wait int, OUT o_done bigint, OUT o_more boolean)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_patience text := current_setting('lock_timeout');
BEGIN
    o_done := 0;
    o_more := false;
    IF NOT EXISTS (SELECT FROM {schema}.pending) THEN
        RETURN;
    END IF;
    IF current_setting('synchronous_commit') = 'off' THEN
        PERFORM set_config('synchronous_commit', 'on', true);
    END IF;
    IF p_wait = 0 THEN
        IF NOT pg_try_advisory_xact_lock({schema}.lock_of()) THEN
            o_more := true;
            RETURN;
        END IF;
    ELSIF p_wait < 0 THEN
        PERFORM pg_advisory_xact_lock({schema}.lock_of());
    ELSE
        BEGIN
            PERFORM set_config('lock_timeout', p_wait::text, true);
            PERFORM pg_advisory_xact_lock({schema}.lock_of());
            PERFORM set_config('lock_timeout', v_patience, true);
        EXCEPTION WHEN lock_not_available THEN
            o_more := true;
            RETURN;
        END;
    END IF;
    IF EXISTS (SELECT FROM {schema}.pending) THEN  -- still: who was waited for may have done it
        SELECT d.o_done, d.o_more INTO o_done, o_more FROM {schema}.drain(p_most, NULL, NULL, NULL) AS d;
    END IF;
END $$;

-- Keeps one batch. p_mode 0: it waits for a sequencer; 1: positions at once where no other sequencer is at work;
-- 2: positions at once, whoever has to be waited for. A batch that is refused has changed nothing: o_refused is the number
-- of the write whose stream has o_length entries; a key that is known gives o_repeated, and the request it was used for.
CREATE OR REPLACE FUNCTION {schema}.append(
    p_mode int, p_stream text[], p_expected bigint[], p_count bigint[], p_data bytea[], p_row jsonb, p_private jsonb,
    p_key text, p_request text,
    OUT o_position bigint, OUT o_repeated boolean, OUT o_request text, OUT o_refused int, OUT o_length bigint)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_writes int := cardinality(p_stream);
    v_names text[] := '{{}}';
    v_ids bigint[] := '{{}}';
    v_lengths bigint[] := '{{}}';
    v_of bigint[] := '{{}}';      -- the stream of each write
    v_stream bigint[] := '{{}}';  -- of each entry
    v_seq bigint[] := '{{}}';
    v_leaf bytea[] := '{{}}';
    v_new bigint[] := '{{}}';
    v_more boolean := true;
    v_id bigint;
    v_at int;
    v_name text;
    v_adds boolean;
    v_data bytea;
    v_kept bigint;
BEGIN
    IF (array_dims(p_stream) = '[1:' || v_writes || ']' AND array_dims(p_expected) = array_dims(p_stream)
        AND array_dims(p_count) = array_dims(p_stream) AND array_dims(p_data) = '[1:' || cardinality(p_data) || ']'
        AND '' <> ALL (p_stream) AND 0 <= ALL (p_expected) AND 0 <= ALL (p_count)
        AND cardinality(p_data) >= ALL (p_count)) IS NOT TRUE THEN
        RAISE EXCEPTION 'no batch: streams have names, lengths are 0 or more, and there are records'
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF current_setting('synchronous_commit') = 'off' THEN
        PERFORM set_config('synchronous_commit', 'on', true);
    END IF;
    o_repeated := false;
    IF p_mode = 2 THEN
        PERFORM pg_advisory_xact_lock({schema}.lock_of());
    END IF;
    LOOP
        IF p_key IS NOT NULL THEN
            SELECT true, k.request, (
                SELECT l.position FROM {schema}.log AS l JOIN {schema}.stream AS s ON s.id = l.stream
                WHERE s.name = k.stream AND l.seq = k.first)
            INTO o_repeated, o_request, o_position FROM {schema}.key AS k WHERE k.name = p_key;
            IF FOUND THEN
                RETURN;
            END IF;
            o_repeated := false;
            IF o_refused IS NOT NULL THEN
                RETURN;
            END IF;
        END IF;
        IF v_writes = 1 THEN
            IF p_expected[1] = 0 THEN
                INSERT INTO {schema}.stream (name, length) VALUES (p_stream[1], p_count[1])
                    ON CONFLICT DO NOTHING RETURNING id INTO v_id;
            ELSE
                UPDATE {schema}.stream SET length = length + p_count[1]
                    WHERE name = p_stream[1] AND length = p_expected[1] RETURNING id INTO v_id;
            END IF;
            EXIT WHEN v_id IS NOT NULL;
            o_refused := 1;
            o_length := coalesce((SELECT length FROM {schema}.stream WHERE name = p_stream[1]), 0);
            IF o_length = p_expected[1] THEN
                RAISE EXCEPTION 'the stream came to be so meanwhile' USING ERRCODE = 'QM001';
            END IF;
        ELSE
            FOR v_name, v_adds IN
                SELECT u.name, bool_or(u.n > 0) FROM unnest(p_stream, p_count) AS u (name, n)
                GROUP BY u.name ORDER BY u.name COLLATE "C"
            LOOP
                IF v_adds THEN
                    SELECT id, length INTO v_id, o_length FROM {schema}.stream WHERE name = v_name FOR NO KEY UPDATE;
                ELSE
                    SELECT id, length INTO v_id, o_length FROM {schema}.stream WHERE name = v_name FOR SHARE;
                END IF;
                v_names := v_names || v_name;
                v_ids := v_ids || coalesce(v_id, 0);
                v_lengths := v_lengths || coalesce(o_length, 0);
            END LOOP;
            FOR i IN 1..v_writes LOOP
                v_at := array_position(v_names, p_stream[i]);
                o_length := v_lengths[v_at];
                IF o_length <> p_expected[i] THEN
                    o_refused := i;
                    EXIT;
                END IF;
                IF v_ids[v_at] = 0 THEN  -- numbered in the order of the writes, made in the order of their names
                    v_ids[v_at] := nextval('{schema}.stream_id');
                    v_new := v_new || v_ids[v_at];
                END IF;
                v_of := v_of || v_ids[v_at];
                v_lengths[v_at] := o_length + p_count[i];
            END LOOP;
            EXIT WHEN o_refused IS NULL;
        END IF;
        IF p_key IS NULL THEN  -- with a key, the one who was first may have been the same request
            RETURN;
        END IF;
    END LOOP;
    IF p_key IS NOT NULL THEN
        INSERT INTO {schema}.key VALUES (p_key, p_request, p_stream[1], p_expected[1] + p_count[1], p_expected[1] + 1)
            ON CONFLICT DO NOTHING;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'the key was used meanwhile' USING ERRCODE = 'QM002';
        END IF;
    END IF;
    IF v_writes = 1 THEN
        v_of := ARRAY[v_id];
        FOR n IN 1..p_count[1] LOOP
            v_stream[n] := v_id;
            v_seq[n] := p_expected[1] + n;
        END LOOP;
    ELSE
        FOR i IN 1..v_writes LOOP
            FOR n IN 1..p_count[i] LOOP
                v_stream := v_stream || v_of[i];
                v_seq := v_seq || (p_expected[i] + n);
            END LOOP;
        END LOOP;
        FOR k IN 1..cardinality(v_names) LOOP
            IF v_ids[k] = ANY (v_new) THEN
                INSERT INTO {schema}.stream (id, name, length) VALUES (v_ids[k], v_names[k], v_lengths[k]) ON CONFLICT DO NOTHING;
                IF NOT FOUND THEN
                    RAISE EXCEPTION 'the stream was begun meanwhile' USING ERRCODE = 'QM001';
                END IF;
            END IF;
        END LOOP;
        UPDATE {schema}.stream AS s SET length = u.length FROM unnest(v_ids, v_lengths) AS u (id, length)
            WHERE s.id = u.id AND s.length <> u.length;
    END IF;
    IF cardinality(v_stream) <> cardinality(p_data) THEN
        RAISE EXCEPTION 'no batch: the writes count % records, and there are %', cardinality(v_stream), cardinality(p_data)
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    FOREACH v_data IN ARRAY p_data LOOP
        v_leaf := v_leaf || sha256(decode('00', 'hex') || v_data);
    END LOOP;
    INSERT INTO {schema}.entry (stream, seq, data)
        SELECT u.stream, u.seq, u.data FROM unnest(v_stream, v_seq, p_data) AS u (stream, seq, data);
    IF p_row IS NOT NULL THEN
        INSERT INTO {schema}.case_row
            SELECT v_of[(r ->> 'write')::int], r ->> 'process', r ->> 'procedure',
                   ARRAY(SELECT jsonb_array_elements_text(r -> 'steps')), r ->> 'subject', r ->> 'unit',
                   (r ->> 'open')::boolean, (r ->> 'due')::bigint, (r ->> 'wake')::bigint
            FROM jsonb_array_elements(p_row) AS r
            ON CONFLICT (stream) DO UPDATE SET
                process = EXCLUDED.process, procedure = EXCLUDED.procedure, steps = EXCLUDED.steps,
                subject = EXCLUDED.subject, unit = EXCLUDED.unit, open = EXCLUDED.open, due = EXCLUDED.due, wake = EXCLUDED.wake;
    END IF;
    IF p_private IS NOT NULL THEN
        INSERT INTO {schema}.private
            SELECT v_of[(p ->> 'write')::int], (p ->> 'seq')::bigint, p ->> 'path', decode(p ->> 'salt', 'hex'),
                   decode(p ->> 'value', 'hex')
            FROM jsonb_array_elements(p_private) AS p
            WHERE (p ->> 'seq')::bigint - p_expected[(p ->> 'write')::int] BETWEEN 1 AND p_count[(p ->> 'write')::int];
        GET DIAGNOSTICS v_kept = ROW_COUNT;
        IF v_kept <> jsonb_array_length(p_private) THEN
            RAISE EXCEPTION 'no batch: a private value belongs to a record that its write does not have'
                USING ERRCODE = 'invalid_parameter_value';
        END IF;
    END IF;
    IF p_mode = 2 OR (p_mode = 1 AND pg_try_advisory_xact_lock({schema}.lock_of())) THEN
        WHILE v_more LOOP
            SELECT d.o_first, d.o_more INTO o_position, v_more FROM {schema}.drain(1000, v_stream, v_seq, v_leaf) AS d;
            EXIT WHEN p_mode = 1;
        END LOOP;
    END IF;
    IF v_more THEN
        INSERT INTO {schema}.pending (batch, stream, seq, leaf) VALUES (nextval('{schema}.batch'), v_stream, v_seq, v_leaf);
    END IF;
END $$;

-- Removes personal values, for good; the records and every proof stay. Answers how many there were.
CREATE OR REPLACE FUNCTION {schema}.erase(p_stream text[], p_seq bigint[], p_path text[]) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_removed bigint;
BEGIN
    DELETE FROM {schema}.private AS p USING {schema}.stream AS s, unnest(p_stream, p_seq, p_path) AS u (stream, seq, path)
    WHERE s.name = u.stream AND p.stream = s.id AND p.seq = u.seq AND p.path = u.path;
    GET DIAGNOSTICS v_removed = ROW_COUNT;
    RETURN v_removed;
END $$;

-- Drops the bodies of the records of streams up to a position, and the rows of these streams; hashes and proofs stay.
-- The decision to do so is a record that was kept before (`qms.pruning`). Answers how many had a body.
CREATE OR REPLACE FUNCTION {schema}.prune(p_stream text[], p_upto bigint) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_dropped bigint;
BEGIN
    ALTER TABLE {schema}.entry DISABLE TRIGGER qms_entry;  -- writers wait until this commits
    UPDATE {schema}.entry AS e SET data = '' FROM {schema}.stream AS s, {schema}.log AS l
    WHERE s.name = ANY (p_stream) AND e.stream = s.id AND l.stream = e.stream AND l.seq = e.seq
        AND l.position <= p_upto AND e.data <> '';
    GET DIAGNOSTICS v_dropped = ROW_COUNT;
    ALTER TABLE {schema}.entry ENABLE TRIGGER qms_entry;
    DELETE FROM {schema}.case_row AS r USING {schema}.stream AS s WHERE s.name = ANY (p_stream) AND r.stream = s.id;
    RETURN v_dropped;
END $$;

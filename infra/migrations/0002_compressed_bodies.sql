-- Raw bodies and payloads are most of the database. lz4 packs them at less than half of pglz's cost (performance.md 1);
-- servers built without it (the embedded one) keep their default.
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_settings WHERE name = 'default_toast_compression' AND 'lz4' = ANY (enumvals)) THEN
    ALTER TABLE deliveries ALTER COLUMN headers SET COMPRESSION lz4, ALTER COLUMN body SET COMPRESSION lz4;
    ALTER TABLE events ALTER COLUMN payload SET COMPRESSION lz4;
    ALTER TABLE documents ALTER COLUMN payload SET COMPRESSION lz4;
    ALTER TABLE push_attempts ALTER COLUMN body SET COMPRESSION lz4;
  END IF;
END $$;

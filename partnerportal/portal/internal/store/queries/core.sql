-- name: NextNumber :one
INSERT INTO counters (name, n) VALUES ($1, 1)
ON CONFLICT (name) DO UPDATE SET n = counters.n + 1
RETURNING n;

-- name: AdvanceCounter :one
INSERT INTO counters (name, n) VALUES (sqlc.arg(name), sqlc.arg(step))
ON CONFLICT (name) DO UPDATE SET n = counters.n + sqlc.arg(step)
RETURNING n;

-- name: Setting :one
SELECT value FROM settings WHERE name = $1;

-- name: SetSetting :exec
INSERT INTO settings (name, value) VALUES ($1, $2)
ON CONFLICT (name) DO UPDATE SET value = excluded.value;

-- name: Programs :many
SELECT doc FROM programs ORDER BY id;

-- name: Program :one
SELECT doc FROM programs WHERE id = $1;

-- name: Partner :one
SELECT doc FROM partners WHERE id = $1;

-- name: Partners :many
SELECT doc FROM partners ORDER BY created_at, id;

-- name: InsertClient :exec
INSERT INTO clients (id, partner_id, name, secret_hash, scopes, created_at, revoked_at)
VALUES ($1, $2, $3, $4, $5, $6, 0);

-- name: Client :one
SELECT * FROM clients WHERE id = $1;

-- name: RevokeClient :execrows
UPDATE clients SET revoked_at = $2 WHERE id = $1 AND revoked_at = 0;

-- name: Clients :many
SELECT id, partner_id, name, scopes, created_at, revoked_at FROM clients ORDER BY created_at, id;

-- name: CallerByKey :one
SELECT c.scopes, c.id, c.partner_id, c.name, CAST(coalesce(p.status, '') AS text) AS partner_status
FROM clients c LEFT JOIN partners p ON p.id = c.partner_id
WHERE c.secret_hash = $1 AND c.revoked_at = 0;

-- name: CountClients :one
SELECT count(*) FROM clients;

-- name: InsertToken :exec
INSERT INTO tokens (hash, client_id, scopes, expires_at) VALUES ($1, $2, $3, $4);

-- name: CallerByToken :one
SELECT t.scopes, t.expires_at, c.id, c.partner_id, c.name, CAST(coalesce(p.status, '') AS text) AS partner_status
FROM tokens t JOIN clients c ON c.id = t.client_id LEFT JOIN partners p ON p.id = c.partner_id
WHERE t.hash = $1 AND c.revoked_at = 0;

-- name: DropTokens :execrows
DELETE FROM tokens WHERE expires_at < $1;

-- name: PutReservedAccount :exec
INSERT INTO reserved_accounts (id, holder, doc) VALUES ($1, $2, $3);

-- name: PutReservedKey :exec
INSERT INTO reserved_keys (match_key, account_id) VALUES ($1, $2);

-- name: ReservedByKey :many
SELECT a.holder, a.doc FROM reserved_keys k JOIN reserved_accounts a ON a.id = k.account_id WHERE k.match_key = $1;

-- name: Replay :one
SELECT * FROM idempotency WHERE owner = $1 AND key = $2;

-- name: Remember :exec
INSERT INTO idempotency (owner, key, operation, body_hash, status, header, body, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

-- name: Forget :execrows
DELETE FROM idempotency WHERE created_at < $1;

-- name: InsertEvent :exec
INSERT INTO events (sequence, id, type, resource_type, resource_id, revision, partner_id, audience, actor, facts, changed_fields, request_id, occurred_at, recorded_at, state, partner_state)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16);

-- name: PutTimer :exec
INSERT INTO timers (kind, resource_id, due_at) VALUES ($1, $2, $3)
ON CONFLICT (resource_id, kind, due_at) DO NOTHING;

-- name: DropTimers :exec
DELETE FROM timers WHERE resource_id = $1;

-- name: DropTimersOfKind :exec
DELETE FROM timers WHERE resource_id = $1 AND kind = $2;

-- name: DueTimers :many
SELECT kind, resource_id, due_at FROM timers
WHERE due_at <= sqlc.arg(now)
  AND (due_at, kind, resource_id) > (CAST(sqlc.arg(after_due) AS bigint), CAST(sqlc.arg(after_kind) AS text), CAST(sqlc.arg(after_resource) AS text))
ORDER BY due_at, kind, resource_id LIMIT 100;

-- name: FirstTimer :one
SELECT kind, resource_id, due_at FROM timers WHERE due_at <= $1 ORDER BY due_at, kind, resource_id LIMIT 1;

-- name: NextTimer :one
SELECT due_at FROM timers ORDER BY due_at LIMIT 1;

-- name: TakeTimer :execrows
DELETE FROM timers WHERE resource_id = $1 AND kind = $2 AND due_at = $3;

-- name: InsertRef :exec
INSERT INTO external_refs (owner, resource_type, system, ref_id, resource_id) VALUES ($1, $2, $3, $4, $5);

-- name: Ref :one
SELECT resource_id FROM external_refs WHERE owner = $1 AND resource_type = $2 AND system = $3 AND ref_id = $4;

-- name: DropRef :exec
DELETE FROM external_refs WHERE resource_id = $1 AND owner = $2 AND system = $3 AND ref_id = $4;

-- name: DropRefs :exec
DELETE FROM external_refs WHERE resource_id = $1 AND owner = $2;

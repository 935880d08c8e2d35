-- name: InsertDeal :exec
INSERT INTO deals (id, number, bucket, partner_id, program_id, status, outcome, priority, customer_domain, expires_at, revision, created_at, updated_at, doc, won_on)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15);

-- name: UpdateDeal :execrows
UPDATE deals SET program_id = $3, status = $4, outcome = $5, priority = $6, customer_domain = $7, expires_at = $8, revision = revision + 1, updated_at = $9, doc = $10, won_on = $11
WHERE id = $1 AND revision = $2;

-- name: Deal :one
SELECT doc FROM deals WHERE id = $1;

-- name: DeleteDeal :execrows
DELETE FROM deals WHERE id = $1 AND revision = $2;

-- name: PutDealKey :exec
INSERT INTO deal_keys (match_key, deal_id) VALUES ($1, $2) ON CONFLICT (match_key, deal_id) DO NOTHING;

-- name: DropDealKeys :exec
DELETE FROM deal_keys WHERE deal_id = $1;

-- name: DealsByKey :many
SELECT d.id, d.doc FROM deal_keys k JOIN deals d ON d.id = k.deal_id WHERE k.match_key = $1 ORDER BY d.priority;

-- Ids rise with time, so the index alone finds the latest.
-- name: LatestDealsByKey :many
SELECT d.id, d.doc FROM deal_keys k JOIN deals d ON d.id = k.deal_id WHERE k.match_key = $1 ORDER BY k.deal_id DESC LIMIT 20;

-- The time of the latest registration only rises, so that a lower priority never has a later time.
-- name: RaiseCounter :one
INSERT INTO counters (name, n) VALUES (sqlc.arg(name), sqlc.arg(value))
ON CONFLICT (name) DO UPDATE SET n = CASE WHEN counters.n < excluded.n THEN excluded.n ELSE counters.n END
RETURNING n;

-- name: ChangedSince :many
SELECT changed_fields FROM events WHERE resource_id = $1 AND revision > $2 AND audience <> $3 ORDER BY sequence;

-- name: KnownCustomers :many
SELECT doc FROM deals WHERE partner_id = $1 AND customer_domain = $2 ORDER BY updated_at DESC LIMIT 5;

-- name: InsertPart :exec
INSERT INTO deal_parts (id, deal_id, kind, status, bucket, side, revision, created_at, doc)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- name: UpdatePart :execrows
UPDATE deal_parts SET status = $3, revision = revision + 1, doc = $4 WHERE id = $1 AND revision = $2;

-- name: Part :one
SELECT doc FROM deal_parts WHERE id = $1 AND deal_id = $2 AND kind = $3;

-- name: PartsWithStatus :many
SELECT doc FROM deal_parts WHERE deal_id = $1 AND kind = $2 AND status = $3 ORDER BY created_at, id;

-- name: CountParts :one
SELECT count(*) FROM deal_parts WHERE deal_id = $1 AND kind = $2;

-- name: DeletePart :execrows
DELETE FROM deal_parts WHERE id = $1 AND deal_id = $2 AND kind = $3;

-- name: InsertConflict :exec
INSERT INTO conflicts (id, deal_id, against_id, partner_id, status, severity, bucket, revision, created_at, updated_at, doc)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11);

-- name: UpdateConflict :execrows
UPDATE conflicts SET status = $3, severity = $4, revision = revision + 1, updated_at = $5, doc = $6 WHERE id = $1 AND revision = $2;

-- name: Conflict :one
SELECT doc FROM conflicts WHERE id = $1;

-- name: ConflictsOfDeal :many
SELECT doc FROM conflicts WHERE deal_id = $1 ORDER BY created_at, id;

-- name: ConflictsAgainst :many
SELECT doc FROM conflicts WHERE against_id = $1 ORDER BY created_at, id;

-- name: InsertPreCheck :exec
INSERT INTO prechecks (id, partner_id, client_id, checked_at, doc) VALUES ($1, $2, $3, $4, $5);

-- name: CountPreChecks :one
SELECT count(*) FROM prechecks WHERE partner_id = $1 AND checked_at > $2;

-- name: PutPlan :exec
INSERT INTO commission_plans (id, bucket, program_id, revision, created_at, doc) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (id) DO UPDATE SET program_id = excluded.program_id, revision = excluded.revision, doc = excluded.doc;

-- name: Plan :one
SELECT doc FROM commission_plans WHERE id = $1;

-- name: PlansOfProgram :many
SELECT doc FROM commission_plans WHERE program_id = $1 ORDER BY created_at, id;

-- name: InsertCommission :exec
INSERT INTO commissions (id, bucket, partner_id, status, kind, currency, deal_id, order_id, payout_id, earned_at, revision, created_at, updated_at, doc)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14);

-- name: UpdateCommission :execrows
UPDATE commissions SET status = sqlc.arg(status), payout_id = sqlc.arg(payout_id), revision = sqlc.arg(revision) + 1, updated_at = sqlc.arg(updated_at), doc = sqlc.arg(doc)
WHERE id = sqlc.arg(id) AND revision = sqlc.arg(revision);

-- name: Commission :one
SELECT doc FROM commissions WHERE id = $1;

-- name: DueCommissions :many
SELECT doc FROM commissions WHERE partner_id = $1 AND status = 'approved' AND currency = $2 AND earned_at < sqlc.arg(earned_before)
ORDER BY earned_at, id LIMIT 10000;

-- name: CommissionsOfPayout :many
SELECT doc FROM commissions WHERE payout_id = $1 ORDER BY earned_at, id;

-- name: InsertPayout :exec
INSERT INTO payouts (id, number, bucket, partner_id, status, scheduled_on, revision, created_at, updated_at, doc, lines)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11);

-- name: UpdatePayout :execrows
UPDATE payouts SET status = sqlc.arg(status), scheduled_on = sqlc.arg(scheduled_on), revision = sqlc.arg(revision) + 1, updated_at = sqlc.arg(updated_at), doc = sqlc.arg(doc)
WHERE id = sqlc.arg(id) AND revision = sqlc.arg(revision);

-- name: Payout :one
SELECT doc, lines FROM payouts WHERE id = $1;

-- name: PayoutByNumber :one
SELECT id FROM payouts WHERE number = $1;

-- name: NextPayout :one
SELECT scheduled_on FROM payouts WHERE partner_id = $1 AND status = 'scheduled' ORDER BY scheduled_on LIMIT 1;

-- name: InsertRebate :exec
INSERT INTO rebates (id, bucket, partner_id, plan_id, currency, period_to, status, revision, created_at, doc)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10);

-- name: UpdateRebate :execrows
UPDATE rebates SET status = sqlc.arg(status), revision = sqlc.arg(revision) + 1, doc = sqlc.arg(doc)
WHERE id = sqlc.arg(id) AND revision = sqlc.arg(revision);

-- name: Rebate :one
SELECT doc FROM rebates WHERE id = $1;

-- name: RebateOf :one
SELECT doc FROM rebates WHERE partner_id = $1 AND plan_id = $2 AND currency = $3 AND period_to = $4;

-- name: Sources :many
SELECT kind, doc FROM sources ORDER BY kind;

-- name: PutSource :exec
INSERT INTO sources (kind, doc) VALUES ($1, $2) ON CONFLICT (kind) DO UPDATE SET doc = excluded.doc;

-- name: PutSourceRecord :exec
INSERT INTO source_records (kind, id, bucket, partner_id, type, currency, amount, day, at, base) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (kind, type, id) DO UPDATE SET partner_id = excluded.partner_id, currency = excluded.currency, amount = excluded.amount, day = excluded.day, at = excluded.at, base = excluded.base;

-- name: DropSourceRecord :exec
DELETE FROM source_records WHERE kind = $1 AND type = $2 AND id = $3;

-- name: SourceRecords :many
SELECT kind, id, bucket, partner_id, type, currency, amount, day, at, base FROM source_records WHERE kind = $1;

-- name: SourceRecordsOf :many
SELECT kind, id, bucket, partner_id, type, currency, amount, day, at, base FROM source_records WHERE partner_id = $1 AND kind = $2 AND type = $3 ORDER BY at, id;

-- name: ExpiringDeals :many
SELECT doc FROM deals WHERE partner_id = $1 AND status = 'approved' AND expires_at > sqlc.arg(after_time) AND expires_at <= sqlc.arg(until_time) ORDER BY expires_at LIMIT 20;

-- name: DealsInStatus :many
SELECT doc FROM deals WHERE partner_id = $1 AND status = $2 ORDER BY expires_at LIMIT 10;

-- name: CommissionsInStatus :many
SELECT doc FROM commissions WHERE partner_id = $1 AND status = $2 ORDER BY currency, earned_at, id LIMIT 10;

-- name: PayoutsInStatus :many
SELECT doc FROM payouts WHERE partner_id = $1 AND status = $2 ORDER BY scheduled_on LIMIT 10;

-- name: FigureDays :many
SELECT day, currency, n, amount FROM figures WHERE partner_id = $1 AND name = $2 AND day >= sqlc.arg(from_day) AND day <= sqlc.arg(to_day) AND (amount <> 0 OR n <> 0) ORDER BY day, currency LIMIT 20;

-- name: SetWonOn :exec
UPDATE deals SET won_on = $2 WHERE id = $1;

-- What a partner's holds, commitments and payments have taken from its available funds since an instant, less what came back.
-- name: TakenFromFunds :one
SELECT CAST(coalesce(sum(CASE WHEN from_account = 'available' THEN amount ELSE -amount END), 0) AS bigint) FROM mdf_ledger
WHERE partner_id = $1 AND currency = $2 AND created_at > sqlc.arg(after_time)
  AND (from_account = 'available' AND to_account <> 'funding' OR to_account = 'available' AND from_account <> 'funding');

-- name: PendingOffers :many
SELECT doc FROM lead_offers WHERE partner_id = $1 AND status = 'pending' ORDER BY accept_by LIMIT 10;

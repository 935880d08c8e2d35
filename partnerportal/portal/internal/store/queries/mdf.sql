-- name: InsertFund :exec
INSERT INTO mdf_funds (id, bucket, program_id, kind, status, budget, allocated, revision, created_at, updated_at, doc)
VALUES ($1, $2, $3, $4, $5, $6, 0, $7, $8, $9, $10);

-- name: UpdateFund :execrows
UPDATE mdf_funds SET status = $3, kind = $4, budget = $5, revision = revision + 1, updated_at = $6, doc = $7
WHERE id = $1 AND revision = $2;

-- name: Fund :one
SELECT doc, allocated FROM mdf_funds WHERE id = $1;

-- name: AddToFund :exec
UPDATE mdf_funds SET allocated = allocated + sqlc.arg(amount) WHERE id = sqlc.arg(id);

-- name: InsertAllocation :exec
INSERT INTO mdf_allocations (id, bucket, fund_id, partner_id, status, currency, expires_at, sequence, allocated, available, held,
    committed, claimed, payable, paid, expired, converted, revision, created_at, updated_at, doc)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21);

-- name: UpdateAllocation :execrows
UPDATE mdf_allocations SET status = $3, expires_at = $4, sequence = $5, allocated = $6, available = $7, held = $8, committed = $9,
    claimed = $10, payable = $11, paid = $12, expired = $13, converted = $14, revision = revision + 1, updated_at = $15, doc = $16
WHERE id = $1 AND revision = $2;

-- name: Allocation :one
SELECT doc FROM mdf_allocations WHERE id = $1;

-- name: AllocationsOfPartner :many
SELECT doc FROM mdf_allocations WHERE partner_id = $1 ORDER BY expires_at, id;

-- name: AllocationsOfFund :many
SELECT doc FROM mdf_allocations WHERE fund_id = $1 ORDER BY expires_at, id;

-- name: InsertLedgerEntry :exec
INSERT INTO mdf_ledger (id, bucket, allocation_id, sequence, fund_id, partner_id, type, from_account, to_account, amount, currency,
    request_id, claim_id, created_at, doc)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15);

-- name: EntriesOfClaim :many
SELECT doc FROM mdf_ledger WHERE claim_id = $1 AND type = $2 ORDER BY sequence DESC;

-- name: InsertMDFTemplate :exec
INSERT INTO mdf_templates (id, bucket, retired, revision, created_at, updated_at, doc) VALUES ($1, $2, $3, $4, $5, $6, $7);

-- name: UpdateMDFTemplate :execrows
UPDATE mdf_templates SET retired = $3, revision = revision + 1, updated_at = $4, doc = $5 WHERE id = $1 AND revision = $2;

-- name: MDFTemplate :one
SELECT doc FROM mdf_templates WHERE id = $1;

-- name: InsertMDFRequest :exec
INSERT INTO mdf_requests (id, number, bucket, partner_id, fund_id, campaign_id, status, revision, created_at, updated_at, doc)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11);

-- name: UpdateMDFRequest :execrows
UPDATE mdf_requests SET fund_id = $3, campaign_id = $4, status = $5, revision = revision + 1, updated_at = $6, doc = $7
WHERE id = $1 AND revision = $2;

-- name: MDFRequest :one
SELECT doc FROM mdf_requests WHERE id = $1;

-- name: StandingRequests :many
SELECT doc FROM mdf_requests
WHERE partner_id = $1 AND status IN ('submitted', 'in_review', 'changes_requested', 'approved', 'in_progress', 'completed') ORDER BY id;

-- name: StandingRequestsOfFund :many
SELECT doc FROM mdf_requests
WHERE fund_id = $1 AND status IN ('submitted', 'in_review', 'changes_requested', 'approved', 'in_progress', 'completed') ORDER BY id;

-- name: InsertClaim :exec
INSERT INTO mdf_claims (id, number, bucket, partner_id, fund_id, request_id, status, revision, created_at, updated_at, doc)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11);

-- name: UpdateClaim :execrows
UPDATE mdf_claims SET status = $3, revision = revision + 1, updated_at = $4, doc = $5 WHERE id = $1 AND revision = $2;

-- name: Claim :one
SELECT doc FROM mdf_claims WHERE id = $1;

-- name: ClaimsSentBack :many
SELECT doc FROM mdf_claims WHERE request_id = $1 AND status = 'changes_requested' ORDER BY id;

-- name: Mark :one
SELECT holder FROM mdf_marks WHERE partner_id = $1 AND mark = $2;

-- name: InsertMark :exec
INSERT INTO mdf_marks (partner_id, mark, holder) VALUES ($1, $2, $3);

-- name: DropMarks :exec
DELETE FROM mdf_marks WHERE holder = $1;

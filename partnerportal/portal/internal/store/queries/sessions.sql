-- name: InsertQuoteSession :exec
INSERT INTO quote_sessions (id, bucket, partner_id, deal_id, status, revision, created_at, updated_at, doc)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- name: UpdateQuoteSession :execrows
UPDATE quote_sessions SET deal_id = $3, status = $4, revision = revision + 1, updated_at = $5, doc = $6 WHERE id = $1 AND revision = $2;

-- name: QuoteSession :one
SELECT doc FROM quote_sessions WHERE id = $1;

-- name: InsertQuoteOutcome :exec
INSERT INTO quote_outcomes (number, partner_id, tier_id, day, session_id, made_at, ordered_at, at_once)
VALUES ($1, $2, $3, $4, $5, $6, 0, 0) ON CONFLICT (number) DO NOTHING;

-- name: QuoteOrdered :exec
UPDATE quote_outcomes SET ordered_at = $2,
    at_once = CASE WHEN session_id <> '' AND session_id = CAST(sqlc.arg(order_session) AS text) THEN 1 ELSE 0 END
WHERE number = $1 AND ordered_at = 0;

-- name: InsertOrder :exec
INSERT INTO orders (id, number, bucket, partner_id, quote_id, deal_id, session_id, status, po_key, stands, currency, owed, submitted_at, revision, created_at, updated_at, doc)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17);

-- name: UpdateOrder :execrows
UPDATE orders SET status = sqlc.arg(status), stands = sqlc.arg(stands), owed = sqlc.arg(owed), revision = sqlc.arg(revision) + 1, updated_at = sqlc.arg(updated_at), doc = sqlc.arg(doc)
WHERE id = sqlc.arg(id) AND revision = sqlc.arg(revision);

-- name: Order :one
SELECT doc FROM orders WHERE id = $1;

-- name: OrderOfQuote :one
SELECT doc FROM orders WHERE quote_id = $1 AND stands = 1;

-- name: OrderOfPO :one
SELECT id FROM orders WHERE partner_id = $1 AND po_key = $2 AND stands = 1;

-- What a partner has ordered since an instant, and will have to pay.
-- name: OrderedSince :one
SELECT CAST(coalesce(sum(owed), 0) AS bigint) FROM orders WHERE partner_id = $1 AND currency = $2 AND submitted_at > sqlc.arg(after_time);

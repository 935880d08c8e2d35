-- name: Holdings :many
SELECT definition_id, count(*) AS people FROM holdings
WHERE partner_id = $1 AND (valid_until = 0 OR valid_until > sqlc.arg(at)) GROUP BY definition_id ORDER BY definition_id;

-- name: KeepHolding :exec
INSERT INTO holdings (partner_id, definition_id, holder_id, valid_until) VALUES ($1, $2, $3, $4)
ON CONFLICT (partner_id, definition_id, holder_id) DO UPDATE SET valid_until = excluded.valid_until;

-- name: DropHolding :exec
DELETE FROM holdings WHERE partner_id = $1 AND definition_id = $2 AND holder_id = $3;

-- name: HoldingsOf :many
SELECT definition_id, holder_id, valid_until FROM holdings
WHERE partner_id = $1 AND (valid_until = 0 OR valid_until > sqlc.arg(at)) ORDER BY definition_id, holder_id;

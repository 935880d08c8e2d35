-- name: InsertEndpoint :exec
INSERT INTO webhook_endpoints (id, owner, status, revision, url, types, scopes, scheme, description, keys, position, challenge_at, challenge_failure,
  challenge_status, last_success_at, failing_since, warned, disabled_at, disabled_reason, created_at, updated_at, bucket)
VALUES ($1, $2, $3, 1, $4, $5, $6, $7, $8, $9, $10, $11, '', 0, 0, 0, 0, 0, '', $12, $12, $13);

-- name: Endpoint :one
SELECT * FROM webhook_endpoints WHERE id = $1;

-- name: CountEndpoints :one
SELECT count(*) FROM webhook_endpoints WHERE owner = $1;

-- name: UpdateEndpoint :execrows
UPDATE webhook_endpoints SET status = sqlc.arg(status), revision = revision + 1, url = sqlc.arg(url), types = sqlc.arg(types), scopes = sqlc.arg(scopes),
  scheme = sqlc.arg(scheme), description = sqlc.arg(description), keys = sqlc.arg(keys), challenge_at = sqlc.arg(challenge_at),
  challenge_failure = sqlc.arg(challenge_failure), challenge_status = sqlc.arg(challenge_status), updated_at = sqlc.arg(updated_at)
WHERE id = sqlc.arg(id) AND revision = sqlc.arg(revision);

-- name: DeleteEndpoint :execrows
DELETE FROM webhook_endpoints WHERE id = $1 AND revision = $2;

-- name: DeleteDeliveries :exec
DELETE FROM webhook_deliveries WHERE endpoint_id = $1;

-- name: DropDeliveriesOfKind :exec
DELETE FROM webhook_deliveries
WHERE endpoint_id = sqlc.arg(endpoint_id) AND substr(event_type, 1, length(CAST(sqlc.arg(prefix) AS text))) = CAST(sqlc.arg(prefix) AS text);

-- name: Delivery :one
SELECT * FROM webhook_deliveries WHERE id = $1;

-- name: CountWaiting :one
SELECT count(*) FROM webhook_deliveries WHERE endpoint_id = $1 AND status = 'waiting' AND direct = 0;

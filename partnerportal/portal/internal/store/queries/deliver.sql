-- What the relay of internal/deliver asks. Whoever changes deliveries holds the lock of their endpoint.
-- A limit is wrapped in CAST because SQLite plans a statement with a bare one anew each time it runs.
-- A + keeps SQLite from an index on the column: here, from going through all that was delivered.

-- name: EndpointsAtWork :many
SELECT e.id, e.owner, e.failing_since FROM webhook_endpoints e
WHERE EXISTS (SELECT 1 FROM webhook_deliveries d WHERE d.endpoint_id = e.id AND d.direct = 1 AND d.next_at > 0 AND d.next_at <= sqlc.arg(now))
  OR (e.status = 'enabled' AND (
    EXISTS (SELECT 1 FROM webhook_deliveries d WHERE d.endpoint_id = e.id AND d.direct = 0 AND d.next_at > 0 AND d.next_at <= sqlc.arg(now))
    OR EXISTS (SELECT 1 FROM events v WHERE v.partner_id = e.owner AND v.sequence > e.position)
    OR (e.owner = 'vendor' AND e.position < (SELECT coalesce(max(c.n), 0) FROM counters c WHERE c.name = 'events'))
    OR (e.failing_since > 0 AND ((e.warned = 0 AND e.failing_since <= sqlc.arg(warn)) OR (e.warned = 1 AND e.failing_since <= sqlc.arg(warn_again))
      OR e.failing_since <= sqlc.arg(disable)))))
ORDER BY e.position, e.id;

-- name: MoveEndpoint :exec
UPDATE webhook_endpoints SET position = sqlc.arg(position) WHERE id = sqlc.arg(id);

-- name: EndpointHealth :exec
UPDATE webhook_endpoints SET last_success_at = sqlc.arg(last_success_at), failing_since = sqlc.arg(failing_since), warned = sqlc.arg(warned)
WHERE id = sqlc.arg(id);

-- name: EnableEndpoint :execrows
UPDATE webhook_endpoints SET status = 'enabled', challenge_at = 0, challenge_failure = '', challenge_status = 0, last_success_at = sqlc.arg(at),
  failing_since = 0, warned = 0, disabled_at = 0, disabled_reason = ''
WHERE id = sqlc.arg(id) AND status = 'pending';

-- name: DisableEndpoint :execrows
UPDATE webhook_endpoints SET status = 'disabled', disabled_at = sqlc.arg(at), disabled_reason = sqlc.arg(reason), challenge_at = 0
WHERE id = sqlc.arg(id) AND status = 'enabled';

-- name: ChallengeFailed :exec
UPDATE webhook_endpoints SET challenge_failure = sqlc.arg(failure), challenge_status = sqlc.arg(http_status) WHERE id = sqlc.arg(id) AND challenge_at > 0;

-- name: InsertDelivery :exec
INSERT INTO webhook_deliveries (id, endpoint_id, event_id, event_type, subject, queue, sequence, direct, body, status, attempts, next_at, claim,
  occurred_at, created_at, delivered_at, last_failure, last_status, log, bucket)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'waiting', 0, $10, '', $11, $12, 0, '', 0, '[]', $13);

-- name: WaitingUpTo :one
SELECT count(*) FROM (SELECT d.id FROM webhook_deliveries d WHERE d.endpoint_id = sqlc.arg(endpoint_id) AND d.status = 'waiting' LIMIT CAST(sqlc.arg(most) AS bigint)) AS w;

-- name: QueueWaits :one
SELECT count(*) > 0 FROM (SELECT id FROM webhook_deliveries WHERE endpoint_id = $1 AND queue = $2 AND status = 'waiting' LIMIT 1) AS one;

-- name: DueDeliveries :many
SELECT * FROM webhook_deliveries
WHERE endpoint_id = sqlc.arg(endpoint_id) AND direct = sqlc.arg(direct) AND next_at > 0 AND next_at <= sqlc.arg(now)
ORDER BY next_at, sequence LIMIT CAST(sqlc.arg(most) AS bigint);

-- name: ClaimDelivery :exec
UPDATE webhook_deliveries SET next_at = sqlc.arg(until), claim = sqlc.arg(claim), log = sqlc.arg(log) WHERE id = sqlc.arg(id);

-- name: FinishDelivery :execrows
UPDATE webhook_deliveries SET status = sqlc.arg(status), attempts = sqlc.arg(attempts), next_at = sqlc.arg(next_at), claim = '',
  delivered_at = sqlc.arg(delivered_at), last_failure = sqlc.arg(failure), last_status = sqlc.arg(http_status), log = sqlc.arg(log)
WHERE id = sqlc.arg(id) AND claim = sqlc.arg(claim);

-- name: AdvanceQueue :exec
UPDATE webhook_deliveries SET next_at = sqlc.arg(now)
WHERE next_at = 0 AND id = (
  SELECT w.id FROM webhook_deliveries w WHERE w.endpoint_id = sqlc.arg(endpoint_id) AND w.queue = sqlc.arg(queue) AND w.status = 'waiting' ORDER BY w.sequence LIMIT 1);

-- name: HastenDeliveries :exec
UPDATE webhook_deliveries SET next_at = sqlc.arg(now), attempts = CASE WHEN attempts > 0 THEN attempts - 1 ELSE 0 END
WHERE endpoint_id = sqlc.arg(endpoint_id) AND direct IN (0, 1) AND next_at > 0 AND next_at > sqlc.arg(now) AND claim = ''
  AND +created_at > sqlc.arg(since);

-- name: VoidDeliveries :exec
UPDATE webhook_deliveries SET status = 'failed', next_at = 0, claim = ''
WHERE endpoint_id = $1 AND direct = 1 AND next_at > 0;

-- name: ReviveDeliveries :execrows
UPDATE webhook_deliveries SET status = 'waiting', attempts = 0, next_at = 0, last_failure = '', last_status = 0
WHERE endpoint_id = sqlc.arg(endpoint_id) AND status = 'failed' AND direct = 0 AND occurred_at >= sqlc.arg(since) AND occurred_at < sqlc.arg(until);

-- name: StartQueues :exec
UPDATE webhook_deliveries SET next_at = sqlc.arg(now)
WHERE id IN (
  SELECT d.id FROM webhook_deliveries d WHERE d.endpoint_id = sqlc.arg(endpoint_id) AND d.status = 'waiting' AND d.next_at = 0 AND NOT EXISTS (
    SELECT 1 FROM webhook_deliveries w WHERE w.endpoint_id = d.endpoint_id AND w.queue = d.queue AND w.status = 'waiting'
      AND (w.next_at > 0 OR w.sequence < d.sequence OR (w.sequence = d.sequence AND w.id < d.id))));

-- name: EndpointsWithOld :many
SELECT DISTINCT endpoint_id FROM webhook_deliveries WHERE created_at < $1;

-- name: DropDeliveries :execrows
DELETE FROM webhook_deliveries WHERE endpoint_id = sqlc.arg(endpoint_id) AND created_at < sqlc.arg(before);

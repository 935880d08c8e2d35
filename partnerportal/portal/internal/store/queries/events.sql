-- name: FeedHead :one
SELECT CAST(coalesce(max(n), 0) AS bigint) FROM counters WHERE name = 'events';

-- name: FeedFloor :one
SELECT sequence FROM events WHERE recorded_at < $1 ORDER BY recorded_at DESC, sequence DESC LIMIT 1;

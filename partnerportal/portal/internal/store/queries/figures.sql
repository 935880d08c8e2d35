-- name: MoveFigure :exec
INSERT INTO figures (partner_id, name, day, currency, n, amount, changed_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (partner_id, name, day, currency) DO UPDATE SET n = figures.n + excluded.n, amount = figures.amount + excluded.amount, changed_at = excluded.changed_at;

-- name: Figures :many
SELECT name, day, currency, n, amount, changed_at FROM figures WHERE partner_id = $1 AND name = $2 AND day >= sqlc.arg(from_day) AND day <= sqlc.arg(to_day) ORDER BY day, currency;

-- name: UndatedFigures :many
SELECT name, currency, n, amount, changed_at FROM figures WHERE partner_id = $1 AND day = '' ORDER BY name, currency;

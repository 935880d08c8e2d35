-- name: InsertQuote :exec
INSERT INTO quotes (id, number, version, latest, bucket, partner_id, deal_id, session_id, special_pricing_id, status, revision, created_at, updated_at, doc)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14);

-- name: UpdateQuote :execrows
UPDATE quotes SET latest = $3, special_pricing_id = $4, status = $5, revision = revision + 1, updated_at = $6, doc = $7
WHERE id = $1 AND revision = $2;

-- name: Quote :one
SELECT doc FROM quotes WHERE id = $1;

-- name: InsertSpecialPricing :exec
INSERT INTO special_pricings (id, number, bucket, partner_id, quote_id, deal_id, status, submitted, revision, created_at, updated_at, doc)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12);

-- name: UpdateSpecialPricing :execrows
UPDATE special_pricings SET status = $3, submitted = $4, revision = revision + 1, updated_at = $5, doc = $6 WHERE id = $1 AND revision = $2;

-- name: SpecialPricing :one
SELECT doc FROM special_pricings WHERE id = $1;

-- name: PutSpecialPricingUse :exec
INSERT INTO special_pricing_uses (order_id, quote_line_id, special_pricing_id, line_id, ordered, used, canceled)
VALUES ($1, $2, $3, $4, $5, $6, 0);

-- name: SpecialPricingUses :many
SELECT quote_line_id, special_pricing_id, line_id, ordered, used, canceled FROM special_pricing_uses WHERE order_id = $1 ORDER BY quote_line_id;

-- name: CancelSpecialPricingUse :exec
UPDATE special_pricing_uses SET canceled = $3 WHERE order_id = $1 AND quote_line_id = $2;

-- name: InsertPricePolicy :exec
INSERT INTO price_policies (program_id, version, bucket, created_at, doc) VALUES ($1, $2, $3, $4, $5);

-- name: PricePolicy :one
SELECT doc FROM price_policies WHERE program_id = $1 ORDER BY version DESC LIMIT 1;

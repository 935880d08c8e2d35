-- name: InsertProduct :exec
INSERT INTO products (id, sku, bucket, family, kind, lifecycle, ends_at, tier_program, tier_rank_min, search, config_version, revision, created_at, updated_at, doc)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, 1, $11, $12, $13);

-- name: UpdateProduct :execrows
UPDATE products SET family = $3, kind = $4, lifecycle = $5, ends_at = $6, tier_program = $7, tier_rank_min = $8, search = $9, config_version = $10,
  revision = revision + 1, updated_at = $11, doc = $12
WHERE id = $1 AND revision = $2;

-- name: Product :one
SELECT doc FROM products WHERE id = $1;

-- name: ProductBySKU :one
SELECT doc FROM products WHERE sku = $1;

-- name: PutProductNeed :exec
INSERT INTO product_needs (product_id, definition_id) VALUES ($1, $2) ON CONFLICT (product_id, definition_id) DO NOTHING;

-- name: DropProductNeeds :exec
DELETE FROM product_needs WHERE product_id = $1;

-- name: InsertPriceList :exec
INSERT INTO price_lists (id, bucket, status, currency, revision, created_at, updated_at, doc) VALUES ($1, $2, $3, $4, 1, $5, $6, $7);

-- name: UpdatePriceList :execrows
UPDATE price_lists SET status = $3, currency = $4, revision = revision + 1, updated_at = $5, doc = $6 WHERE id = $1 AND revision = $2;

-- name: PriceList :one
SELECT doc FROM price_lists WHERE id = $1;

-- name: ActivePriceLists :many
SELECT doc FROM price_lists WHERE currency = $1 AND status = 'active' ORDER BY id;

-- name: PutPriceEntry :exec
INSERT INTO price_list_entries (price_list_id, sku, term_months, min_quantity, list_price, net_price, protected_until, id, bucket, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (price_list_id, sku, term_months, min_quantity)
DO UPDATE SET list_price = excluded.list_price, net_price = excluded.net_price, protected_until = excluded.protected_until;

-- name: DropPriceEntry :execrows
DELETE FROM price_list_entries WHERE price_list_id = $1 AND sku = $2 AND term_months = $3 AND min_quantity = $4;

-- name: PriceEntriesOf :many
SELECT term_months, min_quantity, list_price, net_price, protected_until FROM price_list_entries
WHERE price_list_id = $1 AND sku = $2 ORDER BY term_months, min_quantity;

-- name: InsertConfigModel :exec
INSERT INTO config_models (sku, version, id, bucket, created_at, doc) VALUES ($1, $2, $3, $4, $5, $6);

-- name: ConfigModel :one
SELECT doc FROM config_models WHERE sku = $1 AND version = $2;

-- name: LastConfigModel :one
SELECT version FROM config_models WHERE sku = $1 ORDER BY version DESC LIMIT 1;

-- name: InsertConfiguration :exec
INSERT INTO configurations (id, bucket, partner_id, sku, deal_id, created_at, doc) VALUES ($1, $2, $3, $4, $5, $6, $7);

-- name: Configuration :one
SELECT doc FROM configurations WHERE id = $1;

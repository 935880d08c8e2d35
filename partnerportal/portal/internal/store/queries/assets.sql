-- name: InsertAsset :exec
INSERT INTO assets (id, bucket, status, kind, published_at, version, preview, downloads, co_brands, revision, created_at, updated_at, doc)
VALUES ($1, $2, $3, $4, $5, $6, 0, 0, 0, $7, $8, $9, $10);

-- name: UpdateAsset :execrows
UPDATE assets SET status = $3, kind = $4, published_at = $5, version = $6, revision = revision + 1, updated_at = $7, doc = $8
WHERE id = $1 AND revision = $2;

-- name: Asset :one
SELECT doc, version, preview, downloads, co_brands FROM assets WHERE id = $1;

-- name: SetAssetPreview :exec
UPDATE assets SET preview = $2 WHERE id = $1 AND version = $2;

-- name: CountAssetDownload :exec
UPDATE assets SET downloads = downloads + 1 WHERE id = $1;

-- name: CountAssetCoBrand :exec
UPDATE assets SET co_brands = co_brands + 1 WHERE id = $1;

-- name: PutAssetTag :exec
INSERT INTO asset_tags (tag, asset_id) VALUES ($1, $2) ON CONFLICT (tag, asset_id) DO NOTHING;

-- name: DropAssetTags :exec
DELETE FROM asset_tags WHERE asset_id = $1;

-- name: InsertAssetVersion :exec
INSERT INTO asset_versions (id, asset_id, number, bucket, created_at, doc) VALUES ($1, $2, $3, $4, $5, $6);

-- name: AssetVersion :one
SELECT doc FROM asset_versions WHERE asset_id = $1 AND number = $2;

-- name: InsertAssetDownload :exec
INSERT INTO asset_downloads (id, asset_id, partner_id, bucket, created_at, doc) VALUES ($1, $2, $3, $4, $5, $6);

-- name: AssetDownload :one
SELECT doc FROM asset_downloads WHERE id = $1;

-- name: PutAssetHolder :exec
INSERT INTO asset_holders (asset_id, partner_id) VALUES ($1, $2) ON CONFLICT (asset_id, partner_id) DO NOTHING;

-- name: AssetHolders :many
SELECT partner_id FROM asset_holders WHERE asset_id = $1 ORDER BY partner_id;

-- name: InsertCoBrandJob :exec
INSERT INTO cobrand_jobs (id, asset_id, partner_id, status, bucket, revision, created_at, updated_at, doc)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- name: UpdateCoBrandJob :execrows
UPDATE cobrand_jobs SET status = $3, revision = revision + 1, updated_at = $4, doc = $5 WHERE id = $1 AND revision = $2;

-- name: CoBrandJob :one
SELECT doc FROM cobrand_jobs WHERE id = $1;

-- name: PutAssetWork :exec
INSERT INTO asset_work (kind, resource_id, attempts, free_at) VALUES ($1, $2, 0, 0)
ON CONFLICT (kind, resource_id) DO UPDATE SET attempts = 0, free_at = 0;

-- name: TakeAssetWork :one
UPDATE asset_work SET attempts = attempts + 1, free_at = sqlc.arg(until)
WHERE asset_work.free_at <= sqlc.arg(now) AND (asset_work.kind, asset_work.resource_id) =
  (SELECT w.kind, w.resource_id FROM asset_work w WHERE w.free_at <= sqlc.arg(now) ORDER BY w.free_at, w.kind, w.resource_id LIMIT 1)
RETURNING kind, resource_id, attempts;

-- name: FreeAssetWork :exec
UPDATE asset_work SET free_at = sqlc.arg(again_at) WHERE kind = $1 AND resource_id = $2 AND free_at = sqlc.arg(leased);

-- name: DropAssetWork :execrows
DELETE FROM asset_work WHERE kind = $1 AND resource_id = $2 AND free_at = sqlc.arg(leased);

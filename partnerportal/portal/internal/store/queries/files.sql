-- name: InsertFile :exec
INSERT INTO files (id, owner, purpose, name, media_type, size, sha256, status, uses, created_at, expires_at)
VALUES ($1, $2, '', '', '', 0, '', 'incoming', 0, $3, $4);

-- name: KeepFile :execrows
UPDATE files SET purpose = $2, name = $3, media_type = $4, size = $5, sha256 = $6, status = 'kept', created_at = $7, expires_at = $8
WHERE id = $1 AND status = 'incoming';

-- name: File :one
SELECT * FROM files WHERE id = $1 AND status = 'kept';

-- name: RemovedFile :one
SELECT id FROM files WHERE id = $1 AND status = 'removed';

-- name: AddFileUse :one
UPDATE files SET uses = uses + 1, expires_at = 0 WHERE id = $1 AND owner = $2 AND status = 'kept' RETURNING *;

-- name: DropFileUse :one
UPDATE files SET uses = uses - 1, expires_at = CASE WHEN uses = 1 THEN CAST(sqlc.arg(expires_at) AS bigint) ELSE 0 END
WHERE id = sqlc.arg(id) AND owner = sqlc.arg(owner) AND status = 'kept' AND uses > 0 RETURNING uses;

-- name: AbandonFile :execrows
UPDATE files SET status = 'removed' WHERE id = $1 AND status = 'incoming';

-- name: RemoveFile :execrows
UPDATE files SET status = 'removed' WHERE id = $1 AND status = 'kept' AND uses = 0;

-- name: ExpireFile :execrows
UPDATE files SET status = 'removed' WHERE id = $1 AND status <> 'removed' AND uses = 0 AND expires_at <= $2;

-- name: DropFile :exec
DELETE FROM files WHERE id = $1 AND status = 'removed';

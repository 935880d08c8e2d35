-- name: PutCredentialDefinition :exec
INSERT INTO credential_definitions (id, bucket, status, revision, created_at, updated_at, doc) VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (id) DO UPDATE SET status = excluded.status, revision = excluded.revision, updated_at = excluded.updated_at, doc = excluded.doc;

-- name: CredentialDefinition :one
SELECT doc FROM credential_definitions WHERE id = $1;

-- name: ActiveCredentialDefinitions :many
SELECT doc FROM credential_definitions WHERE status = 'active' ORDER BY id;

-- name: InsertCredential :exec
INSERT INTO credentials (id, bucket, partner_id, definition_id, learner_id, status, issuer, origin, valid_until, revision, created_at, updated_at, doc, badge)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14);

-- name: UpdateCredential :execrows
UPDATE credentials SET status = $3, valid_until = $4, updated_at = $5, doc = $6, badge = $7, revision = revision + 1 WHERE id = $1 AND revision = $2;

-- name: Credential :one
SELECT doc, badge FROM credentials WHERE id = $1;

-- name: CredentialsOfLearner :many
SELECT id FROM credentials WHERE learner_id = $1 AND definition_id = $2 ORDER BY created_at, id;

-- name: StandingCredentialsOfLearner :many
SELECT id FROM credentials WHERE learner_id = $1 AND status IN ('issued', 'renewal_open') ORDER BY id;

-- name: CredentialByOrigin :one
SELECT id, partner_id FROM credentials WHERE origin = $1 AND origin <> '';

-- name: ForgetCredentialOrigin :exec
UPDATE credentials SET origin = '' WHERE id = $1;

-- name: CredentialsOfIssuer :many
SELECT id FROM credentials WHERE issuer = $1 AND issuer <> '' ORDER BY id;

-- name: EndingCredentials :many
SELECT k.doc FROM credentials k
WHERE k.partner_id = $1 AND k.status IN ('issued', 'renewal_open') AND k.valid_until > sqlc.arg(after_time) AND k.valid_until <= sqlc.arg(until_time)
AND EXISTS (SELECT 1 FROM holdings h WHERE h.partner_id = k.partner_id AND h.definition_id = k.definition_id AND h.holder_id = k.learner_id)
ORDER BY k.valid_until, k.id LIMIT 50;

-- name: LatestCredentialList :one
SELECT id, url, issuer, taken, revision FROM credential_lists ORDER BY id DESC LIMIT 1;

-- name: CredentialList :one
SELECT id, url, issuer, taken, revision FROM credential_lists WHERE id = $1;

-- name: InsertCredentialList :exec
INSERT INTO credential_lists (id, url, issuer, taken, revision) VALUES ($1, $2, $3, 0, 0);

-- name: TakeCredentialPlace :execrows
INSERT INTO credential_places (list_id, place, credential_id, revoked) VALUES ($1, $2, $3, 0) ON CONFLICT (list_id, place) DO NOTHING;

-- name: CountCredentialPlace :exec
UPDATE credential_lists SET taken = taken + 1 WHERE id = $1;

-- name: RevokeCredentialPlaces :exec
UPDATE credential_places SET revoked = 1 WHERE credential_id = $1;

-- name: ChangeCredentialLists :exec
UPDATE credential_lists SET revision = revision + 1 WHERE id IN (SELECT list_id FROM credential_places WHERE credential_id = $1);

-- name: RevokedCredentialPlaces :many
SELECT place FROM credential_places WHERE list_id = $1 AND revoked <> 0 ORDER BY place;

-- name: InsertCredentialKey :exec
INSERT INTO credential_keys (id, status, created_at, ended_at, sealed, doc) VALUES ($1, $2, $3, $4, $5, $6);

-- name: EndCredentialKeys :exec
UPDATE credential_keys SET sealed = '', status = sqlc.arg(ended), ended_at = CASE WHEN ended_at = 0 THEN sqlc.arg(now) ELSE ended_at END WHERE status = sqlc.arg(standing);

-- name: CredentialKeys :many
SELECT id, status, created_at, ended_at, sealed, doc FROM credential_keys ORDER BY created_at DESC, id DESC;

-- name: PutTrustedIssuer :exec
INSERT INTO trusted_issuers (id, bucket, issuer, revision, created_at, updated_at, doc) VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (id) DO UPDATE SET issuer = excluded.issuer, revision = excluded.revision, updated_at = excluded.updated_at, doc = excluded.doc;

-- name: TrustedIssuer :one
SELECT doc FROM trusted_issuers WHERE id = $1;

-- name: TrustedIssuerNamed :one
SELECT doc FROM trusted_issuers WHERE issuer = $1;

-- name: DeleteTrustedIssuer :exec
DELETE FROM trusted_issuers WHERE id = $1;

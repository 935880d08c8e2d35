-- name: InsertLead :exec
INSERT INTO leads (id, number, bucket, direction, status, rating, partner_id, revision, created_at, updated_at, doc)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11);

-- name: UpdateLead :execrows
UPDATE leads SET status = $3, rating = $4, partner_id = $5, revision = revision + 1, updated_at = $6, doc = $7
WHERE id = $1 AND revision = $2;

-- name: Lead :one
SELECT doc FROM leads WHERE id = $1;

-- name: PutLeadView :exec
INSERT INTO lead_views (lead_id, partner_id, bucket, direction, status, rating, created_at, updated_at, doc)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (lead_id, partner_id) DO UPDATE SET status = excluded.status, rating = excluded.rating, updated_at = excluded.updated_at, doc = excluded.doc;

-- name: LeadView :one
SELECT doc FROM lead_views WHERE lead_id = $1 AND partner_id = $2;

-- name: InsertOffer :exec
INSERT INTO lead_offers (id, lead_id, partner_id, status, bucket, position, accept_by, created_at, doc)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- name: UpdateOffer :execrows
UPDATE lead_offers SET status = sqlc.arg(new_status), doc = sqlc.arg(doc) WHERE id = sqlc.arg(id) AND status = sqlc.arg(old_status);

-- name: LeadOfOffer :one
SELECT lead_id FROM lead_offers WHERE id = $1;

-- name: OffersOfLead :many
SELECT doc FROM lead_offers WHERE lead_id = $1 ORDER BY position;

-- name: OpenLeads :many
SELECT o.partner_id, count(*) AS open FROM lead_offers o JOIN leads l ON l.id = o.lead_id
WHERE o.status IN ('pending', 'accepted') AND l.status IN ('offered', 'accepted', 'working')
GROUP BY o.partner_id;

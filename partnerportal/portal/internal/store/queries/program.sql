-- name: PutProgram :exec
INSERT INTO programs (id, status, bucket, created_at, doc) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (id) DO UPDATE SET status = excluded.status, doc = excluded.doc;

-- name: InsertPartner :exec
INSERT INTO partners (id, bucket, status, program_id, created_at, updated_at, doc) VALUES ($1, $2, $3, $4, $5, $6, $7);

-- name: UpdatePartner :execrows
UPDATE partners SET status = $2, program_id = $3, updated_at = $4, doc = $5 WHERE id = $1;

-- name: PutPartnerDomain :exec
INSERT INTO partner_domains (domain, partner_id) VALUES ($1, $2) ON CONFLICT (domain, partner_id) DO NOTHING;

-- name: DropPartnerDomains :exec
DELETE FROM partner_domains WHERE partner_id = $1;

-- name: PartnersOfDomain :many
SELECT p.id, p.status FROM partner_domains d JOIN partners p ON p.id = d.partner_id WHERE d.domain = $1 ORDER BY p.created_at, p.id;

-- name: InsertMembership :exec
INSERT INTO memberships (id, bucket, partner_id, program_id, tier_id, status, revision, created_at, updated_at, doc)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10);

-- name: UpdateMembership :execrows
UPDATE memberships SET tier_id = sqlc.arg(tier_id), status = sqlc.arg(status), revision = CAST(sqlc.arg(revision) AS bigint) + 1,
    updated_at = sqlc.arg(updated_at), doc = sqlc.arg(doc)
WHERE id = sqlc.arg(id) AND revision = CAST(sqlc.arg(revision) AS bigint);

-- name: Membership :one
SELECT doc FROM memberships WHERE id = $1;

-- name: MembershipsOfPartner :many
SELECT doc FROM memberships WHERE partner_id = $1 AND status IN ('pending', 'active', 'grace') ORDER BY created_at, id;

-- name: MembersOfTier :many
SELECT partner_id FROM memberships WHERE program_id = $1 AND tier_id = $2 AND status IN ('pending', 'active', 'grace') ORDER BY partner_id;

-- name: AddResult :exec
INSERT INTO partner_results (partner_id, program_id, kind, currency, day, n, amount) VALUES ($1, $2, $3, $4, $5, 1, $6)
ON CONFLICT (partner_id, program_id, kind, currency, day) DO UPDATE SET n = partner_results.n + 1, amount = partner_results.amount + excluded.amount;

-- name: SumResults :one
SELECT CAST(coalesce(sum(n), 0) AS bigint) AS n, CAST(coalesce(sum(amount), 0) AS bigint) AS amount FROM partner_results
WHERE partner_id = $1 AND program_id = $2 AND kind = $3 AND currency = $4 AND day BETWEEN sqlc.arg(from_day) AND sqlc.arg(to_day);

-- name: CountResults :one
SELECT CAST(coalesce(sum(n), 0) AS bigint) FROM partner_results
WHERE partner_id = $1 AND program_id = $2 AND kind = $3 AND day BETWEEN sqlc.arg(from_day) AND sqlc.arg(to_day);

-- name: RevenueByPartner :many
SELECT partner_id, currency, CAST(sum(amount) AS bigint) AS amount FROM partner_results
WHERE kind = 'won' AND day BETWEEN sqlc.arg(from_day) AND sqlc.arg(to_day) GROUP BY partner_id, currency ORDER BY partner_id, currency;

-- name: PutActiveUser :exec
INSERT INTO active_users (day, client_id, partner_id) VALUES ($1, $2, $3) ON CONFLICT (day, client_id) DO NOTHING;

-- name: ActiveUsers :many
SELECT partner_id, count(DISTINCT client_id) AS users FROM active_users
WHERE day BETWEEN sqlc.arg(from_day) AND sqlc.arg(to_day) GROUP BY partner_id ORDER BY partner_id;

-- name: InsertTiming :execrows
INSERT INTO flow_timings (id, flow, partner_id, tier_id, resource_id, abandoned, day, seconds, typed, prefilled, doc)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
ON CONFLICT DO NOTHING;

-- name: TimingOf :one
SELECT doc FROM flow_timings WHERE flow = $1 AND resource_id = $2 AND resource_id <> '';

-- name: FlowDay :one
SELECT times FROM flow_days WHERE flow = $1 AND day = $2 AND tier_id = $3;

-- name: AddToFlowDay :exec
INSERT INTO flow_days (flow, day, tier_id, forms, typed, prefilled, abandoned, times) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (flow, day, tier_id) DO UPDATE SET forms = flow_days.forms + excluded.forms, typed = flow_days.typed + excluded.typed,
    prefilled = flow_days.prefilled + excluded.prefilled, abandoned = flow_days.abandoned + excluded.abandoned, times = excluded.times;

-- name: CountFields :one
SELECT CAST(coalesce(sum(forms), 0) AS bigint) AS forms, CAST(coalesce(sum(typed), 0) AS bigint) AS typed,
    CAST(coalesce(sum(prefilled), 0) AS bigint) AS prefilled
FROM flow_days WHERE flow = $1 AND day BETWEEN sqlc.arg(from_day) AND sqlc.arg(to_day);

-- name: CountOwnFields :one
SELECT count(*) AS forms, CAST(coalesce(sum(typed), 0) AS bigint) AS typed, CAST(coalesce(sum(prefilled), 0) AS bigint) AS prefilled
FROM flow_timings WHERE flow = $1 AND partner_id = $2 AND abandoned = 0 AND day BETWEEN sqlc.arg(from_day) AND sqlc.arg(to_day);

-- name: AddField :exec
INSERT INTO form_fields (flow, day, partner_id, field, typed, prefilled) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (flow, day, partner_id, field) DO UPDATE
SET typed = form_fields.typed + excluded.typed, prefilled = form_fields.prefilled + excluded.prefilled;

-- name: FormFields :many
SELECT field, CAST(sum(typed) AS bigint) AS typed, CAST(sum(prefilled) AS bigint) AS prefilled FROM form_fields
WHERE flow = $1 AND day BETWEEN sqlc.arg(from_day) AND sqlc.arg(to_day)
  AND (CAST(sqlc.arg(partner_id) AS text) = '' OR partner_id = CAST(sqlc.arg(partner_id) AS text))
GROUP BY field ORDER BY 2 DESC, 3 DESC, 1 LIMIT 200;

-- name: InsertNPS :exec
INSERT INTO nps_responses (id, bucket, partner_id, respondent, score, productive, day, created_at, doc)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- name: NPSResponses :many
SELECT partner_id, respondent, score, productive FROM nps_responses
WHERE day BETWEEN sqlc.arg(from_day) AND sqlc.arg(to_day) ORDER BY created_at, id;

-- name: MembersOfProgram :many
SELECT doc FROM memberships WHERE program_id = $1 AND status IN ('active', 'grace') ORDER BY id;

-- name: InsertLearner :exec
INSERT INTO learners (id, bucket, partner_id, status, email, lms_user_ref, lms_home, revision, created_at, updated_at, doc)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11);

-- name: UpdateLearner :execrows
UPDATE learners SET status = $3, email = $4, lms_user_ref = $5, revision = revision + 1, updated_at = $6, doc = $7 WHERE id = $1 AND revision = $2;

-- name: SetLMSAccount :exec
UPDATE learners SET lms_user_ref = $2, lms_home = $3 WHERE id = $1;

-- name: BindLMSHome :exec
UPDATE learners SET lms_home = $3 WHERE learners.id = $1 AND learners.lms_user_ref = $2 AND learners.lms_home = ''
  AND NOT EXISTS (SELECT 1 FROM learners other WHERE other.lms_user_ref = $2 AND other.lms_home = $3 AND other.status = 'active');

-- name: Learner :one
SELECT doc FROM learners WHERE id = $1;

-- name: LearnersOfPartner :many
SELECT doc FROM learners WHERE partner_id = $1 AND status = 'active' ORDER BY id;

-- name: LearnersByEmail :many
SELECT doc FROM learners WHERE email = $1 AND status = 'active' ORDER BY id;

-- name: LearnersByLMSRef :many
SELECT doc, lms_home FROM learners WHERE lms_user_ref = $1 AND status = 'active' ORDER BY id;

-- name: LeftLearner :one
SELECT doc FROM learners WHERE partner_id = $1 AND status = 'left'
  AND (email = $2 OR lms_user_ref = $3 AND (lms_home = '' OR CAST(sqlc.arg(lms_home) AS text) IN ('', lms_home)))
ORDER BY updated_at DESC, id LIMIT 1;

-- name: CountLearners :one
SELECT count(*) FROM learners WHERE status = 'active' AND (CAST(sqlc.arg(partner_id) AS text) = '' OR partner_id = sqlc.arg(partner_id));

-- name: PartnersWithLearners :many
SELECT DISTINCT partner_id FROM learners WHERE status = 'active' ORDER BY partner_id;

-- name: PutLearnerRole :exec
INSERT INTO learner_roles (role, learner_id) VALUES ($1, $2) ON CONFLICT (role, learner_id) DO NOTHING;

-- name: DropLearnerRoles :exec
DELETE FROM learner_roles WHERE learner_id = $1;

-- name: InsertCourse :exec
INSERT INTO courses (id, bucket, code, status, modality, published_at, revision, created_at, updated_at, doc)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10);

-- name: UpdateCourse :execrows
UPDATE courses SET code = $3, status = $4, modality = $5, published_at = $6, revision = revision + 1, updated_at = $7, doc = $8 WHERE id = $1 AND revision = $2;

-- name: Course :one
SELECT doc FROM courses WHERE id = $1;

-- name: CourseByCode :one
SELECT doc FROM courses WHERE code = $1;

-- name: PutCourseProduct :exec
INSERT INTO course_products (product, course_id) VALUES ($1, $2) ON CONFLICT (product, course_id) DO NOTHING;

-- name: DropCourseProducts :exec
DELETE FROM course_products WHERE course_id = $1;

-- name: InsertLearningPath :exec
INSERT INTO learning_paths (id, bucket, code, status, published_at, revision, created_at, updated_at, doc)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- name: UpdateLearningPath :execrows
UPDATE learning_paths SET code = $3, status = $4, published_at = $5, revision = revision + 1, updated_at = $6, doc = $7 WHERE id = $1 AND revision = $2;

-- name: LearningPath :one
SELECT doc FROM learning_paths WHERE id = $1;

-- name: LearningPathByCode :one
SELECT doc FROM learning_paths WHERE code = $1;

-- name: PutPathCourse :exec
INSERT INTO path_courses (course_id, path_id) VALUES ($1, $2) ON CONFLICT (course_id, path_id) DO NOTHING;

-- name: DropPathCourses :exec
DELETE FROM path_courses WHERE path_id = $1;

-- name: InsertClassSession :exec
INSERT INTO class_sessions (id, bucket, course_id, canceled, starts_at, ends_at, revision, created_at, updated_at, doc)
VALUES ($1, $2, $3, 0, $4, $5, $6, $7, $8, $9);

-- name: UpdateClassSession :execrows
UPDATE class_sessions SET canceled = $3, starts_at = $4, ends_at = $5, revision = revision + 1, updated_at = $6, doc = $7 WHERE id = $1 AND revision = $2;

-- name: ClassSession :one
SELECT doc FROM class_sessions WHERE id = $1;

-- name: CountSeats :one
SELECT
    CAST(coalesce(sum(CASE WHEN seat = 1 THEN 1 ELSE 0 END), 0) AS bigint) AS taken,
    CAST(coalesce(sum(CASE WHEN seat = 2 THEN 1 ELSE 0 END), 0) AS bigint) AS waiting
FROM enrolments WHERE session_id = $1 AND seat > 0;

-- name: CountWaitingBefore :one
SELECT count(*) FROM enrolments WHERE session_id = $1 AND seat = 2 AND (waits_since, id) < (CAST(sqlc.arg(since) AS bigint), CAST(sqlc.arg(before) AS text));

-- name: FirstWaiting :one
SELECT doc FROM enrolments WHERE session_id = $1 AND seat = 2 ORDER BY waits_since, id LIMIT 1;

-- name: EnrolmentsInSession :many
SELECT doc FROM enrolments WHERE session_id = $1 AND is_open = 1 ORDER BY waits_since, id;

-- name: InsertEnrolment :exec
INSERT INTO enrolments (id, bucket, partner_id, learner_id, course_id, path_id, session_id, rule_id, status, is_open, seat, waits_since, completed_at, expires_at, attention_at, revision, created_at, updated_at, doc)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19);

-- name: UpdateEnrolment :execrows
UPDATE enrolments SET session_id = $3, rule_id = $4, status = $5, is_open = $6, seat = $7, waits_since = $8, completed_at = $9, expires_at = $10,
    attention_at = $11, revision = revision + 1, updated_at = $12, doc = $13
WHERE id = $1 AND revision = $2;

-- name: Enrolment :one
SELECT doc FROM enrolments WHERE id = $1;

-- name: EnrolmentsOfLearner :many
SELECT doc FROM enrolments WHERE learner_id = $1 ORDER BY created_at, id;

-- name: LearnersOnPath :many
SELECT DISTINCT learner_id FROM enrolments WHERE path_id = $1 AND is_open = 1 ORDER BY learner_id;

-- name: CompletedEnrolments :many
SELECT id, course_id, path_id, completed_at, expires_at FROM enrolments
WHERE learner_id = $1 AND status = 'completed' ORDER BY completed_at, id;

-- name: CountTraining :one
SELECT
    CAST(coalesce(sum(is_open), 0) AS bigint) AS still_open,
    CAST(coalesce(sum(CASE WHEN is_open = 1 AND attention_at > sqlc.arg(now) AND attention_at <= sqlc.arg(horizon) THEN 1 ELSE 0 END), 0) AS bigint) AS due,
    CAST(coalesce(sum(CASE WHEN is_open = 1 AND attention_at > 0 AND attention_at <= sqlc.arg(now) THEN 1 ELSE 0 END), 0) AS bigint) AS overdue,
    CAST(coalesce(sum(CASE WHEN status = 'completed' THEN 1 ELSE 0 END), 0) AS bigint) AS completed,
    CAST(coalesce(sum(CASE WHEN status = 'completed' AND attention_at > sqlc.arg(now) AND attention_at <= sqlc.arg(horizon) THEN 1 ELSE 0 END), 0) AS bigint) AS expiring,
    CAST(coalesce(sum(CASE WHEN is_open = 0 AND attention_at > 0 AND attention_at <= sqlc.arg(now) THEN 1 ELSE 0 END), 0) AS bigint) AS expired
FROM enrolments WHERE (CAST(sqlc.arg(partner_id) AS text) = '' OR partner_id = sqlc.arg(partner_id))
  AND learner_id IN (SELECT l.id FROM learners l WHERE l.status = 'active');

-- name: PutTrainingRule :exec
INSERT INTO training_rules (id, bucket, created_at, doc) VALUES ($1, $2, $3, $4)
ON CONFLICT (id) DO UPDATE SET doc = excluded.doc;

-- name: TrainingRule :one
SELECT doc FROM training_rules WHERE id = $1;

-- name: TrainingRules :many
SELECT doc FROM training_rules ORDER BY created_at, id;

-- name: DropTrainingRule :execrows
DELETE FROM training_rules WHERE id = $1;

-- name: KeepTrainingRecord :execrows
INSERT INTO training_records (system, id, state, person, home, course, learner_id, at, doc) VALUES ($1, $2, $3, $4, $5, $6, '', $7, $8)
ON CONFLICT (system, id) DO NOTHING;

-- name: SettleTrainingRecord :execrows
UPDATE training_records SET state = $3, person = '', home = '', learner_id = $4, enrolment_id = $5, doc = $6 WHERE system = $1 AND id = $2 AND state = 'waiting';

-- name: VoidTrainingRecord :execrows
UPDATE training_records SET state = sqlc.arg(becomes), person = '', home = '', doc = '' WHERE system = $1 AND id = $2 AND state = $3;

-- name: EnrolmentsToUnlearn :many
SELECT DISTINCT enrolment_id FROM training_records WHERE state = 'voiding' AND enrolment_id <> '' ORDER BY enrolment_id;

-- name: VoidedTrainingRecords :execrows
UPDATE training_records SET state = 'voided' WHERE enrolment_id = $1 AND state = 'voiding';

-- name: TrainingRecordsOfEnrolment :many
SELECT system, id, state, doc FROM training_records WHERE enrolment_id = $1 AND state <> 'waiting';

-- name: TrainingRecordsOfPerson :many
SELECT system, id, person, home, doc FROM training_records WHERE state = 'waiting' AND person = $1 ORDER BY at, id;

-- name: LearnersWaitingForCourse :many
SELECT l.id FROM learners l JOIN training_records r ON r.person = l.email WHERE r.state = 'waiting' AND r.course = $1 AND l.status = 'active'
UNION
SELECT l.id FROM learners l JOIN training_records r ON r.person = l.lms_user_ref WHERE r.state = 'waiting' AND r.course = $1 AND l.status = 'active';

-- name: PutTrainingReading :exec
INSERT INTO training_readings (kind, doc) VALUES ($1, $2) ON CONFLICT (kind) DO UPDATE SET doc = excluded.doc;

-- name: TrainingReading :one
SELECT doc FROM training_readings WHERE kind = $1;

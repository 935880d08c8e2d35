-- Training: partners' people, what there is to learn, who is enrolled in what, and what the learning system has told.

CREATE TABLE learners (
    id           text   PRIMARY KEY,
    bucket       bigint NOT NULL,
    partner_id   text   NOT NULL,
    status       text   NOT NULL,
    email        text   NOT NULL, -- hashed, as persons in training_records are
    lms_user_ref text   NOT NULL, -- the same, '' while nobody has said
    revision     bigint NOT NULL,
    created_at   bigint NOT NULL,
    updated_at   bigint NOT NULL,
    doc          text   NOT NULL
);
CREATE INDEX learners_created ON learners (created_at, id);
CREATE INDEX learners_partner ON learners (partner_id, created_at, id);
CREATE INDEX learners_bucket ON learners (bucket, id);
CREATE INDEX learners_email ON learners (email);
CREATE INDEX learners_lms ON learners (lms_user_ref);
CREATE UNIQUE INDEX learners_active_email ON learners (partner_id, email) WHERE status = 'active';
CREATE UNIQUE INDEX learners_active_lms ON learners (lms_user_ref) WHERE status = 'active' AND lms_user_ref <> '';

-- The roles of learners, by which lists are filtered.
CREATE TABLE learner_roles (
    role       text NOT NULL,
    learner_id text NOT NULL REFERENCES learners (id) ON DELETE CASCADE,
    PRIMARY KEY (role, learner_id)
);
CREATE INDEX learner_roles_learner ON learner_roles (learner_id);

CREATE TABLE courses (
    id           text   PRIMARY KEY,
    bucket       bigint NOT NULL,
    code         text   NOT NULL,
    status       text   NOT NULL,
    modality     text   NOT NULL,
    published_at bigint NOT NULL, -- 0 until it is published for the first time
    revision     bigint NOT NULL,
    created_at   bigint NOT NULL,
    updated_at   bigint NOT NULL,
    doc          text   NOT NULL
);
CREATE UNIQUE INDEX courses_code ON courses (code);
CREATE INDEX courses_created ON courses (created_at, id);
CREATE INDEX courses_bucket ON courses (bucket, id);

-- The products that courses are on.
CREATE TABLE course_products (
    product   text NOT NULL,
    course_id text NOT NULL REFERENCES courses (id) ON DELETE CASCADE,
    PRIMARY KEY (product, course_id)
);
CREATE INDEX course_products_course ON course_products (course_id);

CREATE TABLE learning_paths (
    id           text   PRIMARY KEY,
    bucket       bigint NOT NULL,
    code         text   NOT NULL,
    status       text   NOT NULL,
    published_at bigint NOT NULL,
    revision     bigint NOT NULL,
    created_at   bigint NOT NULL,
    updated_at   bigint NOT NULL,
    doc          text   NOT NULL
);
CREATE UNIQUE INDEX learning_paths_code ON learning_paths (code);
CREATE INDEX learning_paths_created ON learning_paths (created_at, id);
CREATE INDEX learning_paths_bucket ON learning_paths (bucket, id);

-- The courses that learning paths lead through.
CREATE TABLE path_courses (
    course_id text NOT NULL,
    path_id   text NOT NULL REFERENCES learning_paths (id) ON DELETE CASCADE,
    PRIMARY KEY (course_id, path_id)
);
CREATE INDEX path_courses_path ON path_courses (path_id);

CREATE TABLE class_sessions (
    id         text   PRIMARY KEY,
    bucket     bigint NOT NULL,
    course_id  text   NOT NULL REFERENCES courses (id),
    canceled   bigint NOT NULL,
    starts_at  bigint NOT NULL,
    ends_at    bigint NOT NULL,
    revision   bigint NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    doc        text   NOT NULL
);
CREATE INDEX class_sessions_created ON class_sessions (created_at, id);
CREATE INDEX class_sessions_course ON class_sessions (course_id, created_at, id);
CREATE INDEX class_sessions_bucket ON class_sessions (bucket, id);

CREATE TABLE enrolments (
    id           text   PRIMARY KEY,
    bucket       bigint NOT NULL,
    partner_id   text   NOT NULL,
    learner_id   text   NOT NULL REFERENCES learners (id),
    course_id    text   NOT NULL, -- '' of a path
    path_id      text   NOT NULL, -- '' of a course
    session_id   text   NOT NULL, -- '' without one
    rule_id      text   NOT NULL, -- '' when nobody has to
    status       text   NOT NULL,
    is_open      bigint NOT NULL, -- 1 while something is still to come of it
    seat         bigint NOT NULL, -- in its session: 0 none, 1 a seat, 2 waits for one
    waits_since  bigint NOT NULL,
    completed_at bigint NOT NULL,
    expires_at   bigint NOT NULL, -- when having completed it ends to count; 0 for never
    attention_at bigint NOT NULL, -- when it is due, or ends to count and was not renewed; 0 when nobody has to look at it
    revision     bigint NOT NULL,
    created_at   bigint NOT NULL,
    updated_at   bigint NOT NULL,
    doc          text   NOT NULL
);
CREATE INDEX enrolments_created ON enrolments (created_at, id);
CREATE INDEX enrolments_partner ON enrolments (partner_id, created_at, id);
CREATE INDEX enrolments_bucket ON enrolments (bucket, id);
CREATE INDEX enrolments_learner ON enrolments (learner_id, course_id, path_id);
CREATE INDEX enrolments_session ON enrolments (session_id, seat);
CREATE INDEX enrolments_course ON enrolments (course_id, created_at, id);
CREATE INDEX enrolments_path ON enrolments (path_id, created_at, id);
CREATE INDEX enrolments_attention ON enrolments (partner_id, attention_at, id);
CREATE INDEX enrolments_attention_all ON enrolments (attention_at, id);
CREATE UNIQUE INDEX enrolments_open ON enrolments (learner_id, course_id, path_id) WHERE is_open = 1;

CREATE TABLE training_rules (
    id         text   PRIMARY KEY,
    bucket     bigint NOT NULL,
    created_at bigint NOT NULL,
    doc        text   NOT NULL
);

-- What the learning system has told, each record once. One of a person or course that nobody knows yet waits for them. The person is kept as
-- a hash, for most are nobody's here, and forgotten when it has been found.
CREATE TABLE training_records (
    system     text   NOT NULL,
    id         text   NOT NULL,
    state      text   NOT NULL, -- waiting, taken or refused
    person     text   NOT NULL, -- while it waits: SHA-256 of who it is in the learning system, or of an e-mail address
    course     text   NOT NULL, -- the code
    learner_id text   NOT NULL, -- once it was taken
    at         bigint NOT NULL,
    doc        text   NOT NULL,
    PRIMARY KEY (system, id)
);
CREATE INDEX training_records_person ON training_records (state, person);
CREATE INDEX training_records_course ON training_records (state, course);

-- How far the learning system was read.
CREATE TABLE training_readings (
    kind text PRIMARY KEY,
    doc  text NOT NULL
);

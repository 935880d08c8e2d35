-- Programmes, partners and memberships behind the API, and what is measured.

ALTER TABLE programs ADD COLUMN status     text   NOT NULL DEFAULT 'active';
ALTER TABLE programs ADD COLUMN bucket     bigint NOT NULL DEFAULT 0;
ALTER TABLE programs ADD COLUMN created_at bigint NOT NULL DEFAULT 0;
CREATE INDEX programs_created ON programs (created_at, id);

ALTER TABLE partners ADD COLUMN bucket     bigint NOT NULL DEFAULT 0;
ALTER TABLE partners ADD COLUMN updated_at bigint NOT NULL DEFAULT 0;
CREATE INDEX partners_created ON partners (created_at, id);
CREATE INDEX partners_updated ON partners (updated_at, id);
CREATE INDEX partners_bucket ON partners (bucket, id);

-- Which internet domains are whose. One belongs to one partner, but what a host has entered is not thrown away.
CREATE TABLE partner_domains (
    domain     text NOT NULL,
    partner_id text NOT NULL REFERENCES partners (id),
    PRIMARY KEY (domain, partner_id)
);
CREATE INDEX partner_domains_partner ON partner_domains (partner_id);

CREATE TABLE memberships (
    id         text   PRIMARY KEY,
    bucket     bigint NOT NULL,
    partner_id text   NOT NULL REFERENCES partners (id),
    program_id text   NOT NULL REFERENCES programs (id),
    tier_id    text   NOT NULL,
    status     text   NOT NULL,
    revision   bigint NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    doc        text   NOT NULL
);
CREATE INDEX memberships_created ON memberships (created_at, id);
CREATE INDEX memberships_updated ON memberships (updated_at, id);
CREATE INDEX memberships_bucket ON memberships (bucket, id);
CREATE INDEX memberships_partner ON memberships (partner_id, created_at, id);
CREATE INDEX memberships_program ON memberships (program_id, tier_id);
-- A partner is a member of a programme once at a time.
CREATE UNIQUE INDEX memberships_standing ON memberships (partner_id, program_id) WHERE status IN ('pending', 'active', 'grace');

-- What partners achieved, day by day (days since 1970, in the programme's time zone): sums over it do not grow with the number of deals of a day.
CREATE TABLE partner_results (
    partner_id text   NOT NULL,
    program_id text   NOT NULL,
    kind       text   NOT NULL, -- won, registered
    currency   text   NOT NULL, -- '' where there is no amount
    day        bigint NOT NULL,
    n          bigint NOT NULL,
    amount     bigint NOT NULL, -- ten-thousandths
    PRIMARY KEY (partner_id, program_id, kind, currency, day)
);
CREATE INDEX partner_results_day ON partner_results (kind, day);

-- On which days a user of the portal did at least one transaction.
CREATE TABLE active_users (
    day        bigint NOT NULL,
    client_id  text   NOT NULL,
    partner_id text   NOT NULL,
    PRIMARY KEY (day, client_id)
);

CREATE TABLE flow_timings (
    id          text   PRIMARY KEY,
    flow        text   NOT NULL,
    partner_id  text   NOT NULL,
    tier_id     text   NOT NULL,
    resource_id text   NOT NULL,
    abandoned   bigint NOT NULL, -- 0 or 1
    day         bigint NOT NULL,
    seconds     bigint NOT NULL,
    typed       bigint NOT NULL,
    prefilled   bigint NOT NULL,
    doc         text   NOT NULL
);
-- A partner's own times, with all that is counted of them.
CREATE INDEX flow_timings_partner ON flow_timings (partner_id, flow, day, abandoned, seconds, tier_id);
CREATE UNIQUE INDEX flow_timings_resource ON flow_timings (flow, resource_id) WHERE resource_id <> '';

-- The times of all partners, summed up by day and tier: a document of how often each number of seconds occurred. So a measure costs
-- as much as it has days, however many times there were.
CREATE TABLE flow_days (
    flow      text   NOT NULL,
    day       bigint NOT NULL,
    tier_id   text   NOT NULL,
    forms     bigint NOT NULL,
    typed     bigint NOT NULL,
    prefilled bigint NOT NULL,
    abandoned bigint NOT NULL,
    times     text   NOT NULL,
    PRIMARY KEY (flow, day, tier_id)
);

-- How often the fields of forms were typed, and filled in.
CREATE TABLE form_fields (
    flow       text   NOT NULL,
    day        bigint NOT NULL,
    partner_id text   NOT NULL,
    field      text   NOT NULL,
    typed      bigint NOT NULL,
    prefilled  bigint NOT NULL,
    PRIMARY KEY (flow, day, partner_id, field)
);

CREATE TABLE nps_responses (
    id         text   PRIMARY KEY,
    bucket     bigint NOT NULL,
    partner_id text   NOT NULL,
    respondent text   NOT NULL, -- told apart within the partner
    score      bigint NOT NULL,
    productive bigint NOT NULL, -- 0 or 1
    day        bigint NOT NULL,
    created_at bigint NOT NULL,
    doc        text   NOT NULL
);
CREATE INDEX nps_responses_created ON nps_responses (created_at, id);
CREATE INDEX nps_responses_bucket ON nps_responses (bucket, id);
CREATE INDEX nps_responses_day ON nps_responses (day);

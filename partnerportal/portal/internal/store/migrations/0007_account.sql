-- Sums over each partner's records, moved in the transaction that changes a record: the money screen reads a few rows, however many
-- records there are.

CREATE TABLE figures (
    partner_id text NOT NULL,
    name       text NOT NULL, -- such as open_pipeline
    day        text NOT NULL, -- the day that the sum is of, YYYY-MM-DD; '' when it is of no day
    currency   text NOT NULL,
    n          bigint NOT NULL, -- how many records
    amount     bigint NOT NULL CHECK (amount BETWEEN -9223372036854775807 AND 9223372036854775807), -- ten-thousandths; SQLite would go on with a float
    changed_at bigint NOT NULL,
    PRIMARY KEY (partner_id, name, day, currency)
);
CREATE INDEX figures_undated ON figures (partner_id, name, currency) WHERE day = '';

-- What the money screen says of the next things to do, and lists behind its figures.
CREATE INDEX deals_partner_status ON deals (partner_id, status, expires_at);
ALTER TABLE deals ADD COLUMN won_on text NOT NULL DEFAULT ''; -- the day of the revenue, YYYY-MM-DD
CREATE INDEX deals_partner_outcome ON deals (partner_id, outcome, created_at, id);

CREATE TABLE commission_plans (
    id         text   PRIMARY KEY,
    bucket     bigint NOT NULL,
    program_id text   NOT NULL REFERENCES programs (id),
    revision   bigint NOT NULL,
    created_at bigint NOT NULL,
    doc        text   NOT NULL
);
CREATE INDEX commission_plans_created ON commission_plans (created_at, id);
CREATE INDEX commission_plans_program ON commission_plans (program_id);

CREATE TABLE commissions (
    id         text   PRIMARY KEY,
    bucket     bigint NOT NULL,
    partner_id text   NOT NULL REFERENCES partners (id),
    status     text   NOT NULL,
    kind       text   NOT NULL,
    currency   text   NOT NULL,
    deal_id    text   NOT NULL, -- '' when it is of no deal
    payout_id  text   NOT NULL, -- '' while it is in none
    earned_at  bigint NOT NULL,
    revision   bigint NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    doc        text   NOT NULL
);
CREATE INDEX commissions_created ON commissions (created_at, id);
CREATE INDEX commissions_updated ON commissions (updated_at, id);
CREATE INDEX commissions_bucket ON commissions (bucket, id);
CREATE INDEX commissions_partner ON commissions (partner_id, created_at, id);
CREATE INDEX commissions_due ON commissions (partner_id, status, currency, earned_at, id);
CREATE INDEX commissions_deal ON commissions (deal_id) WHERE deal_id <> '';
CREATE INDEX commissions_payout ON commissions (payout_id, earned_at, id) WHERE payout_id <> '';

CREATE TABLE payouts (
    id           text   PRIMARY KEY,
    number       text   NOT NULL UNIQUE,
    bucket       bigint NOT NULL,
    partner_id   text   NOT NULL REFERENCES partners (id),
    status       text   NOT NULL,
    scheduled_on text   NOT NULL,
    revision     bigint NOT NULL,
    created_at   bigint NOT NULL,
    updated_at   bigint NOT NULL,
    doc          text   NOT NULL,
    lines        text   NOT NULL -- as they were scheduled: a statement does not change
);
CREATE INDEX payouts_created ON payouts (created_at, id);
CREATE INDEX payouts_updated ON payouts (updated_at, id);
CREATE INDEX payouts_bucket ON payouts (bucket, id);
CREATE INDEX payouts_partner ON payouts (partner_id, created_at, id);
CREATE INDEX payouts_next ON payouts (partner_id, status, scheduled_on);

CREATE TABLE rebates (
    id         text   PRIMARY KEY,
    bucket     bigint NOT NULL,
    partner_id text   NOT NULL REFERENCES partners (id),
    plan_id    text   NOT NULL,
    currency   text   NOT NULL,
    period_to  text   NOT NULL,
    status     text   NOT NULL,
    revision   bigint NOT NULL,
    created_at bigint NOT NULL,
    doc        text   NOT NULL,
    UNIQUE (partner_id, plan_id, currency, period_to)
);
CREATE INDEX rebates_created ON rebates (created_at, id);
CREATE INDEX rebates_bucket ON rebates (bucket, id);
CREATE INDEX rebates_partner ON rebates (partner_id, created_at, id);

-- Other systems that own figures: how the last reading went, and what it said.
CREATE TABLE sources (
    kind text PRIMARY KEY, -- finance, crm, lms
    doc  text NOT NULL
);
CREATE TABLE source_records (
    kind       text   NOT NULL,
    id         text   NOT NULL, -- the system's
    bucket     bigint NOT NULL,
    partner_id text   NOT NULL,
    type       text   NOT NULL, -- revenue, mdf
    currency   text   NOT NULL,
    amount     bigint NOT NULL, -- ten-thousandths
    day        text   NOT NULL,
    at         bigint NOT NULL,
    base       bigint NOT NULL, -- of mdf: what our ledger had taken from the partner's funds when finance looked
    PRIMARY KEY (kind, type, id)
);
CREATE INDEX source_records_partner ON source_records (partner_id, kind, type, at, id);

-- Market development funds. Amounts are bigint ten-thousandths of the currency's unit.

-- budget is 0 where there is no limit. allocated follows the allocations: it is their sum.
CREATE TABLE mdf_funds (
    id         text   PRIMARY KEY,
    bucket     bigint NOT NULL,
    program_id text   NOT NULL,
    kind       text   NOT NULL,
    status     text   NOT NULL,
    budget     bigint NOT NULL,
    allocated  bigint NOT NULL,
    revision   bigint NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    doc        text   NOT NULL
);
CREATE INDEX mdf_funds_created ON mdf_funds (created_at, id);
CREATE INDEX mdf_funds_updated ON mdf_funds (updated_at, id);
CREATE INDEX mdf_funds_bucket ON mdf_funds (bucket, id);

-- The accounts of an allocation after the ledger entry with that sequence. The checks say again what the ledger's code holds:
-- a fault in it stops at the database.
CREATE TABLE mdf_allocations (
    id         text   PRIMARY KEY,
    bucket     bigint NOT NULL,
    fund_id    text   NOT NULL REFERENCES mdf_funds (id),
    partner_id text   NOT NULL REFERENCES partners (id),
    status     text   NOT NULL,
    currency   text   NOT NULL,
    expires_at bigint NOT NULL,
    sequence   bigint NOT NULL,
    allocated  bigint NOT NULL,
    available  bigint NOT NULL CHECK (available >= 0),
    held       bigint NOT NULL CHECK (held >= 0),
    committed  bigint NOT NULL CHECK (committed >= 0),
    claimed    bigint NOT NULL CHECK (claimed >= 0),
    payable    bigint NOT NULL CHECK (payable >= 0),
    paid       bigint NOT NULL CHECK (paid >= 0),
    expired    bigint NOT NULL CHECK (expired >= 0),
    converted  bigint NOT NULL CHECK (converted >= 0),
    revision   bigint NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    doc        text   NOT NULL,
    CHECK (allocated = available + held + committed + claimed + payable + paid + expired + converted)
);
CREATE INDEX mdf_allocations_created ON mdf_allocations (created_at, id);
CREATE INDEX mdf_allocations_updated ON mdf_allocations (updated_at, id);
CREATE INDEX mdf_allocations_bucket ON mdf_allocations (bucket, id);
CREATE INDEX mdf_allocations_partner ON mdf_allocations (partner_id, created_at, id);
CREATE INDEX mdf_allocations_fund ON mdf_allocations (fund_id, created_at, id);

-- The ledger is append-only: no query changes or deletes a row of it.
CREATE TABLE mdf_ledger (
    id            text   PRIMARY KEY,
    bucket        bigint NOT NULL,
    allocation_id text   NOT NULL REFERENCES mdf_allocations (id),
    sequence      bigint NOT NULL,
    fund_id       text   NOT NULL,
    partner_id    text   NOT NULL,
    type          text   NOT NULL,
    from_account  text   NOT NULL,
    to_account    text   NOT NULL,
    amount        bigint NOT NULL CHECK (amount > 0),
    currency      text   NOT NULL,
    request_id    text   NOT NULL,
    claim_id      text   NOT NULL,
    created_at    bigint NOT NULL,
    doc           text   NOT NULL,
    UNIQUE (allocation_id, sequence)
);
CREATE INDEX mdf_ledger_created ON mdf_ledger (created_at, id);
CREATE INDEX mdf_ledger_partner ON mdf_ledger (partner_id, created_at, id);
CREATE INDEX mdf_ledger_bucket ON mdf_ledger (bucket, id);
CREATE INDEX mdf_ledger_request ON mdf_ledger (request_id);
CREATE INDEX mdf_ledger_claim ON mdf_ledger (claim_id);

CREATE TABLE mdf_templates (
    id         text   PRIMARY KEY,
    bucket     bigint NOT NULL,
    retired    bigint NOT NULL,
    revision   bigint NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    doc        text   NOT NULL
);
CREATE INDEX mdf_templates_created ON mdf_templates (created_at, id);

CREATE TABLE mdf_requests (
    id          text   PRIMARY KEY,
    number      text   NOT NULL UNIQUE,
    bucket      bigint NOT NULL,
    partner_id  text   NOT NULL REFERENCES partners (id),
    fund_id     text   NOT NULL,
    campaign_id text   NOT NULL,
    status      text   NOT NULL,
    revision    bigint NOT NULL,
    created_at  bigint NOT NULL,
    updated_at  bigint NOT NULL,
    doc         text   NOT NULL
);
CREATE INDEX mdf_requests_created ON mdf_requests (created_at, id);
CREATE INDEX mdf_requests_updated ON mdf_requests (updated_at, id);
CREATE INDEX mdf_requests_bucket ON mdf_requests (bucket, id);
CREATE INDEX mdf_requests_partner ON mdf_requests (partner_id, created_at, id);
CREATE INDEX mdf_requests_standing ON mdf_requests (partner_id, status);
CREATE INDEX mdf_requests_fund ON mdf_requests (fund_id, status);

CREATE TABLE mdf_claims (
    id         text   PRIMARY KEY,
    number     text   NOT NULL UNIQUE,
    bucket     bigint NOT NULL,
    partner_id text   NOT NULL REFERENCES partners (id),
    fund_id    text   NOT NULL,
    request_id text   NOT NULL REFERENCES mdf_requests (id),
    status     text   NOT NULL,
    revision   bigint NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    doc        text   NOT NULL
);
CREATE INDEX mdf_claims_created ON mdf_claims (created_at, id);
CREATE INDEX mdf_claims_updated ON mdf_claims (updated_at, id);
CREATE INDEX mdf_claims_bucket ON mdf_claims (bucket, id);
CREATE INDEX mdf_claims_partner ON mdf_claims (partner_id, created_at, id);
CREATE INDEX mdf_claims_request ON mdf_claims (request_id, status);

-- What may count once only: an invoice or a file among a partner's claims that stand, a reference of accrued revenue.
CREATE TABLE mdf_marks (
    partner_id text NOT NULL,
    mark       text NOT NULL,
    holder     text NOT NULL,
    PRIMARY KEY (partner_id, mark)
);
CREATE INDEX mdf_marks_holder ON mdf_marks (holder);

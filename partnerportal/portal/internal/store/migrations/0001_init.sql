-- One schema for SQLite and PostgreSQL. Instants are bigint microseconds since 1970 UTC and documents are text, so that
-- both engines store, compare and order them alike. No identity columns: a cursor reader would lose rows on PostgreSQL.

CREATE TABLE settings (
    name  text PRIMARY KEY,
    value text NOT NULL
);

-- Numbers that rise by one: deal and lead numbers, the priority of registrations, the sequence of events.
CREATE TABLE counters (
    name text   PRIMARY KEY,
    n    bigint NOT NULL
);

CREATE TABLE programs (
    id  text PRIMARY KEY,
    doc text NOT NULL
);

CREATE TABLE partners (
    id         text   PRIMARY KEY,
    status     text   NOT NULL,
    program_id text   NOT NULL REFERENCES programs (id),
    doc        text   NOT NULL,
    created_at bigint NOT NULL
);

-- Callers: partner_id is '' on the vendor's side. Secrets are kept as SHA-256 of 256 random bits.
CREATE TABLE clients (
    id          text    PRIMARY KEY,
    partner_id  text    NOT NULL,
    name        text    NOT NULL,
    secret_hash text    NOT NULL,
    scopes      text    NOT NULL,
    created_at  bigint  NOT NULL,
    revoked_at  bigint  NOT NULL
);

CREATE UNIQUE INDEX clients_secret ON clients (secret_hash);

CREATE TABLE tokens (
    hash       text   PRIMARY KEY,
    client_id  text   NOT NULL REFERENCES clients (id),
    scopes     text   NOT NULL,
    expires_at bigint NOT NULL
);
CREATE INDEX tokens_expiry ON tokens (expires_at);

-- Customers that the vendor keeps for itself.
CREATE TABLE reserved_accounts (
    id     text PRIMARY KEY,
    holder text NOT NULL,
    doc    text NOT NULL
);
CREATE TABLE reserved_keys (
    match_key  text NOT NULL,
    account_id text NOT NULL REFERENCES reserved_accounts (id) ON DELETE CASCADE,
    PRIMARY KEY (match_key, account_id)
);

CREATE TABLE idempotency (
    owner      text   NOT NULL,
    key        text   NOT NULL,
    operation  text   NOT NULL,
    body_hash  text   NOT NULL,
    status     bigint NOT NULL,
    header     text   NOT NULL,
    body       text   NOT NULL,
    created_at bigint NOT NULL,
    PRIMARY KEY (owner, key)
);
CREATE INDEX idempotency_age ON idempotency (created_at);

-- The change feed. sequence comes from counters, taken last in the transaction: gap-free and in commit order.
CREATE TABLE events (
    sequence       bigint PRIMARY KEY,
    id             text   NOT NULL UNIQUE,
    type           text   NOT NULL,
    resource_type  text   NOT NULL,
    resource_id    text   NOT NULL,
    revision       bigint NOT NULL,
    partner_id     text   NOT NULL,
    audience       text   NOT NULL,
    actor          text   NOT NULL,
    facts          text   NOT NULL,
    changed_fields text   NOT NULL,
    request_id     text   NOT NULL,
    occurred_at    bigint NOT NULL,
    recorded_at    bigint NOT NULL
);
CREATE INDEX events_resource ON events (resource_id, sequence);

-- What falls due: one row for each deadline; whoever deletes the row acts on it.
CREATE TABLE timers (
    kind        text   NOT NULL,
    resource_id text   NOT NULL,
    due_at      bigint NOT NULL,
    PRIMARY KEY (resource_id, kind, due_at)
);
CREATE INDEX timers_due ON timers (due_at);

-- A partner's ids of other systems; one of them names one resource.
CREATE TABLE external_refs (
    owner         text NOT NULL,
    resource_type text NOT NULL,
    system        text NOT NULL,
    ref_id        text NOT NULL,
    resource_id   text NOT NULL,
    PRIMARY KEY (owner, resource_type, system, ref_id)
);
CREATE INDEX external_refs_resource ON external_refs (resource_id);

CREATE TABLE deals (
    id              text   PRIMARY KEY,
    number          text   NOT NULL UNIQUE,
    bucket          bigint NOT NULL,
    partner_id      text   NOT NULL REFERENCES partners (id),
    program_id      text   NOT NULL,
    status          text   NOT NULL,
    outcome         text   NOT NULL,
    priority        bigint NOT NULL,
    customer_domain text   NOT NULL,
    expires_at      bigint NOT NULL,
    revision        bigint NOT NULL,
    created_at      bigint NOT NULL,
    updated_at      bigint NOT NULL,
    doc             text   NOT NULL
);
CREATE UNIQUE INDEX deals_priority ON deals (priority) WHERE priority > 0;
CREATE INDEX deals_created ON deals (created_at, id);
CREATE INDEX deals_updated ON deals (updated_at, id);
CREATE INDEX deals_partner_created ON deals (partner_id, created_at, id);
CREATE INDEX deals_partner_updated ON deals (partner_id, updated_at, id);
CREATE INDEX deals_partner_bucket ON deals (partner_id, bucket, id);
CREATE INDEX deals_bucket ON deals (bucket, id);
CREATE INDEX deals_domain ON deals (partner_id, customer_domain);

-- The customers that undecided and protected deals stand for. Closed deals have no rows, so the search stays short.
CREATE TABLE deal_keys (
    match_key text NOT NULL,
    deal_id   text NOT NULL REFERENCES deals (id) ON DELETE CASCADE,
    PRIMARY KEY (match_key, deal_id)
);
CREATE INDEX deal_keys_deal ON deal_keys (deal_id);

-- What hangs on a deal: extensions, amendments, attachments and notes differ only in their documents.
CREATE TABLE deal_parts (
    id         text   PRIMARY KEY,
    deal_id    text   NOT NULL REFERENCES deals (id) ON DELETE CASCADE,
    kind       text   NOT NULL,
    status     text   NOT NULL,
    bucket     bigint NOT NULL,
    side       text   NOT NULL,
    revision   bigint NOT NULL,
    created_at bigint NOT NULL,
    doc        text   NOT NULL
);
CREATE INDEX deal_parts_deal ON deal_parts (deal_id, kind, created_at, id);

CREATE TABLE conflicts (
    id         text   PRIMARY KEY,
    deal_id    text   NOT NULL REFERENCES deals (id) ON DELETE CASCADE,
    against_id text   NOT NULL,
    partner_id text   NOT NULL,
    status     text   NOT NULL,
    severity   text   NOT NULL,
    bucket     bigint NOT NULL,
    revision   bigint NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    doc        text   NOT NULL
);
CREATE INDEX conflicts_deal ON conflicts (deal_id, created_at, id);
CREATE INDEX conflicts_against ON conflicts (against_id);
CREATE INDEX conflicts_created ON conflicts (created_at, id);
CREATE INDEX conflicts_partner ON conflicts (partner_id, created_at, id);

-- Every pre-check, for the quota and for audit.
CREATE TABLE prechecks (
    id         text   PRIMARY KEY,
    partner_id text   NOT NULL,
    client_id  text   NOT NULL,
    checked_at bigint NOT NULL,
    doc        text   NOT NULL
);
CREATE INDEX prechecks_partner ON prechecks (partner_id, checked_at);

CREATE TABLE leads (
    id         text   PRIMARY KEY,
    number     text   NOT NULL UNIQUE,
    bucket     bigint NOT NULL,
    direction  text   NOT NULL,
    status     text   NOT NULL,
    rating     text   NOT NULL,
    partner_id text   NOT NULL,
    revision   bigint NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    doc        text   NOT NULL
);
CREATE INDEX leads_created ON leads (created_at, id);
CREATE INDEX leads_updated ON leads (updated_at, id);
CREATE INDEX leads_bucket ON leads (bucket, id);
CREATE INDEX leads_partner ON leads (partner_id, created_at, id);

CREATE TABLE lead_offers (
    id         text   PRIMARY KEY,
    lead_id    text   NOT NULL REFERENCES leads (id) ON DELETE CASCADE,
    partner_id text   NOT NULL REFERENCES partners (id),
    status     text   NOT NULL,
    bucket     bigint NOT NULL,
    position   bigint NOT NULL,
    accept_by  bigint NOT NULL,
    created_at bigint NOT NULL,
    doc        text   NOT NULL
);
CREATE INDEX lead_offers_lead ON lead_offers (lead_id, position, id);
CREATE INDEX lead_offers_partner ON lead_offers (partner_id, status);

-- Leads as single partners see them: written when that changes, and the only thing a partner reads. A row follows its lead
-- while it is offered to the partner or held by it, and then stays as it was: what becomes of the lead elsewhere is not theirs.
CREATE TABLE lead_views (
    lead_id    text   NOT NULL REFERENCES leads (id) ON DELETE CASCADE,
    partner_id text   NOT NULL REFERENCES partners (id),
    bucket     bigint NOT NULL,
    direction  text   NOT NULL,
    status     text   NOT NULL,
    rating     text   NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    doc        text   NOT NULL,
    PRIMARY KEY (lead_id, partner_id)
);
CREATE INDEX lead_views_created ON lead_views (partner_id, created_at, lead_id);
CREATE INDEX lead_views_updated ON lead_views (partner_id, updated_at, lead_id);
CREATE INDEX lead_views_bucket ON lead_views (partner_id, bucket, lead_id);

-- Credentials: what people at partners have proved, the badges that say so, and the keys that sign them.

CREATE TABLE credential_definitions (
    id         text   PRIMARY KEY,
    bucket     bigint NOT NULL,
    status     text   NOT NULL,
    revision   bigint NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    doc        text   NOT NULL
);
CREATE INDEX credential_definitions_created ON credential_definitions (created_at, id);
CREATE INDEX credential_definitions_bucket ON credential_definitions (bucket, id);

-- The badge is what is signed: the JSON of Open Badges 3.0 as of the last issue or renewal, or what was imported, as it came.
CREATE TABLE credentials (
    id            text   PRIMARY KEY,
    bucket        bigint NOT NULL,
    partner_id    text   NOT NULL,
    definition_id text   NOT NULL,
    learner_id    text   NOT NULL,
    status        text   NOT NULL,
    issuer        text   NOT NULL, -- of another issuer's badge; '' of our own
    origin        text   NOT NULL, -- tells another issuer's badges apart; '' of our own
    valid_until   bigint NOT NULL, -- 0 for ever
    revision      bigint NOT NULL,
    created_at    bigint NOT NULL,
    updated_at    bigint NOT NULL,
    doc           text   NOT NULL,
    badge         text   NOT NULL
);
CREATE INDEX credentials_created ON credentials (created_at, id);
CREATE INDEX credentials_updated ON credentials (updated_at, id);
CREATE INDEX credentials_bucket ON credentials (bucket, id);
CREATE INDEX credentials_partner ON credentials (partner_id, created_at, id);
CREATE INDEX credentials_ending ON credentials (partner_id, valid_until);
CREATE INDEX credentials_learner ON credentials (learner_id, definition_id);
CREATE INDEX credentials_definition ON credentials (definition_id, created_at, id);
CREATE INDEX credentials_issuer ON credentials (issuer) WHERE issuer <> '';
CREATE UNIQUE INDEX credentials_origin ON credentials (origin) WHERE origin <> '';

-- The status lists that badges name: which place of which list is whose, and whether it was taken away.
CREATE TABLE credential_lists (
    id       bigint PRIMARY KEY,
    url      text   NOT NULL, -- where badges say that it is
    issuer   text   NOT NULL, -- who they say it is of
    taken    bigint NOT NULL, -- places
    revision bigint NOT NULL  -- counts the places that were set
);
CREATE TABLE credential_places (
    list_id       bigint NOT NULL REFERENCES credential_lists (id),
    place         bigint NOT NULL,
    credential_id text   NOT NULL,
    revoked       bigint NOT NULL,
    PRIMARY KEY (list_id, place)
);
CREATE INDEX credential_places_credential ON credential_places (credential_id);
CREATE INDEX credential_places_revoked ON credential_places (list_id) WHERE revoked <> 0;

-- The keys of the issuer. The private halves are sealed.
CREATE TABLE credential_keys (
    id         text   PRIMARY KEY, -- the thumbprint
    status     text   NOT NULL,
    created_at bigint NOT NULL,
    ended_at   bigint NOT NULL,
    sealed     text   NOT NULL,
    doc        text   NOT NULL
);

-- The issuers whose badges are taken, with their keys and status lists.
CREATE TABLE trusted_issuers (
    id         text   PRIMARY KEY,
    bucket     bigint NOT NULL,
    issuer     text   NOT NULL,
    revision   bigint NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    doc        text   NOT NULL
);
CREATE UNIQUE INDEX trusted_issuers_issuer ON trusted_issuers (issuer);
CREATE INDEX trusted_issuers_created ON trusted_issuers (created_at, id);
CREATE INDEX trusted_issuers_bucket ON trusted_issuers (bucket, id);

-- The catalogue: products, price lists, and how products are configured.

CREATE TABLE products (
    id             text   PRIMARY KEY,
    sku            text   NOT NULL UNIQUE,
    bucket         bigint NOT NULL,
    family         text   NOT NULL,
    kind           text   NOT NULL,
    lifecycle      text   NOT NULL, -- as it was put: the clock ends the sale
    ends_at        bigint NOT NULL, -- when its sale ends; 0 for never
    tier_program   text   NOT NULL, -- whose tiers count, where it asks for one
    tier_rank_min  bigint NOT NULL, -- 0 where it asks for none
    search         text   NOT NULL, -- SKUs and name in lower case
    config_version bigint NOT NULL, -- of its model; 0 for none
    revision       bigint NOT NULL,
    created_at     bigint NOT NULL,
    updated_at     bigint NOT NULL,
    doc            text   NOT NULL
);
CREATE INDEX products_created ON products (created_at, id);
CREATE INDEX products_updated ON products (updated_at, id);
CREATE INDEX products_bucket ON products (bucket, id);

-- The credentials of which a partner must hold each to sell a product.
CREATE TABLE product_needs (
    product_id    text NOT NULL REFERENCES products (id) ON DELETE CASCADE,
    definition_id text NOT NULL,
    PRIMARY KEY (product_id, definition_id)
);

CREATE TABLE price_lists (
    id         text   PRIMARY KEY,
    bucket     bigint NOT NULL,
    status     text   NOT NULL,
    currency   text   NOT NULL,
    revision   bigint NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    doc        text   NOT NULL
);
CREATE INDEX price_lists_created ON price_lists (created_at, id);
CREATE INDEX price_lists_updated ON price_lists (updated_at, id);
CREATE INDEX price_lists_bucket ON price_lists (bucket, id);
CREATE INDEX price_lists_currency ON price_lists (currency, status);

CREATE TABLE price_list_entries (
    price_list_id   text   NOT NULL REFERENCES price_lists (id) ON DELETE CASCADE,
    sku             text   NOT NULL,
    term_months     bigint NOT NULL,
    min_quantity    bigint NOT NULL,
    list_price      bigint NOT NULL, -- ten-thousandths in the list's currency
    net_price       bigint NOT NULL, -- -1 for none
    protected_until text   NOT NULL, -- a day, or ''
    id              text   NOT NULL, -- the three of its key as one, by which pages go on
    bucket          bigint NOT NULL,
    created_at      bigint NOT NULL,
    PRIMARY KEY (price_list_id, sku, term_months, min_quantity)
);
CREATE INDEX price_list_entries_created ON price_list_entries (price_list_id, created_at, id);
CREATE INDEX price_list_entries_bucket ON price_list_entries (price_list_id, bucket, id);

-- Published versions of configuration models. They never change.
CREATE TABLE config_models (
    sku        text   NOT NULL,
    version    bigint NOT NULL,
    id         text   NOT NULL UNIQUE, -- both as one
    bucket     bigint NOT NULL,
    created_at bigint NOT NULL,
    doc        text   NOT NULL,
    PRIMARY KEY (sku, version)
);

CREATE TABLE configurations (
    id         text   PRIMARY KEY,
    bucket     bigint NOT NULL,
    partner_id text   NOT NULL,
    sku        text   NOT NULL,
    deal_id    text   NOT NULL,
    created_at bigint NOT NULL,
    doc        text   NOT NULL
);
CREATE INDEX configurations_created ON configurations (created_at, id);
CREATE INDEX configurations_partner ON configurations (partner_id, created_at, id);
CREATE INDEX configurations_bucket ON configurations (bucket, id);

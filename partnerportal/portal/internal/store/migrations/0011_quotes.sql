-- Quotes in their versions, special pricing, and the policies that make prices of list prices.

CREATE TABLE quotes (
    id                 text   PRIMARY KEY,
    number             text   NOT NULL,
    version            bigint NOT NULL,
    latest             bigint NOT NULL, -- 0 or 1
    bucket             bigint NOT NULL,
    partner_id         text   NOT NULL REFERENCES partners (id),
    deal_id            text   NOT NULL, -- '' when it is for none
    session_id         text   NOT NULL, -- '' when it was made outside of one
    special_pricing_id text   NOT NULL, -- '' when it uses none
    status             text   NOT NULL,
    revision           bigint NOT NULL,
    created_at         bigint NOT NULL,
    updated_at         bigint NOT NULL,
    doc                text   NOT NULL
);
CREATE UNIQUE INDEX quotes_version ON quotes (number, version);
CREATE INDEX quotes_created ON quotes (created_at, id);
CREATE INDEX quotes_updated ON quotes (updated_at, id);
CREATE INDEX quotes_bucket ON quotes (bucket, id);
CREATE INDEX quotes_partner ON quotes (partner_id, created_at, id);
CREATE INDEX quotes_deal ON quotes (deal_id, created_at, id); -- not partial: SQLite does not see that a parameter is not ''
CREATE INDEX quotes_session ON quotes (session_id, created_at, id);

CREATE TABLE special_pricings (
    id         text   PRIMARY KEY,
    number     text   NOT NULL UNIQUE,
    bucket     bigint NOT NULL,
    partner_id text   NOT NULL REFERENCES partners (id),
    quote_id   text   NOT NULL,
    deal_id    text   NOT NULL, -- '' when it is for none
    status     text   NOT NULL,
    submitted  bigint NOT NULL, -- 0 or 1: whether the vendor knows of it
    revision   bigint NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    doc        text   NOT NULL
);
CREATE INDEX special_pricings_created ON special_pricings (created_at, id);
CREATE INDEX special_pricings_updated ON special_pricings (updated_at, id);
CREATE INDEX special_pricings_bucket ON special_pricings (bucket, id);
CREATE INDEX special_pricings_partner ON special_pricings (partner_id, created_at, id);
CREATE INDEX special_pricings_quote ON special_pricings (quote_id);

-- What orders took of special pricing, line by line of the quote, so that what is canceled can be given back.
CREATE TABLE special_pricing_uses (
    order_id           text   NOT NULL,
    quote_line_id      text   NOT NULL,
    special_pricing_id text   NOT NULL REFERENCES special_pricings (id),
    line_id            text   NOT NULL, -- of the special pricing
    ordered            bigint NOT NULL, -- units of the line
    used               bigint NOT NULL, -- of these, units at the special price
    canceled           bigint NOT NULL, -- units of the line
    PRIMARY KEY (order_id, quote_line_id)
);
CREATE INDEX special_pricing_uses_of ON special_pricing_uses (special_pricing_id);

-- A version never changes.
CREATE TABLE price_policies (
    program_id text   NOT NULL REFERENCES programs (id),
    version    bigint NOT NULL,
    bucket     bigint NOT NULL,
    created_at bigint NOT NULL,
    doc        text   NOT NULL,
    PRIMARY KEY (program_id, version)
);

-- A quote is ordered once, and so is a purchase order number of a partner's while its order stands.
CREATE TABLE orders (
    id           text   PRIMARY KEY,
    number       text   NOT NULL UNIQUE,
    bucket       bigint NOT NULL,
    partner_id   text   NOT NULL REFERENCES partners (id),
    quote_id     text   NOT NULL UNIQUE,
    deal_id      text   NOT NULL, -- '' when it is of no deal
    session_id   text   NOT NULL, -- '' when it was placed outside of one
    status       text   NOT NULL,
    po_key       text   NOT NULL, -- the purchase order number as people compare it
    stands       bigint NOT NULL, -- 1 while nobody else may use the number
    currency     text   NOT NULL,
    owed         bigint NOT NULL, -- ten-thousandths: what of the total was not canceled
    submitted_at bigint NOT NULL,
    revision     bigint NOT NULL,
    created_at   bigint NOT NULL,
    updated_at   bigint NOT NULL,
    doc          text   NOT NULL
);
CREATE INDEX orders_created ON orders (created_at, id);
CREATE INDEX orders_updated ON orders (updated_at, id);
CREATE INDEX orders_bucket ON orders (bucket, id);
CREATE INDEX orders_partner ON orders (partner_id, created_at, id);
CREATE INDEX orders_partner_updated ON orders (partner_id, updated_at, id);
CREATE INDEX orders_partner_bucket ON orders (partner_id, bucket, id);
-- Not partial: SQLite does not see that a parameter is not ''.
CREATE INDEX orders_deal ON orders (deal_id, created_at, id);
CREATE INDEX orders_session ON orders (session_id, created_at, id);
CREATE INDEX orders_credit ON orders (partner_id, currency, submitted_at);
CREATE INDEX orders_po ON orders (po_key, partner_id);
CREATE UNIQUE INDEX orders_po_once ON orders (partner_id, po_key) WHERE stands = 1;

-- A commission may be of an order.
ALTER TABLE commissions ADD COLUMN order_id text NOT NULL DEFAULT '';
CREATE INDEX commissions_order ON commissions (order_id, created_at, id);
DROP INDEX commissions_deal;
CREATE INDEX commissions_deal ON commissions (deal_id, created_at, id);

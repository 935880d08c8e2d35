-- A quote has one order that stands, and may have others of which nothing came. SQLite drops no constraint, so the table is made anew.
CREATE TABLE orders_anew (
    id           text   PRIMARY KEY,
    number       text   NOT NULL UNIQUE,
    bucket       bigint NOT NULL,
    partner_id   text   NOT NULL REFERENCES partners (id),
    quote_id     text   NOT NULL,
    deal_id      text   NOT NULL, -- '' when it is of no deal
    session_id   text   NOT NULL, -- '' when it was placed outside of one
    status       text   NOT NULL,
    po_key       text   NOT NULL, -- the purchase order number as people compare it
    stands       bigint NOT NULL, -- 1 while no other order may be of the quote, or use the number
    currency     text   NOT NULL,
    owed         bigint NOT NULL, -- ten-thousandths: what of the total was not canceled
    submitted_at bigint NOT NULL,
    revision     bigint NOT NULL,
    created_at   bigint NOT NULL,
    updated_at   bigint NOT NULL,
    doc          text   NOT NULL
);
INSERT INTO orders_anew (id, number, bucket, partner_id, quote_id, deal_id, session_id, status, po_key, stands, currency, owed, submitted_at, revision, created_at, updated_at, doc)
SELECT id, number, bucket, partner_id, quote_id, deal_id, session_id, status, po_key, stands, currency, owed, submitted_at, revision, created_at, updated_at, doc FROM orders;
DROP TABLE orders;
ALTER TABLE orders_anew RENAME TO orders;
CREATE INDEX orders_created ON orders (created_at, id);
CREATE INDEX orders_updated ON orders (updated_at, id);
CREATE INDEX orders_bucket ON orders (bucket, id);
CREATE INDEX orders_partner ON orders (partner_id, created_at, id);
CREATE INDEX orders_partner_updated ON orders (partner_id, updated_at, id);
CREATE INDEX orders_partner_bucket ON orders (partner_id, bucket, id);
-- Not partial: SQLite does not see that a parameter is not ''.
CREATE INDEX orders_quote ON orders (quote_id, created_at, id);
CREATE INDEX orders_deal ON orders (deal_id, created_at, id);
CREATE INDEX orders_session ON orders (session_id, created_at, id);
CREATE INDEX orders_credit ON orders (partner_id, currency, submitted_at);
CREATE INDEX orders_po ON orders (po_key, partner_id);
CREATE UNIQUE INDEX orders_po_once ON orders (partner_id, po_key) WHERE stands = 1;
CREATE UNIQUE INDEX orders_quote_once ON orders (quote_id) WHERE stands = 1;

-- Who of a partner's people holds which credential: a row for each credential that stands. The room credentials keeps it; rooms that
-- ask for credentials (tiers, products) read it through the directory.
CREATE TABLE holdings (
    partner_id    text NOT NULL,
    definition_id text NOT NULL,
    holder_id     text NOT NULL, -- tells the people of a partner apart
    valid_until   bigint NOT NULL, -- microseconds; 0 for ever
    PRIMARY KEY (partner_id, definition_id, holder_id)
);

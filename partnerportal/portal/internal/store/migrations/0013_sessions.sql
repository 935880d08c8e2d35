-- Sessions: what is known from the deal to the order.
CREATE TABLE quote_sessions (
    id         text   PRIMARY KEY,
    bucket     bigint NOT NULL,
    partner_id text   NOT NULL REFERENCES partners (id),
    deal_id    text   NOT NULL, -- '' when it is for none
    status     text   NOT NULL,
    revision   bigint NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    doc        text   NOT NULL
);
CREATE INDEX quote_sessions_created ON quote_sessions (created_at, id);
CREATE INDEX quote_sessions_updated ON quote_sessions (updated_at, id);
CREATE INDEX quote_sessions_bucket ON quote_sessions (bucket, id);
CREATE INDEX quote_sessions_partner ON quote_sessions (partner_id, created_at, id);
CREATE INDEX quote_sessions_deal ON quote_sessions (deal_id, created_at, id);

-- What became of quotes, for the measure of how many went from configured to ordered in one session.
CREATE TABLE quote_outcomes (
    number     text   PRIMARY KEY, -- of the quote; all versions have it
    partner_id text   NOT NULL,
    tier_id    text   NOT NULL, -- the partner's when the quote was made
    day        bigint NOT NULL, -- on which it was made, since 1970, UTC
    session_id text   NOT NULL, -- in which it was made, '' outside of one
    made_at    bigint NOT NULL,
    ordered_at bigint NOT NULL, -- 0 when it was not
    at_once    bigint NOT NULL  -- 1 when it was ordered in the session in which it was made
);
CREATE INDEX quote_outcomes_day ON quote_outcomes (day, partner_id, tier_id);

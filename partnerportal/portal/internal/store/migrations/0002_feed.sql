-- The change feed goes out: with the state that the change led to, and with indexes for those who read it.

ALTER TABLE events ADD COLUMN state text NOT NULL DEFAULT '';
ALTER TABLE events ADD COLUMN partner_state text NOT NULL DEFAULT ''; -- where the partner sees another one

CREATE INDEX events_partner ON events (partner_id, sequence);
CREATE INDEX events_recorded ON events (recorded_at, sequence);

-- Webhook endpoints, and what is on its way to them. Times in these tables are real ones: a sandbox's clock moves no packets.

CREATE TABLE webhook_endpoints (
    id               text PRIMARY KEY,
    owner            text NOT NULL, -- a partner's id, or 'vendor'
    status           text NOT NULL, -- pending, enabled, paused, disabled
    revision         bigint NOT NULL,
    url              text NOT NULL,
    types            text NOT NULL, -- JSON; of the events wanted, none for all
    scopes           text NOT NULL, -- JSON; what whoever set url and types may read
    scheme           text NOT NULL,
    description      text NOT NULL,
    keys             text NOT NULL, -- sealed JSON, newest first
    position         bigint NOT NULL, -- the sequence of the last event that deliveries were made for
    challenge_at     bigint NOT NULL, -- 0 when none is open
    challenge_failure text NOT NULL,
    challenge_status bigint NOT NULL,
    last_success_at  bigint NOT NULL,
    failing_since    bigint NOT NULL, -- 0 when the last attempt succeeded
    warned           bigint NOT NULL, -- how many warnings were given since failing_since
    disabled_at      bigint NOT NULL,
    disabled_reason  text NOT NULL,
    created_at       bigint NOT NULL,
    updated_at       bigint NOT NULL,
    bucket           bigint NOT NULL
);

CREATE INDEX webhook_endpoints_owner ON webhook_endpoints (owner, created_at, id);

CREATE TABLE webhook_deliveries (
    id           text PRIMARY KEY,
    endpoint_id  text NOT NULL,
    event_id     text NOT NULL,
    event_type   text NOT NULL,
    subject      text NOT NULL, -- JSON; '' for pings and tests
    queue        text NOT NULL, -- deliveries of one queue go one after the other: the subject's id, or the delivery's own
    sequence     bigint NOT NULL, -- the order within the queue
    direct       bigint NOT NULL, -- 1: goes out though the endpoint is not enabled, as pings do
    body         text NOT NULL, -- serialised once: what is stored is what is signed and sent
    status       text NOT NULL, -- waiting, delivered, failed
    attempts     bigint NOT NULL,
    next_at      bigint NOT NULL, -- when an attempt is due, or the lease of the one under way ends; 0 when none is, or another goes first
    claim        text NOT NULL, -- who makes the attempt under way
    occurred_at  bigint NOT NULL,
    created_at   bigint NOT NULL,
    delivered_at bigint NOT NULL,
    last_failure text NOT NULL,
    last_status  bigint NOT NULL,
    log          text NOT NULL, -- JSON; the attempts
    bucket       bigint NOT NULL
);

CREATE INDEX webhook_deliveries_due ON webhook_deliveries (endpoint_id, direct, next_at, sequence) WHERE next_at > 0;
CREATE INDEX webhook_deliveries_queue ON webhook_deliveries (endpoint_id, queue, sequence) WHERE status = 'waiting';
CREATE INDEX webhook_deliveries_list ON webhook_deliveries (endpoint_id, created_at, id);
CREATE INDEX webhook_deliveries_event ON webhook_deliveries (endpoint_id, event_id);
CREATE INDEX webhook_deliveries_old ON webhook_deliveries (created_at);

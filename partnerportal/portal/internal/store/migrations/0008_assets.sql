-- Co-marketing assets. The files lie in the file store under their ids, renderings under those of their jobs, previews beside them.

CREATE TABLE assets (
    id           text   PRIMARY KEY,
    bucket       bigint NOT NULL,
    status       text   NOT NULL,
    kind         text   NOT NULL,
    published_at bigint NOT NULL, -- 0 until it is published for the first time
    version      bigint NOT NULL,
    preview      bigint NOT NULL, -- the version that the preview shows; 0 for none
    downloads    bigint NOT NULL,
    co_brands    bigint NOT NULL,
    revision     bigint NOT NULL,
    created_at   bigint NOT NULL,
    updated_at   bigint NOT NULL,
    doc          text   NOT NULL
);
CREATE INDEX assets_created ON assets (created_at, id);
CREATE INDEX assets_updated ON assets (updated_at, id);
CREATE INDEX assets_bucket ON assets (bucket, id);

-- The languages and products of assets, as "locale:de" and "product:GTX".
CREATE TABLE asset_tags (
    tag      text NOT NULL,
    asset_id text NOT NULL REFERENCES assets (id) ON DELETE CASCADE,
    PRIMARY KEY (tag, asset_id)
);
CREATE INDEX asset_tags_asset ON asset_tags (asset_id);

CREATE TABLE asset_versions (
    id         text   PRIMARY KEY,
    asset_id   text   NOT NULL REFERENCES assets (id) ON DELETE CASCADE,
    number     bigint NOT NULL,
    bucket     bigint NOT NULL,
    created_at bigint NOT NULL,
    doc        text   NOT NULL
);
CREATE UNIQUE INDEX asset_versions_asset ON asset_versions (asset_id, number);

CREATE TABLE asset_downloads (
    id         text   PRIMARY KEY,
    asset_id   text   NOT NULL REFERENCES assets (id) ON DELETE CASCADE,
    partner_id text   NOT NULL, -- '' for the vendor
    bucket     bigint NOT NULL,
    created_at bigint NOT NULL,
    doc        text   NOT NULL
);
CREATE INDEX asset_downloads_asset ON asset_downloads (asset_id, created_at, id);
CREATE INDEX asset_downloads_partner ON asset_downloads (asset_id, partner_id, created_at, id);

-- The partners that have something of an asset, and so hear of what becomes of it.
CREATE TABLE asset_holders (
    asset_id   text NOT NULL REFERENCES assets (id) ON DELETE CASCADE,
    partner_id text NOT NULL,
    PRIMARY KEY (asset_id, partner_id)
);

CREATE TABLE cobrand_jobs (
    id         text   PRIMARY KEY,
    asset_id   text   NOT NULL REFERENCES assets (id) ON DELETE CASCADE,
    partner_id text   NOT NULL,
    status     text   NOT NULL,
    bucket     bigint NOT NULL,
    revision   bigint NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    doc        text   NOT NULL
);
CREATE INDEX cobrand_jobs_created ON cobrand_jobs (created_at, id);
CREATE INDEX cobrand_jobs_partner ON cobrand_jobs (partner_id, created_at, id);
CREATE INDEX cobrand_jobs_bucket ON cobrand_jobs (bucket, id);

-- What is to be drawn in the background: a preview of an asset, or what a job makes. Who works on one leases it for a while, in real time.
CREATE TABLE asset_work (
    kind        text   NOT NULL, -- preview or cobrand
    resource_id text   NOT NULL,
    attempts    bigint NOT NULL,
    free_at     bigint NOT NULL,
    PRIMARY KEY (kind, resource_id)
);
CREATE INDEX asset_work_free ON asset_work (free_at);

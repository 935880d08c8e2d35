-- Uploaded files. The content lies in the file store under the id. A row is there before its content comes and until it is gone, so no
-- content is ever without a row, whatever dies in between.

CREATE TABLE files (
    id         text   PRIMARY KEY,
    owner      text   NOT NULL, -- the partner, or 'vendor'
    purpose    text   NOT NULL,
    name       text   NOT NULL,
    media_type text   NOT NULL,
    size       bigint NOT NULL,
    sha256     text   NOT NULL,
    status     text   NOT NULL, -- incoming; kept; removed, when only the content has still to go
    uses       bigint NOT NULL, -- how many resources name it
    created_at bigint NOT NULL,
    expires_at bigint NOT NULL  -- from when on it is removed; 0 while it is used
);

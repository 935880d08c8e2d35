-- What the learning system takes back leaves an enrolment to its other records: for which one each was taken, and what it says, is kept from now on.
-- A record is voided when it was taken back, and voiding until the enrolment that it was taken for knows.
ALTER TABLE training_records ADD COLUMN enrolment_id text NOT NULL DEFAULT '';
CREATE INDEX training_records_enrolment ON training_records (enrolment_id) WHERE state <> 'waiting';
CREATE INDEX training_records_voiding ON training_records (enrolment_id) WHERE state = 'voiding';

-- Two accounts of one name at two home pages are two people: so the home page is kept beside the name, as a hash as well, '' for any.
ALTER TABLE training_records ADD COLUMN home text NOT NULL DEFAULT '';
ALTER TABLE learners ADD COLUMN lms_home text NOT NULL DEFAULT '';
DROP INDEX learners_active_lms;
CREATE UNIQUE INDEX learners_active_lms ON learners (lms_user_ref, lms_home) WHERE status = 'active' AND lms_user_ref <> '';

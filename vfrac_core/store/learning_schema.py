"""Tables of step m005: who is the same patient, what a network learned from, and what it said of cases it had not seen."""

from __future__ import annotations

from typing import Final

TABLES: Final = (
    """\
CREATE TABLE case_patients (  -- Which cases are one patient's. A case without a row is taken for a patient of its own.
  case_id TEXT PRIMARY KEY NOT NULL REFERENCES cases,  -- The case.
  patient_key TEXT NOT NULL CHECK (length(patient_key) = 12)  -- Keyed hash; equal for all series of one patient.
) STRICT""",
    """\
CREATE TABLE data_versions (  -- Training sets as they were assembled from this store.
  sha256 TEXT PRIMARY KEY NOT NULL CHECK (length(sha256) = 64),  -- Of exactly these pixels and labels; weights carry it, too.
  created_at TEXT NOT NULL,  -- UTC, ISO 8601.
  log_seq INTEGER NOT NULL,  -- The end of the log when the set was read: its seq.
  log_hash TEXT NOT NULL CHECK (length(log_hash) = 64),  -- The end of the log when the set was read: its hash.
  kind TEXT NOT NULL,  -- Completes "a network trained on …".
  choice TEXT NOT NULL CHECK (json_valid(choice)),  -- JSON: whose readings were taken.
  counts TEXT NOT NULL CHECK (json_valid(counts))  -- JSON: cases, patients, classes, and what was left out and why.
) STRICT""",
    """\
CREATE TABLE data_version_cases (  -- The cases of each data version.
  data_sha256 TEXT NOT NULL REFERENCES data_versions,  -- The data version.
  case_id TEXT NOT NULL REFERENCES cases,  -- The case.
  patient TEXT NOT NULL,  -- Cases with the same one were kept in one fold: the patient's key, else the case itself.
  malignant INTEGER CHECK (malignant IN (0, 1)),  -- The class that was learned; NULL: signs alone.
  label TEXT NOT NULL,  -- Who says malignant, and who says which signs.
  boxes TEXT NOT NULL CHECK (json_valid(boxes)),  -- JSON: slice to its box (row_min, col_min, row_max, col_max).
  PRIMARY KEY (data_sha256, case_id)
) STRICT""",
    """\
CREATE TABLE folds (  -- Who is tested when. A data version may be cut into folds in several ways.
  fold_set TEXT NOT NULL CHECK (length(fold_set) = 64),  -- SHA-256 of the whole division.
  data_sha256 TEXT NOT NULL,  -- The data version.
  case_id TEXT NOT NULL,  -- The case.
  fold INTEGER NOT NULL CHECK (fold >= 0),  -- In which fold it is tested, counted from 0.
  PRIMARY KEY (fold_set, case_id),
  FOREIGN KEY (data_sha256, case_id) REFERENCES data_version_cases (data_sha256, case_id)
) STRICT""",
    """\
CREATE TABLE out_of_fold (  -- What cross-validation said of each slice: networks that had not seen the patient.
  weights TEXT NOT NULL,  -- Name of the weights that the cross-validation belongs to.
  data_sha256 TEXT NOT NULL,  -- The data version they were trained on.
  case_id TEXT NOT NULL,  -- The case.
  slice_index INTEGER NOT NULL CHECK (slice_index >= 0),  -- The slice, counted from 0; the box is the data version's.
  fold INTEGER NOT NULL CHECK (fold >= 0),  -- The fold in which the case was tested, counted from 0.
  folds INTEGER NOT NULL CHECK (folds > fold),  -- How many folds there were.
  logit REAL NOT NULL,  -- Of malignant, without the weights' logit shift.
  vertebral_compression REAL,  -- Logit of the sign; NULL: a network without sign outputs.
  bone_cortex_interruption REAL,  -- Logit of the sign.
  paravertebral_soft_tissue_mass REAL,  -- Logit of the sign.
  transverse_fracture_line REAL,  -- Logit of the sign.
  multiple_segments REAL,  -- Logit of the sign.
  bone_destruction REAL,  -- Logit of the sign.
  PRIMARY KEY (weights, data_sha256, case_id, slice_index),
  FOREIGN KEY (data_sha256, case_id) REFERENCES data_version_cases (data_sha256, case_id)
) STRICT""",
    "CREATE INDEX version_cases_by_patient ON data_version_cases (patient, data_sha256)",
)

NAMES: Final = ("case_patients", "data_versions", "data_version_cases", "folds", "out_of_fold")

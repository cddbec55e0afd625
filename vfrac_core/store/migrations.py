"""The schema, as an ordered list of small steps. A shipped step is never edited, moved or renamed: add another.

The comment behind each column is the data dictionary: annotations/README.md is generated from it (dictionary.py).
"""

from __future__ import annotations

from typing import Final

from sqlite_utils import Database, Migrations

from vfrac_core.errors import StoreError
from vfrac_core.store import learning_schema, views
from vfrac_core.store.connection import StoreFile

MIGRATIONS: Final = Migrations("vfrac")


def migrate(file: StoreFile, migrations: Migrations = MIGRATIONS) -> None:
    """Bring the file to this program's schema, or refuse one that a newer program wrote.

    Four programs may start at once: the check and the steps lie in one BEGIN IMMEDIATE, the steps' own transactions
    become savepoints in it. The second starter then finds nothing left to do.
    """
    if file.read(lambda database: _is_current(database, migrations)):
        return

    def apply(database: Database) -> None:
        _is_current(database, migrations)
        migrations.apply(database)

    file.write(apply)


def _is_current(database: Database, migrations: Migrations) -> bool:
    known = [step.name for step in migrations._migrations]
    applied = [step.name for step in migrations.applied(database)]
    unknown = len(set(applied) - set(known))
    if unknown:
        raise StoreError(f"the store was written by a newer vfrac ({unknown} unknown steps of its schema); update this program")
    return len(applied) == len(known)


@MIGRATIONS()
def m001_initial(database: Database) -> None:
    """Cases, readers, studies, the log, and the view of the current answers."""
    for statement in (*_TABLES, *_GUARDS, _ANSWERS, _ANNOTATIONS, _BUILT_IN):
        database.execute(statement)


@MIGRATIONS()
def m002_answer_visible(database: Database) -> None:
    """Whether a reader was shown the answer of a teaching case: both views tell it beside ``ai_visible``."""
    for statement in ("DROP VIEW annotations", "DROP VIEW answers", views.ANSWERS, _with_answer_visible(_ANNOTATIONS)):
        database.execute(statement)


@MIGRATIONS()
def m003_slice_boxes(database: Database) -> None:
    """Boxes of single slices, the height aid and the reader's flag, in the view of the current state."""
    for statement in ("DROP VIEW annotations", _with_more(_with_answer_visible(_ANNOTATIONS))):
        database.execute(statement)


@MIGRATIONS()
def m004_saved_at(database: Database) -> None:
    """When the last save was made: the screen says so when a case is opened again."""
    for statement in (
        "DROP VIEW annotations",
        "DROP VIEW answers",
        _with_saved_at(views.ANSWERS),
        _with_more(_with_answer_visible(_ANNOTATIONS)),
    ):
        database.execute(statement)


@MIGRATIONS()
def m005_learning(database: Database) -> None:
    """Data versions, folds, out-of-fold answers, and which cases are one patient's."""
    for statement in learning_schema.TABLES:
        database.execute(statement)
    for table in learning_schema.NAMES:
        for action in ("UPDATE", "DELETE"):
            database.execute(_refuse(table, action, f"{table} is append-only"))


_TABLES: Final = (
    """\
CREATE TABLE cases (  -- One series, imported and reformatted. The pixels lie in volumes/.
  case_id TEXT PRIMARY KEY NOT NULL,  -- Keyed hash of the series; the same import gives the same id in this data home only.
  slices INTEGER NOT NULL CHECK (slices > 0),  -- Sagittal slices, patient right to left.
  rows INTEGER NOT NULL CHECK (rows > 0),  -- Rows of a sagittal slice, head to foot.
  columns INTEGER NOT NULL CHECK (columns > 0),  -- Columns of a sagittal slice, anterior to posterior.
  spacing_slice_mm REAL NOT NULL,  -- Distance of neighbouring slices, in mm.
  spacing_row_mm REAL NOT NULL,  -- Height of a pixel, in mm.
  spacing_column_mm REAL NOT NULL,  -- Width of a pixel, in mm.
  affine TEXT NOT NULL CHECK (json_array_length(affine) = 16),  -- JSON, 4 x 4 by rows: index of a voxel to LPS mm of its centre.
  sha256 TEXT NOT NULL CHECK (length(sha256) = 64),  -- SHA-256 of the stack's pixels (int16, little endian, C order).
  plane TEXT NOT NULL,  -- Plane in which the series was made: axial, sagittal or coronal.
  synthetic INTEGER NOT NULL CHECK (synthetic IN (0, 1)),  -- 1: computer-generated images, no patient.
  lossy INTEGER NOT NULL CHECK (lossy IN (0, 1)),  -- 1: the images were compressed with loss before import.
  window_center_hu REAL,  -- The series' own display window: its centre, in HU.
  window_width_hu REAL,  -- The series' own display window: its width, in HU.
  sex TEXT CHECK (sex IN ('M', 'F', 'O')),  -- M, F or O, as the series says.
  age_years TEXT,  -- Age in years, "90+" from 90 on; never worked out from a date.
  kvp REAL,  -- Tube voltage, in kV.
  slice_thickness_mm REAL,  -- Thickness of the original slices, in mm.
  kernel TEXT,  -- Reconstruction kernel, or "other".
  manufacturer TEXT,  -- Maker of the scanner, or "other".
  model TEXT,  -- Model of the scanner, or "other".
  notes TEXT NOT NULL CHECK (json_valid(notes)),  -- JSON list of the importer's own sentences, e.g. about skipped files.
  imported_at TEXT NOT NULL  -- UTC, ISO 8601.
) STRICT""",
    """\
CREATE TABLE readers (  -- Whoever answers. Names are no identities: the same name from another browser is another reader.
  reader_id TEXT PRIMARY KEY NOT NULL,  -- The reader's code; exports show it instead of the name.
  display_name TEXT NOT NULL,  -- As typed by the reader. Never exported.
  years_experience REAL NOT NULL CHECK (years_experience >= 0),  -- Years of experience with spine CT.
  kind TEXT NOT NULL CHECK (kind IN ('reader', 'reference')),  -- reader: a person; reference: the reference standard.
  token_sha256 TEXT UNIQUE  -- SHA-256 of the random secret in the reader's browser; NULL for the reference standard.
) STRICT""",
    """\
CREATE TABLE studies (  -- What an answer was given for.
  study_id TEXT PRIMARY KEY NOT NULL,  -- annotate and reference are built in.
  title TEXT NOT NULL,  -- For people.
  kind TEXT NOT NULL CHECK (kind IN ('open', 'reference', 'reading'))  -- open: Annotate; reference: truth; reading: a study.
) STRICT""",
    """\
CREATE TABLE events (  -- The log, and the only truth: rows are added at the end, none is ever changed. Order is seq, never time.
  seq INTEGER PRIMARY KEY NOT NULL,  -- 1, 2, 3 … without a gap.
  save_id TEXT NOT NULL UNIQUE CHECK (length(save_id) BETWEEN 1 AND 64),  -- Made by the client: a save sent twice is kept once.
  kind TEXT NOT NULL CHECK (length(kind) > 0),  -- draft, submit, correct, ai_shown, case_added, reader_registered …
  at TEXT NOT NULL,  -- UTC of the server's clock, ISO 8601.
  case_id TEXT REFERENCES cases,  -- The case, where the event has one.
  reader_id TEXT REFERENCES readers,  -- The reader, where the event has one.
  study_id TEXT REFERENCES studies,  -- The study, where the event has one.
  repeat_index INTEGER CHECK (repeat_index >= 0),  -- 0: first reading; 1, 2 …: hidden repeats.
  phase TEXT CHECK (phase IN ('unaided', 'with_probability', 'with_cam')),  -- What of the AI the protocol allows at this stage.
  payload TEXT NOT NULL CHECK (json_valid(payload)),  -- Canonical JSON: what was answered, or the row that was added.
  hash TEXT NOT NULL CHECK (length(hash) = 64)  -- SHA-256 of the previous row's hash and this row (docs/decisions.md).
) STRICT""",
    "CREATE INDEX events_by_answer ON events (case_id, reader_id, study_id, repeat_index, phase, seq)",
)


def _refuse(table: str, action: str, sentence: str) -> str:
    return f"""\
CREATE TRIGGER {table}_no_{action.split(maxsplit=1)[0].lower()} BEFORE {action} ON {table}
BEGIN SELECT RAISE(ABORT, '{sentence}'); END"""


# A guard rail, not a proof: a trigger can be dropped. The proof is the chain.
_GUARDS: Final = (
    _refuse("events", "UPDATE", "events are append-only"),
    _refuse("events", "DELETE", "events are append-only"),
    """\
CREATE TRIGGER events_no_gap BEFORE INSERT ON events
WHEN new.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM events)
BEGIN SELECT RAISE(ABORT, 'events are numbered without a gap'); END""",
    _refuse("cases", "UPDATE", "cases never change"),
    _refuse("cases", "DELETE", "cases are never deleted"),
    _refuse("readers", "DELETE", "readers are never deleted"),
    _refuse("readers", "UPDATE OF reader_id, kind, token_sha256", "only the name and the years of a reader can change"),
    _refuse("studies", "DELETE", "studies are never deleted"),
)

_ANSWERS: Final = """\
CREATE VIEW answers AS  -- The last state of each answer, with its payload as saved. `annotations` is made from it.
WITH keys AS (
  SELECT case_id, reader_id, study_id, repeat_index, phase,
    min(seq) AS first_seq,
    max(seq) FILTER (WHERE kind IN ('draft', 'submit', 'correct')) AS last_seq,
    min(seq) FILTER (WHERE kind = 'submit') AS submit_seq,
    min(seq) FILTER (WHERE kind = 'ai_shown' OR json_extract(payload, '$.ai_visible')) AS ai_seq
  FROM events
  WHERE kind IN ('draft', 'submit', 'correct', 'ai_shown')
  GROUP BY case_id, reader_id, study_id, repeat_index, phase
)
SELECT
  keys.case_id AS case_id,  -- The case.
  keys.reader_id AS reader_id,  -- The reader's code.
  keys.study_id AS study_id,  -- The study.
  keys.repeat_index AS repeat_index,  -- 0: first reading.
  keys.phase AS phase,  -- unaided, with_probability or with_cam.
  coalesce(last.payload, '{}') AS payload,  -- The reading as it was last saved.
  coalesce(last.seq, 0) AS seq,  -- The event that gave the answer this form; 0: the AI was shown, nothing was saved yet.
  coalesce(last.kind = 'correct', 0) AS corrected,  -- 1: changed after it was submitted.
  coalesce(ai_seq <= iif(submit_seq IS NULL, ai_seq, last_seq), 0) AS ai_visible,  -- 1: AI shown before it took this form.
  coalesce(json_extract(first.payload, '$.started_at'), first.at) AS started_at,  -- When the reader opened the case.
  submitted.at AS submitted_at  -- When it was submitted first; NULL: draft.
FROM keys
JOIN events AS first ON first.seq = first_seq
LEFT JOIN events AS last ON last.seq = last_seq
LEFT JOIN events AS submitted ON submitted.seq = submit_seq"""


def _sign(name: str, label: str) -> str:
    return (
        f"  CASE json_extract(payload, '$.signs.{name}') WHEN 'present' THEN 1 WHEN 'absent' THEN 0 END AS {name},"
        f"  -- {label}: 1 present, 0 absent, NULL not assessable or not answered yet."
    )


# Written out, not taken from vfrac_core.paper: a shipped step must not change with the program.
_ANNOTATIONS: Final = "\n".join(
    (
        "CREATE VIEW annotations AS  -- The current state: one row per case, reader, study, repeat and phase. Start here.",
        "SELECT",
        "  case_id,  -- The case.",
        "  reader_id,  -- The reader's code.",
        "  study_id,  -- The study; annotate is the open one, reference holds the reference standard.",
        "  repeat_index,  -- 0: first reading; 1, 2 …: repeats.",
        "  phase,  -- unaided, with_probability or with_cam.",
        "  json_extract(payload, '$.vertebral_level') AS vertebral_level,  -- T1 to T12, L1 to L5, or unknown.",
        "  json_extract(payload, '$.slice_index') AS slice_index,  -- Slice on which the box was drawn, counted from 0.",
        "  json_extract(payload, '$.box[0]') AS box_row_min,  -- First row of the box, in pixels of the sagittal slice.",
        "  json_extract(payload, '$.box[1]') AS box_col_min,  -- First column of the box.",
        "  json_extract(payload, '$.box[2]') AS box_row_max,  -- Row after the last one of the box (half open).",
        "  json_extract(payload, '$.box[3]') AS box_col_max,  -- Column after the last one of the box (half open).",
        "  coalesce(json_extract(payload, '$.marked_slices'), '[]') AS marked_slices,  -- JSON list: clearly abnormal slices.",
        _sign("vertebral_compression", "Vertebral compression"),
        _sign("bone_cortex_interruption", "Bone cortex interruption"),
        _sign("paravertebral_soft_tissue_mass", "Paravertebral soft-tissue mass"),
        _sign("transverse_fracture_line", "Transverse fracture line"),
        _sign("multiple_segments", "Multiple segments"),
        _sign("bone_destruction", "Bone destruction"),
        "  json_extract(payload, '$.diagnosis') AS diagnosis,  -- benign or malignant.",
        "  json_extract(payload, '$.confidence') AS confidence,  -- 1 (guess) to 5 (certain).",
        "  coalesce(json_extract(payload, '$.comment'), '') AS comment,  -- Free text of the reader, at most 2000 characters.",
        "  ai_visible,  -- 1: the AI was shown before the answer took this form.",
        "  started_at,  -- UTC; when the reader opened the case.",
        "  submitted_at  -- UTC; when it was submitted first; NULL: draft.",
        "FROM answers",
    )
)


def _with_answer_visible(annotations: str) -> str:
    before = "  started_at,  -- UTC; when the reader opened the case."
    column = "  answer_visible,  -- 1: the answer of a teaching case was shown before the answer took this form."
    return annotations.replace(before, f"{column}\n{before}")


def _with_more(annotations: str) -> str:
    before = "  ai_visible,  -- 1: the AI was shown before the answer took this form."
    columns = (
        "  coalesce(json_extract(payload, '$.slice_boxes'), '{}') AS slice_boxes,  -- JSON: slice to its own box.",
        "  json_extract(payload, '$.heights') AS heights,  -- JSON: slice_index; six [row, column] of worst, above, below.",
        "  coalesce(json_extract(payload, '$.flagged'), 0) AS flagged,  -- 1: the reader wants to come back to the case.",
    )
    return annotations.replace(before, "\n".join((*columns, before)))


def _with_saved_at(answers: str) -> str:
    before = "  coalesce(last.kind = 'correct', 0) AS corrected,  -- 1: changed after it was submitted."
    column = "  last.at AS saved_at,  -- When that event was written, UTC; NULL: nothing was saved yet."
    return answers.replace(before, f"{column}\n{before}")


_BUILT_IN: Final = """\
INSERT INTO studies (study_id, title, kind)
VALUES ('annotate', 'Open annotation', 'open'), ('reference', 'Reference standard', 'reference')"""

"""The view ``answers`` of step m002; m004 adds ``saved_at``. A shipped view is never edited: a later step makes another one."""

from __future__ import annotations

from typing import Final

ANSWERS: Final = """\
CREATE VIEW answers AS  -- The last state of each answer, with its payload as saved. `annotations` is made from it.
WITH keys AS (
  SELECT case_id, reader_id, study_id, repeat_index, phase,
    min(seq) AS first_seq,
    max(seq) FILTER (WHERE kind IN ('draft', 'submit', 'correct')) AS last_seq,
    min(seq) FILTER (WHERE kind = 'submit') AS submit_seq,
    min(seq) FILTER (WHERE kind = 'ai_shown' OR json_extract(payload, '$.ai_visible')) AS ai_seq,
    min(seq) FILTER (WHERE json_extract(payload, '$.answer_visible')) AS told_seq
  FROM events
  WHERE kind IN ('draft', 'submit', 'correct', 'ai_shown')
  GROUP BY case_id, reader_id, study_id, repeat_index, phase
), shown AS (
  SELECT case_id, reader_id, min(seq) AS shown_seq FROM events WHERE kind = 'answer_shown' GROUP BY case_id, reader_id
), seen AS (
  SELECT keys.*, min(coalesce(told_seq, shown_seq), coalesce(shown_seq, told_seq)) AS answer_seq
  FROM keys LEFT JOIN shown ON shown.case_id = keys.case_id AND shown.reader_id = keys.reader_id
)
SELECT
  seen.case_id AS case_id,  -- The case.
  seen.reader_id AS reader_id,  -- The reader's code.
  seen.study_id AS study_id,  -- The study.
  seen.repeat_index AS repeat_index,  -- 0: first reading.
  seen.phase AS phase,  -- unaided, with_probability or with_cam.
  coalesce(last.payload, '{}') AS payload,  -- The reading as it was last saved.
  coalesce(last.seq, 0) AS seq,  -- The event that gave the answer this form; 0: the AI was shown, nothing was saved yet.
  coalesce(last.kind = 'correct', 0) AS corrected,  -- 1: changed after it was submitted.
  coalesce(ai_seq <= iif(submit_seq IS NULL, ai_seq, last_seq), 0) AS ai_visible,  -- 1: AI shown before it took this form.
  coalesce(answer_seq <= iif(submit_seq IS NULL, answer_seq, last_seq), 0) AS answer_visible,  -- 1: teaching answer shown before.
  coalesce(json_extract(first.payload, '$.started_at'), first.at) AS started_at,  -- When the reader opened the case.
  submitted.at AS submitted_at  -- When it was submitted first; NULL: draft.
FROM seen
JOIN events AS first ON first.seq = first_seq
LEFT JOIN events AS last ON last.seq = last_seq
LEFT JOIN events AS submitted ON submitted.seq = submit_seq"""

"""Whether the reader had seen the AI when an answer took its form."""

from __future__ import annotations

from store_samples import save


class TestAiVisible:
    def show(self, store, reader, save_id="ai1"):
        return store.show_ai(save_id, case_id="case1", reader_id=reader.reader_id, weights_sha256="0" * 64)

    def visible(self, store, reader):
        return store.annotation("case1", reader.reader_id).ai_visible

    def test_off_unless_shown(self, store, reader):
        save(store.submit, reader, "s1")
        assert self.visible(store, reader) is False

    def test_shown_once_it_stays_whatever_later_drafts_say(self, store, reader):
        self.show(store, reader)
        assert self.visible(store, reader) is True
        assert store.worklist(reader.reader_id) == [("case1", "todo", False)]
        save(store.submit, reader, "s1", ai_visible=False)
        assert self.visible(store, reader) is True

    def test_a_draft_that_says_so_is_enough(self, store, reader):
        save(store.save_draft, reader, "s1", ai_visible=True)
        save(store.save_draft, reader, "s2", ai_visible=False)
        assert self.visible(store, reader) is True

    def test_shown_after_the_submission_it_counts_for_the_correction_only(self, store, reader):
        save(store.submit, reader, "s1")
        self.show(store, reader)
        assert self.visible(store, reader) is False
        save(store.correct, reader, "s2", reason="the AI made me look again")
        assert self.visible(store, reader) is True

// The foot of the form: "Submit"; after that the lock, and the way to a correction.

import { button, element } from "./elements.js";

/** Submit; after that the locked note with "Correct …", which asks for a reason. */
export function createLock(on) {
  const submit = element("button", { type: "submit", id: "submit", class: "vfrac-primary", "data-action": "submit" }, "Submit");
  const correct = button("Correct …", on.correct, { id: "correct" });
  const reason = element("textarea", { id: "correction-reason", rows: 2, maxlength: 2000, oninput: () => on.reason(reason.value) });
  const panel = element("div", { class: "vfrac-correction" },
    element("label", { for: "correction-reason" }, "Reason for the correction (the first answer stays in the history)"), reason,
    element("div", { class: "vfrac-row" },
      button("Send the correction", () => on.sendCorrection(reason.value.trim()), { id: "send-correction", class: "vfrac-primary" }),
      button("Cancel", on.cancelCorrection)));
  const late = element("p", {}, "A later change of yours was not saved. It is kept in this browser; Correct … opens it. ",
    button("Discard it", on.discard, { id: "discard-late" }));
  return {
    root: element("div", { class: "vfrac-foot" }, late, submit, correct, panel),
    show({ locked, correcting, submitted, reason: written, late: kept }) {
      late.hidden = !kept || correcting;
      submit.hidden = submitted;
      submit.disabled = locked;
      correct.hidden = !submitted || correcting;
      correct.disabled = !locked;
      if (reason.value !== written) reason.value = written;
      panel.hidden = !correcting;
    },
    focusReason: () => reason.focus(),
  };
}

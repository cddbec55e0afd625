// The parts of the desk in the page, and its style sheet.

import { element } from "./elements.js";

/** @param banner  told when the server is away; stands over everything */
export function layOut(root, mode, banner) {
  const places = {
    status: element("p", { class: "vfrac-desk-status", role: "status" }),
    list: element("nav", { class: mode === "annotate" ? "vfrac-worklist" : "vfrac-case-select", "aria-label": "Cases" }),
    viewer: element("div", { id: "ct-viewer" }),
    answer: element("section", { class: "vfrac-answer", "aria-label": "The answer", "aria-live": "polite", tabindex: -1 }),
    form: mode === "annotate" ? element("form", { class: "vfrac-form", "aria-label": "Reading" }) : null,
  };
  root.dataset.mode = mode;
  root.tabIndex = -1; // a click between the controls leaves the focus inside, so that the keys go on working
  root.replaceChildren(banner, places.list, element("div", { class: "vfrac-picture" }, places.viewer), places.form ?? places.answer, places.status);
  return places;
}

/** Our style sheet, from the folder that this module came from; nothing is shown unstyled. */
export function loadStyles(root) {
  return new Promise((resolve) => {
    const link = element("link", { rel: "stylesheet", href: new URL("./form.css", import.meta.url).href, onload: resolve, onerror: resolve });
    root.parentNode.insertBefore(link, root);
  });
}

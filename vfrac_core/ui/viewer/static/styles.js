// The viewer brings its own style sheet.

/** The style sheet lies beside this module and comes under the same version. */
export function addStyles() {
  const href = new URL("viewer.css", import.meta.url).href;
  if (document.querySelector(`link[href="${href}"]`)) return;
  document.head.append(Object.assign(document.createElement("link"), { rel: "stylesheet", href }));
}

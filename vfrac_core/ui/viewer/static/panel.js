// The viewer's elements around the picture: toolbar, strip, AI read-out and controls, thumbnails, progress and status.

import { announcement, createAnnouncer } from "./announcer.js";
import { heatGradient } from "./cam.js";
import { methodName } from "./cam_method.js";
import { INPUT_SIZE } from "./crop.js";
import { element } from "./elements.js";
import { createHeightGuide } from "./height_guide.js";
import { nameKeys } from "./key_names.js";
import { createSignList } from "./sign_buttons.js";
import { PRESETS } from "./window_level.js";

/**
 * Build everything inside `root`. What the reader does goes to `perform(id)` with an id of the keymap, to
 * `onCam(change)`, to `onSign(name)` for a sign's map, or to `onRetry()`.
 * @returns {Object<string, any>}  the elements, by their role
 */
export function buildPanel(root, { perform, onCam, onSign, onRetry, keys, signs, listsSigns }) {
  const parts = {
    announcer: createAnnouncer(),
    picture: element("canvas", { class: "ctv-picture", tabindex: 0, role: "img", "aria-label": "Sagittal CT slice" }),
    strip: element("canvas", { class: "ctv-strip", role: "img", "aria-label": "Probability by slice" }),
    progress: element("progress", { class: "ctv-progress", max: 1, "aria-label": "Loading the images" }),
    status: element("span", { class: "ctv-status", role: "status", "data-role": "status" }),
    remarks: element("p", { class: "ctv-remarks" }),
    retry: element("button", { type: "button", class: "ctv-button", hidden: true, onclick: onRetry }, "Try again"),
    here: element("span", { class: "ctv-here" }),
    whole: element("span", { class: "ctv-whole" }),
    caption: element("p", { class: "ctv-caption" }),
    heightGuide: createHeightGuide(perform),
    signList: listsSigns ? createSignList(signs, onSign) : null,
    ...windowButtons(perform),
    ...toolButtons(perform),
    ...camControls(onCam, perform),
    thumbnails: [thumbnail(), thumbnail(), thumbnail()],
  };
  root.replaceChildren(element("div", { class: "ctv" }, toolbar(parts), desk(parts), side(parts, perform)));
  giveFocusBack(root, parts.picture);
  nameKeys(root, keys);
  return parts;
}

function toolbar(parts) {
  const group = (name, ...members) => element("div", { class: "ctv-group", role: "group", "aria-label": name }, ...members);
  return element("div", { class: "ctv-toolbar" },
    group("Window", ...Object.values(parts.presets)),
    group("Tools", parts.boxTool, parts.scrollTool, parts.rulerTool, parts.heightTool, parts.lockAspect, parts.fit, parts.linked),
    group("Help", parts.undo, parts.redo, parts.help));
}

function desk(parts) {
  return element("div", { class: "ctv-desk" },
    element("div", { class: "ctv-stage" }, parts.picture),
    parts.heightGuide.root,
    parts.strip,
    element("div", { class: "ctv-foot" }, parts.status, parts.retry, parts.progress),
    parts.remarks, parts.announcer.element);
}

function side(parts, perform) {
  parts.ai = pushButton("toggle-ai", "AI", perform);
  return element("div", { class: "ctv-side" },
    element("section", { class: "ctv-answer", "aria-label": "AI" },
      element("div", { class: "ctv-row" }, element("h3", {}, "Network"), parts.ai), element("p", { class: "ctv-numbers", "data-role": "probability" }, parts.here, parts.whole), parts.caption),
    parts.signList?.root,
    parts.camPanel,
    element("section", { class: "ctv-input", "aria-label": "Network input" },
      element("h3", {}, "Network input 64 × 64 × 3"),
      element("div", { class: "ctv-thumbnails" }, ...parts.thumbnails.map((one) => one.figure))));
}

function windowButtons(perform) {
  const presets = Object.fromEntries(PRESETS.map(({ id, label }) => [id, pushButton(id, label, perform, element("small"))]));
  return { presets };
}

function toolButtons(perform) {
  return {
    boxTool: pushButton("box-tool", "Box", perform),
    scrollTool: pushButton("scroll-tool", "Scroll", perform),
    heightTool: pushButton("height-tool", "Heights", perform),
    rulerTool: pushButton("ruler-tool", "Measure", perform),
    lockAspect: pushButton("lock-aspect", "Lock shape", perform),
    fit: pushButton("reset-view", "Fit", perform),
    linked: pushButton("toggle-linked", "Axial/coronal", perform),
    undo: pushButton("undo", "↶", perform, null, "Undo"),
    redo: pushButton("redo", "↷", perform, null, "Redo"),
    help: pushButton("help", "?", perform, null, "Keys and mouse"),
  };
}

function camControls(onCam, perform) {
  const shown = element("input", { type: "checkbox", onchange: (event) => onCam({ shown: event.target.checked }) });
  const native = element("input", { type: "checkbox", onchange: (event) => onCam({ native: event.target.checked }) });
  const opacity = element("input", { type: "range", min: 0, max: 100, step: 5, "aria-label": "Opacity",
    oninput: (event) => onCam({ opacity: event.target.value / 100 }) });
  const target = element("select", { onchange: (event) => onCam({ target: event.target.value }) },
    element("option", { value: "malignant" }, "malignant"), element("option", { value: "benign" }, "benign"));
  const ofSign = element("option"); // in the list only while a sign's map is shown: it is chosen by its button
  const map = element("p", { class: "ctv-map-of", "data-role": "map" });
  const method = element("select", { "aria-label": "Map method", onchange: (event) => onCam({ method: event.target.value }) });
  const onlyMethod = element("span", { "data-role": "map-method" }); // where there is no choice
  const legend = element("div", { class: "ctv-legend", role: "img", "aria-label": "Colour scale: from no evidence to most evidence" });
  legend.style.setProperty("--ctv-heat", heatGradient());
  const camPanel = element("section", { class: "ctv-cam", "aria-label": "Map of the evidence" },
    element("div", { class: "ctv-row" },
      element("label", {}, shown, " CAM"), method, onlyMethod, element("label", {}, native, " native grid")),
    element("div", { class: "ctv-row" }, element("label", {}, "for ", target), element("label", { class: "ctv-grow" }, "opacity ", opacity)),
    map,
    element("div", { class: "ctv-row ctv-scale" }, "less", legend, "more evidence"),
    element("div", { class: "ctv-row" }, pushButton("compare", "Compare", perform)));
  return { camPanel, camShown: shown, camNative: native, camOpacity: opacity, camTarget: target, camOfSign: ofSign, camMethod: method, onlyMethod, map };
}

function thumbnail() {
  const canvas = element("canvas", { width: INPUT_SIZE, height: INPUT_SIZE });
  const caption = element("figcaption");
  return { canvas, caption, figure: element("figure", {}, canvas, caption) };
}

/** `name`: for screen readers, where the label is a sign. */
function pushButton(id, label, perform, more = null, name = null) {
  return element("button", { type: "button", class: "ctv-button", "data-action": id, "aria-label": name, onclick: () => perform(id) }, label, more);
}

/** After a click on a control the keys belong to the picture again; by keyboard the focus stays where it is. */
function giveFocusBack(root, picture) {
  root.addEventListener("click", (event) => {
    if (event.detail > 0 && event.target.closest("button, label, input[type=checkbox]")) picture.focus({ preventScroll: true });
  });
}

/** Bring the elements in line with the state; called in the frame that paints the picture. */
export function updatePanel(parts, state) {
  for (const preset of state.presets) showPreset(parts.presets[preset.id], preset, state.window);
  press(parts.boxTool, state.tool === "box-tool");
  press(parts.scrollTool, state.tool === "scroll-tool");
  press(parts.rulerTool, state.tool === "ruler-tool");
  press(parts.lockAspect, state.lockAspect);
  press(parts.heightTool, state.tool === "height-tool");
  parts.heightGuide.show(state.heights);
  showAi(parts, state.ai);
  parts.announcer.tell(announcement({ ...state, here: state.ai.here, mode: state.ai.mode }));
  parts.progress.value = state.progress;
  parts.progress.hidden = state.progress >= 1 || state.failed;
  parts.retry.hidden = !state.failed;
  const badges = state.badges.map((badge) => `, ${badge}`).join("");
  parts.picture.setAttribute("aria-label", `Sagittal CT slice ${state.slice + 1} of ${state.slices}, patient's right to left${badges}`);
}

/** What has to be known of these pictures: that they are synthetic, what was noted at import. */
export function showRemarks(parts, remarks) {
  setText(parts.remarks, (remarks ?? []).join(" · "));
}

/** The methods that may be chosen; without a choice the name of the one that is shown. */
export function offerMethods(parts, methods, chosen) {
  parts.camMethod.replaceChildren(...(methods ?? []).map((name) => element("option", { value: name }, methodName(name))));
  parts.camMethod.hidden = !methods?.length;
  setText(parts.onlyMethod, methods?.length ? "" : methodName(chosen));
  parts.camMethod.value = chosen;
}

function showPreset(button, { window }, current) {
  button.disabled = !window;
  setText(button.querySelector("small"), window ? `${window.width}/${window.center}` : "");
  press(button, Boolean(window) && window.width === current.width && window.center === current.center);
}

function showAi(parts, { mode, cam, here, whole, stale, caption, signs, ofSign, map }) {
  press(parts.ai, mode === "live");
  parts.ai.disabled = mode === "locked";
  setText(parts.ai, { live: "On", off: "Off", locked: "Locked" }[mode]);
  parts.camPanel.inert = mode !== "live";
  parts.camShown.checked = cam.shown;
  parts.camNative.checked = cam.native;
  parts.camOpacity.value = Math.round(cam.opacity * 100);
  showTarget(parts, cam.target, ofSign);
  parts.here.classList.toggle("ctv-stale", stale);
  setText(parts.here, here);
  setText(parts.whole, whole);
  setText(parts.caption, caption);
  setText(parts.map, map);
  parts.signList?.show(signs);
  parts.strip.setAttribute("aria-label", `Probability${ofSign && ` of ${ofSign}`} by slice`);
}

/** What the map speaks for, as the list of the classes has it; `ofSign`: a sign's words, or empty. */
function showTarget({ camTarget, camOfSign }, target, ofSign) {
  if (!ofSign) camOfSign.remove();
  else if (camOfSign.value !== target || !camOfSign.parentNode) {
    Object.assign(camOfSign, { value: target, textContent: ofSign });
    camTarget.append(camOfSign);
  }
  camTarget.value = target;
}

function press(button, pressed) {
  button.setAttribute("aria-pressed", String(pressed));
}

function setText(node, text) {
  const target = node.querySelector?.("small") && node.tagName !== "SMALL" ? node.firstChild : node;
  if (target.textContent !== text) target.textContent = text;
}

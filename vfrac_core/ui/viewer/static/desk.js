// The reading desk: worklist, viewer and form in one Gradio component. Explore shows a case list and the viewer; Annotate adds
// the worklist and the form. Everything here talks to our own routes, because Gradio drops events and reloads the page
// when the server was away.

import { createAddress, linkTo, readPlace } from "./address.js";
import { createAnswerPanel } from "./answer_panel.js";
import { AnswerSession, bestSlice, drawingOf } from "./answer_session.js";
import { browserStorage } from "./browser_storage.js";
import { createConnection, GONE, KEPT } from "./connection.js";
import { createCopyLink } from "./copy_link.js";
import { createApi } from "./desk_api.js";
import { listenForKeys } from "./desk_keys.js";
import { layOut, loadStyles } from "./desk_layout.js";
import { createDrawingHistory } from "./drawing_history.js";
import { createExampleProgress } from "./example_progress.js";
import { createHelpSheet } from "./help_sheet.js";
import { isOfReading } from "./keymap.js";
import { nameKeys } from "./key_names.js";
import { Keys } from "./keys.js";
import { readerToken } from "./reader_dialog.js";
import { createReadingSession } from "./reading_session.js";
import { createSeenCases } from "./seen_cases.js";
import { untilAnswered } from "./until_answered.js";
import { createViewer } from "./viewer.js";
import { createWindowMemory } from "./window_memory.js";
import { createCaseSelect, createWorklist } from "./worklist.js";
import { firstToOpen, neighbour, nextUnread } from "./worklist_filter.js";
import { createOrderProgress } from "./worklist_order.js";

/** Called once by the component's loader. `props.value`: {mode, signs, signs_version, levels, …}; `at`: path => URL. */
export async function mount(root, { props, watch, at }) {
  await loadStyles(root);
  let desk = null;
  const update = () => {
    if (!props.value) return;
    if (desk?.mode === props.value.mode) return desk.refresh();
    desk = createDesk(root, props.value, at);
    desk.start();
  };
  watch("value", update);
  update();
}

function createDesk(root, value, at) {
  const annotates = value.mode === "annotate";
  const storage = browserStorage();
  const token = readerToken(storage);
  const isWanted = () => root.isConnected;
  const connection = createConnection({ text: annotates ? KEPT : GONE, probe: () => api.examples(), isWanted });
  const api = createApi({ at, token, mode: value.mode, heard: connection.heard });
  const address = createAddress({ isWanted });
  const [aiSeen, answerSeen] = ["ai_seen", "answer_seen"].map((what) => createSeenCases(storage, token, what));
  const places = layOut(root, value.mode, connection.banner);
  const keys = new Keys(storage);
  const windows = createWindowMemory(storage, token.slice(0, 12));
  const viewer = createViewer(places.viewer, { at, readerToken: token, keys, signs: value.signs, listsSigns: !annotates });
  const drawings = createDrawingHistory(viewer); // Explore's undo; in Annotate the session has one of the whole reading
  const focusPicture = () => places.viewer.querySelector("canvas")?.focus({ preventScroll: true });
  const help = createHelpSheet(root, keys, (binding) => annotates || !isOfReading(binding), focusPicture);
  const answers = new AnswerSession({ show: api.showAnswer, again: api.answer, seen: answerSeen, onChange: showAnswer });
  const answerPanel = createAnswerPanel(places.answer, {
    signs: value.signs, synthetic: value.synthetic, on: { goTo: (slice) => viewer.goTo(slice), arrows: (shown) => answers.showArrows(shown) },
  });
  const list = (annotates ? createWorklist : createCaseSelect)(places.list, {
    onOpen: open, onOrder: reorder, onAnswer: () => answers.show(), tools: [createCopyLink({ link: () => linkTo(location.href, place()), say })],
  });
  const followOrder = createOrderProgress({ ask: () => refresh(), isWanted });
  const followExamples = createExampleProgress({
    ask: api.examples, onMade: refresh, onWords: list.making, isWanted,
  });
  let drawn = null; // the answer whose arrows the picture shows
  let cases = [], current = null, session = null;
  let opening = 0, arrived = 0, refreshing = 0; // numbers of the newest request, so that an older one gives way

  async function start() {
    const answer = await untilAnswered(() => api.cases(), say);
    if (!answer) return;
    cases = answer.cases;
    if (annotates) {
      session = createReadingSession({
        root, formRoot: places.form, viewer, api, signs: value.signs, levels: value.levels, reader: answer.reader,
        storage, owner: token.slice(0, 12), aiSeen, answerSeen, answerRoot: places.answer, step, onCaseState, refreshTicket, reopen,
        onSubmitted, nextUnread: openUnread, shownSlice: () => place().slice,
      });
      session.resume();
    }
    nameKeys(root, keys);
    listenToViewer();
    listenForKeys(root, viewer);
    guardClosing();
    followExamples(answer.examples);
    if (cases.length) await openFirst();
    else say("There is no case yet. Import one in the Library.");
  }

  /** The place that the address names, else the usual first case. */
  async function openFirst() {
    const wanted = readPlace(location.search);
    const isThere = cases.some((one) => one.case === wanted?.caseId);
    if (isThere) return open(wanted.caseId, wanted.slice);
    await open(annotates ? firstToOpen(cases) : cases[0].case);
    if (wanted) say("The case that the link names is not here; this is another one.");
  }

  async function open(caseId, slice = null) {
    const mine = (opening += 1);
    await session?.leave();
    const kept = (await session?.takeUp(caseId)) ?? null; // taken before the store is asked: what is kept is newer than its answer
    const answer = await untilAnswered(() => api.open(caseId), say, () => mine === opening);
    if (mine !== opening) return;
    arrived = mine;
    if (!answer) return;
    current = caseId;
    if (session) session.open(answer, kept);
    else viewer.open(answer.study);
    viewer.setWindow(windows.last());
    drawings.begin();
    list.show(cases, current);
    const answered = answers.open(caseId, annotates ? (answer.annotation?.submitted_at ? "open" : "none") : answer.study.answer);
    if (slice === null) return;
    viewer.goTo(slice);
    await answered; // an answer that is shown again leads to its own best slice
    if (mine === opening) viewer.goTo(slice);
  }

  /** Panel, button and arrows as the answer's session has them. A new answer is shown where it is best seen. */
  function showAnswer() {
    const { answer, arrowsShown } = answers;
    const leaves = document.activeElement?.id === "show-answer"; // the button that has the focus goes away
    answerPanel.show(answers);
    list.answer?.(answers);
    if (leaves && answer) places.answer.focus({ preventScroll: true });
    root.toggleAttribute("data-answer", !places.answer.hidden);
    viewer.setAnswer(answer && arrowsShown ? drawingOf(answer, value.signs) : null);
    if (answer && answer !== drawn && !annotates) viewer.goTo(bestSlice(answer) ?? Number(places.viewer.dataset.slice));
    drawn = answer;
  }

  /** The reader's own answer is in the store: now the case's may be seen. */
  async function onSubmitted(caseId) {
    await answers.open(caseId, "open");
    places.answer.scrollIntoView({ block: "nearest" });
  }

  /** Show the open case as the store has it now, unless the reader is on the way to another one. */
  function reopen() {
    if (opening === arrived) open(current);
  }

  /** Tickets expire, and carry the reader and what the reader may see. */
  async function refreshTicket() {
    const asked = current;
    const { study } = await api.open(asked);
    if (asked === current) viewer.refreshTicket(study.ticket);
  }

  /** After an import elsewhere, or when an example is made: new cases in the list, the case on the screen stays. */
  async function refresh() {
    const mine = (refreshing += 1);
    const answer = await untilAnswered(() => api.cases(list.order()), say, () => mine === refreshing);
    if (mine !== refreshing) return;
    list.ordered(answer?.order);
    if (!answer) return;
    cases = answer.cases;
    list.show(cases, current);
    followOrder(answer.order);
    if (opening === 0 && cases.length) openFirst();
  }

  /** Another order of the list; what the reader has only just entered is saved first, so that the server knows what is unread. */
  async function reorder() {
    await session?.leave();
    await refresh();
  }

  function step(by) {
    const within = list.within(cases, current);
    const next = neighbour(within, current, by);
    if (next) open(next);
    else say(`This is the ${by > 0 ? "last" : "first"} case${within.length < cases.length ? " of those that are shown" : ""}.`);
  }

  function openUnread() {
    const next = nextUnread(cases, current);
    if (next) open(next);
    else say("No other case is left to read.");
  }

  /** @param change  {state} or {flagged} */
  function onCaseState(caseId, change) {
    const before = cases.find((one) => one.case === caseId);
    if (!before || Object.entries(change).every(([name, now]) => before[name] === now)) return;
    cases = cases.map((one) => (one === before ? { ...one, ...change } : one));
    list.show(cases, current);
  }

  /** What the picture shows. */
  const place = () => ({ caseId: places.viewer.dataset.case, slice: Number(places.viewer.dataset.slice) });

  function listenToViewer() {
    viewer.on("action", ({ id }) => act(id));
    viewer.on("ticket", refreshTicket);
    viewer.on("change", (onPicture) => (session ? session.drawn(onPicture) : drawings.note(onPicture)));
    viewer.on("window", windows.keep);
    viewer.on("answer", ({ case: caseId }) => { if (!annotates) aiSeen.note(caseId); });
    viewer.on("signs", (answers) => session?.showSigns(answers));
    viewer.on("ai", ({ mode }) => session?.switchAi(mode));
    new MutationObserver(() => {
      session?.scrolled();
      if (place().caseId) address.follow(place());
    }).observe(places.viewer, { attributeFilter: ["data-case", "data-slice"] });
  }

  function act(id) {
    if (id === "toggle-answer") answers.toggle();
    else if (id === "help") help.open();
    else if (id === "next-unread" && annotates) openUnread();
    else if (session) session.act(id);
    else if (id === "undo") drawings.undo();
    else if (id === "redo") drawings.redo();
    else if (id === "next-case") step(1);
    else if (id === "previous-case") step(-1);
  }

  function guardClosing() {
    window.addEventListener("beforeunload", (event) => { if (root.isConnected && session?.dirty()) event.preventDefault(); });
    window.addEventListener("pagehide", () => session?.retryNow());
    window.addEventListener("online", () => session?.retryNow());
  }

  function say(text) {
    places.status.textContent = text;
  }

  return { mode: value.mode, start, refresh };
}

// Side by side: when the panel is open, when its questions are asked, and when what it shows is out of date.

import { CompareSession } from "./compare_session.js";
import { createComparePanel } from "./compare_panel.js";
import { inputOf } from "./crop.js";
import { clamp } from "./geometry.js";
import { badgesOf } from "./readout.js";
import { StabilitySession } from "./stability_session.js";

const REST_MS = 250; // a box or slice that only passes by is not asked about

export class Compare {
  #state;
  #ai;
  #host;
  #panel;
  #maps;
  #stability;
  #open = false;
  #about = ""; // what the shown answers are about
  #timer = null;
  #drawn = { about: "", input: null }; // the network's input, made anew only when it can have changed

  /**
   * @param {HTMLElement} root
   * @param {import("./case_state.js").CaseState} state
   * @param {import("./ai_session.js").AiSession} ai
   * @param {{ask: (door: string, body: Object, signal: AbortSignal) => Promise<Object>, say: (text: string) => void, repaint: () => void,
   *          keys: import("./keys.js").Keys}} host
   *   `ask`: at the door of the case's predictions, or at one beside it
   */
  constructor(root, state, ai, host) {
    this.#state = state;
    this.#ai = ai;
    this.#host = host;
    this.#maps = new CompareSession({ send: (body, signal) => host.ask("", body, signal), onChange: host.repaint });
    this.#stability = new StabilitySession({ send: (body, signal) => host.ask("/nearby", body, signal), onChange: host.repaint });
    this.#panel = createComparePanel({
      close: () => this.toggle(),
      native: (native) => { ai.wantCam({ native }); host.repaint(); },
      run: () => this.#run(),
      stop: () => this.#stability.stop(),
    });
    root.firstElementChild.append(this.#panel.root);
    root.dataset.stability = "";
    this.root = root;
  }

  /** The server decides who may see the AI; this only spares a question that it would refuse. */
  toggle() {
    if (!this.#open && this.#ai.mode !== "live") return this.#host.say(this.#whyClosed());
    this.#host.say("");
    this.#open = !this.#open;
    this.paint();
    if (this.#open) this.#panel.root.scrollIntoView({ block: "nearest" });
    return this.#host.repaint();
  }

  #whyClosed() {
    if (this.#ai.mode === "locked") return "The AI is locked until your own answer is submitted.";
    return `Side by side shows the AI: switch it on first (${this.#host.keys.name("toggle-ai")}).`;
  }

  #run() {
    this.#stability.run({ ...this.#question(), extent: this.#state.extent, spacing: this.#state.spacing });
    this.paint();
    this.#panel.root.scrollIntoView({ block: "nearest" }); // it has grown
  }

  /** Nothing of what was asked may remain or arrive any more. */
  clear() {
    clearTimeout(this.#timer);
    this.#about = "";
    this.#maps.clear();
    this.#stability.clear();
  }

  /** Called with each repaint: every change of box, slice, case or AI comes by here. */
  paint() {
    if (this.#ai.mode !== "live") this.#open = false;
    const shown = this.#open && this.#state.study !== null;
    this.#panel.root.hidden = !shown;
    this.root.firstElementChild.classList.toggle("ctv-compares", shown);
    this.root.querySelector("[data-action=compare]").setAttribute("aria-pressed", String(shown));
    this.#keepUp(shown ? JSON.stringify(this.#question()) : "");
    if (shown) this.#panel.show(this.#view());
    const { summary } = this.#stability;
    this.root.dataset.stability = summary ? JSON.stringify({ low: summary.low, high: summary.high, n: summary.n }) : "";
  }

  /** Another question: forget the answers, and ask once it rests. */
  #keepUp(about) {
    if (about === this.#about) return;
    this.clear();
    this.#about = about;
    if (about && this.#state.box) this.#timer = setTimeout(() => { this.#maps.ask(this.#question()); this.#host.repaint(); }, REST_MS);
  }

  #question() {
    const { study, shownBox: box, boxSlice, slice } = this.#state;
    return { case: study.case, box, boxSlice, slice, method: this.#ai.cam.method };
  }

  #view() {
    const { study, slice, slices, shownBox: box } = this.#state;
    const { pair, problem } = this.#maps;
    const waits = box ? (pair ? "" : "Asking for both maps …") : `Draw a box around the vertebra (${this.#host.keys.name("box-tool")}).`;
    return {
      title: [`Side by side, slice ${slice + 1}`, ...badgesOf(study, this.#ai.weights)].join(" · "),
      problem: problem ? `No answer from the network: ${problem}` : waits,
      input: this.#input(),
      channels: [-1, 0, 1].map((step) => `slice ${clamp(slice + step, 0, slices - 1) + 1}`),
      cam: this.#ai.cam,
      pair,
      stability: this.#stability,
    };
  }

  #input() {
    const about = `${this.#about} ${this.#state.volume.loaded}`;
    if (about !== this.#drawn.about) this.#drawn = { about, input: inputOf(this.#state) };
    return this.#drawn.input;
  }
}

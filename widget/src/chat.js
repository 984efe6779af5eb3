/** Runs a conversation: session, sending in order, retrying, erasing. Knows no page; what it needs is handed in. */
import { Failure, newId } from "./client.js";
import { answered, restored, waiting } from "./conversation.js";

/** @typedef {import("./conversation.js").Entry} Entry */

/** Milliseconds after which a message without an answer is looked at for an emergency here, and is called slow. */
const ALARM_AFTER = 2000;
const SLOW_AFTER = 8000;
/** The longest pause between two attempts, in milliseconds. */
const LONGEST_PAUSE = 15000;

const blank = () => ({
  session: /** @type {string | null} */ (null),
  old: /** @type {string[]} */ ([]),
  entries: /** @type {Entry[]} */ ([]),
  opinions: /** @type {Record<string, boolean>} */ ({}),
  open: false,
});

export class Chat {
  /** @type {ReturnType<typeof blank>} */
  state;
  /** A key of the strings: what keeps messages from being sent; empty if nothing does. */
  problem = "";
  /** Whether a message is on its way. */
  busy = false;
  slow = false;
  /** Whether a session is wanted even with nothing to send. */
  wanted = false;
  #ready = false;
  #running = false;
  #failures = 0;
  #renewed = false;
  /** @type {any} */
  #timer;
  #abort = new AbortController();

  /**
   * @param {object} page
   * @param {(method: string, path: string, options: object) => Promise<any>} page.call the chat API
   * @param {object} page.kept what was saved earlier
   * @param {(state: object) => void} page.save
   * @param {() => void} page.changed something is to be shown
   * @param {(replies: Entry[]) => void} page.told new replies have come
   * @param {(text: string, problem: string) => void} page.returned a text cannot be sent as it is
   * @param {(failure: Failure) => void} page.failed a call has failed
   * @param {(text: string) => Entry | undefined} page.alarm
   */
  constructor(page) {
    this.page = page;
    this.state = { ...blank(), ...page.kept };
  }

  #change() {
    this.page.save(this.state);
    this.page.changed();
  }

  /**
   * @param {string} method
   * @param {string} path
   * @param {object} [body]
   */
  #call(method, path, body) {
    return this.page.call(method, path, { session: this.state.session, body, signal: this.#abort.signal });
  }

  /** @param {boolean} open */
  remember(open) {
    this.state.open = open;
    this.#change();
  }

  /** The reader looks at the conversation: begin it or bring it back. */
  begin() {
    this.wanted = true;
    return this.flush();
  }

  /**
   * @param {string} text
   * @param {string} [payload]
   */
  send(text, payload) {
    const id = newId();
    this.state.entries.push({ role: "reader", id, text, payload, pending: true });
    if (!payload) setTimeout(() => this.#alarm(id), ALARM_AFTER);
    this.#change();
    return this.flush();
  }

  /**
   * Sends what is waiting, oldest first, one at a time.
   * @returns {Promise<void>}
   */
  async flush() {
    if (this.#running) return;
    this.#running = true;
    clearTimeout(this.#timer);
    const { signal } = this.#abort;
    /** @type {any} */
    let slow;
    try {
      for (;;) {
        const [next] = waiting(this.state.entries);
        this.busy = Boolean(next);
        if (!next && (this.#ready || !this.wanted)) break;
        clearTimeout(slow);
        slow = setTimeout(() => ((this.slow = true), this.page.changed()), SLOW_AFTER);
        this.page.changed();
        await (this.#ready ? this.#say(next) : this.#start());
        this.#failures = 0;
        this.problem = "";
        this.slow = false;
      }
      this.#renewed = false;
    } catch (error) {
      if (!signal.aborted) this.#fail(/** @type {Failure} */ (error));
    }
    clearTimeout(slow);
    this.busy = this.slow = this.#running = false;
    if (signal.aborted && (this.wanted || waiting(this.state.entries).length)) return this.flush();
    this.#change();
  }

  async #start() {
    const { state } = this;
    const { signal } = this.#abort;
    if (state.session) {
      const { messages } = await this.#call("GET", "/messages");
      if (signal.aborted) throw new Failure(0);
      state.entries = restored(state.entries, messages);
    } else {
      const { session, messages } = await this.#call("POST", "/session");
      if (signal.aborted) throw new Failure(0);
      state.session = session;
      const rest = state.entries.findIndex((entry) => entry.pending);
      const place = rest < 0 ? state.entries.length : rest;
      state.entries.splice(place, 0, ...messages.map((/** @type {Entry} */ one) => ({ ...one, role: "assistant" })));
      this.page.told(messages);
    }
    this.#ready = this.wanted = true;
    this.#change();
  }

  /** @param {Entry} entry */
  async #say(entry) {
    const { id = "", text, payload } = entry;
    const { signal } = this.#abort;
    const { messages } = await this.#call("POST", "/messages", payload ? { id, payload } : { id, text });
    if (signal.aborted) throw new Failure(0);
    const alarmed = this.state.entries.some((one) => one.local && one.of === id);
    this.state.entries = answered(this.state.entries, id, messages);
    this.#change();
    this.page.told(messages.filter((/** @type {Entry} */ one) => !(alarmed && one.custom?.type === "emergency")));
  }

  /** @param {Failure} failure */
  #fail(failure) {
    const { state } = this;
    const [next] = waiting(state.entries);
    this.page.failed(failure);
    if (failure.gone && state.session && !this.#renewed) {
      state.old.push(state.session);
      state.session = null;
      this.#ready = false;
      this.#renewed = true;
      const rest = state.entries.findIndex((entry) => entry.pending);
      const note = { role: /** @type {const} */ ("note"), text: "gone" };
      state.entries.splice(rest < 0 ? state.entries.length : rest, 0, note);
      this.page.told([note]);
      this.#timer = setTimeout(() => this.flush());
    } else if (failure.code === "not_offered" && next?.payload) {
      next.payload = undefined;
      this.#timer = setTimeout(() => this.flush());
    } else if (failure.final && next) {
      state.entries = state.entries.filter((entry) => entry !== next);
      this.problem = "";
      const full = failure.code === "conversation_too_long";
      this.page.returned(next.text, full ? "full" : ({ 403: "foreign", 413: "long" }[failure.status] ?? "refused"));
      this.#timer = setTimeout(() => this.flush());
    } else {
      this.problem = { 403: "foreign", 429: "many" }[failure.status] ?? "down";
      const pause = Math.min(1000 * 2 ** this.#failures++, LONGEST_PAUSE);
      this.#timer = setTimeout(() => this.flush(), Math.max(pause, failure.wait * 1000));
      for (const entry of waiting(state.entries)) this.#alarm(entry.id);
    }
  }

  /**
   * Shows the alert for a message that the server has not answered, if its words ask for one.
   * @param {string} [id]
   */
  #alarm(id) {
    const { entries } = this.state;
    const place = entries.findIndex((entry) => entry.id === id && entry.pending && !entry.payload);
    if (place < 0 || entries.some((entry) => entry.of === id)) return;
    const found = this.page.alarm(entries[place].text);
    if (!found) return;
    entries.splice(place + 1, 0, { ...found, of: id });
    this.#change();
    this.page.told([found]);
  }

  /** Looks again at what waits, when the rules have come. */
  look() {
    if (this.problem) for (const entry of waiting(this.state.entries)) this.#alarm(entry.id);
  }

  /**
   * @param {string} id of the message that was answered
   * @param {boolean} helpful
   * @param {string} [reason]
   */
  async judge(id, helpful, reason) {
    await this.#call("POST", "/feedback", { id, helpful, ...(reason && { reason }) });
    this.state.opinions[id] = helpful;
    this.#change();
  }

  /** Forgets the conversation here, and what is on its way. */
  #forget() {
    this.#abort.abort();
    this.#abort = new AbortController();
    this.#ready = this.#renewed = this.wanted = false;
    this.problem = "";
    clearTimeout(this.#timer);
  }

  /** Begins anew. The old conversation can still be deleted. */
  renew() {
    const { session, old, open } = this.state;
    this.#forget();
    this.state = { ...blank(), old: session ? [...old, session] : old, open };
    this.#change();
    return this.begin();
  }

  /** Deletes all conversations of this page on the server and here; throws a Failure. */
  async erase() {
    const { state } = this;
    this.#forget();
    while (state.session || state.old.length) {
      const session = state.session ?? state.old[0];
      try {
        await this.page.call("DELETE", "/session", { session });
      } catch (failure) {
        if (!(/** @type {Failure} */ (failure).gone)) {
          this.begin();
          throw failure;
        }
      }
      if (state.session) state.session = null;
      else state.old.shift();
    }
    this.state = { ...blank(), open: state.open, entries: [{ role: "note", text: "deleted" }] };
    this.#change();
    this.page.told(this.state.entries);
  }
}

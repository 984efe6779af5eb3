/** The custom element: joins the conversation, the page and the view. */
import { render } from "lit/html.js";
import { Chat } from "./chat.js";
import { call, load } from "./client.js";
import { fragment, locate, show } from "./highlight.js";
import { ATTRIBUTES } from "./reference.js";
import { alarm } from "./rules.js";
import { ENGLISH, plain } from "./strings.js";
import styles from "./styles.css";
import { asText, print } from "./transcript.js";
import { view } from "./view.js";

/** @typedef {import("./conversation.js").Entry} Entry */

let home = location.origin + "/chat/";

/** @param {string} address the folder that the script lies in */
export const setServer = (address) => (home = address);

const RULES = "faq-chat-rules.json";
const PHONE = matchMedia("(max-width: 30em), (max-height: 26em)");

const sheet = new CSSStyleSheet();
sheet.replaceSync(styles);

export class FaqChat extends HTMLElement {
  static observedAttributes = ATTRIBUTES;

  /** @type {Chat} */
  // @ts-ignore: it is there from the moment that the element is in a page
  chat;
  /** @type {Record<string, string>} */
  words = ENGLISH;
  /** @type {import("./rules.js").Rules | undefined} */
  rules;
  status = "";
  /** A key of the strings: the latest failure that is no matter of the connection. */
  error = "";
  unread = false;
  menu = false;
  asking = false;
  /** Whether the reader opened or closed the dialog, and not the page. */
  asked = false;
  /** Id of the message whose answer is being judged. */
  judging = "";

  /** @type {Promise<void> | undefined} */
  #update;

  constructor() {
    super();
    this.root = this.attachShadow({ mode: "open" });
    this.root.adoptedStyleSheets = [sheet];
  }

  get open() {
    return this.hasAttribute("open");
  }

  set open(open) {
    this.toggleAttribute("open", open);
  }

  attributeChangedCallback() {
    this.draw();
  }

  /** Shows the present state, once for all changes of a moment. */
  draw() {
    this.#update ??= Promise.resolve().then(() => {
      this.#update = undefined;
      if (!this.isConnected) return;
      render(view(this), this.root);
      this.#arrange();
    });
    return this.#update;
  }

  get #server() {
    return new URL(this.getAttribute("server") || home, document.baseURI).href.replace(/\/+$/, "");
  }

  connectedCallback() {
    // The top layer: no transform, overflow or z-index of the page reaches it.
    this.popover = "manual";
    this.showPopover?.();
    if (!this.chat) this.#begin();
    this.draw();
    PHONE.addEventListener("change", this.#rearrange);
    addEventListener("online", this.#again);
  }

  disconnectedCallback() {
    PHONE.removeEventListener("change", this.#rearrange);
    removeEventListener("online", this.#again);
  }

  #begin() {
    const key = "faq-chat " + this.#server;
    const chat = (this.chat = new Chat({
      call: (method, path, options) => call(this.#server, method, path, options),
      kept: this.#kept(key),
      save: (state) => {
        try {
          sessionStorage.setItem(key, JSON.stringify(state));
        } catch {
          // Storage is full or forbidden: then the conversation ends with the page.
        }
      },
      changed: () => this.draw(),
      told: (replies) => this.#told(replies),
      returned: (text, problem) => {
        const field = this.#field;
        field.value = field.value ? `${text}\n${field.value}` : text;
        this.error = problem;
      },
      failed: ({ status, code }) => {
        this.#tell("error", { status, code });
        // What could not be sent is shown, once: who reads on meanwhile is left alone.
        if (!this.chat.problem) this.draw().then(() => this.#scroll(true));
      },
      alarm: (text) => this.rules && alarm(text, this.rules),
    }));
    if (chat.state.open && !PHONE.matches) this.open = true;
    if (chat.state.entries.some((entry) => entry.pending)) chat.flush();
    const strings = this.getAttribute("strings");
    if (strings) load(strings).then((words) => this.#set({ words: { ...ENGLISH, ...words } }), () => {});
    (window.requestIdleCallback ?? setTimeout)(() => this.#fetchRules());
  }

  /** @param {string} key */
  #kept(key) {
    try {
      return JSON.parse(sessionStorage.getItem(key) ?? "{}");
    } catch {
      return {};
    }
  }

  async #fetchRules() {
    if (this.rules) return;
    try {
      // A publisher may host the rules beside the script, for the case that the server has never answered.
      const rules = await load(home + RULES).catch(() => load(this.#server + "/" + RULES));
      this.#set({ rules });
      this.chat.look();
    } catch {
      // Without the rules the widget names no number of its own: see the string `urgent`.
    }
  }

  /** @param {Partial<FaqChat>} values */
  #set(values) {
    Object.assign(this, values);
    this.draw();
  }

  #again = () => {
    this.chat.flush();
    this.#fetchRules();
  };

  /**
   * @param {string} name
   * @param {object} [detail]
   */
  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent("faq-chat-" + name, { bubbles: true, composed: true, detail }));
  }

  /**
   * Tells a screen reader and the page of new replies, each once.
   * @param {Entry[]} replies
   */
  async #told(replies) {
    const types = replies.map((reply) => reply.custom?.type ?? "");
    if (types.includes("emergency")) this.open = true;
    this.unread = !this.open;
    if (types.some((type) => type)) this.#tell("answer", { types });
    await this.draw();
    const { words } = this;
    replies.forEach(({ role, text, buttons }, place) => {
      const line = document.createElement("p");
      const said = [`${words[types[place]] ?? words.assistant}: ${plain(text)}`, ...(buttons ?? []).map((one) => plain(one.title))];
      line.textContent = role === "note" ? words[text] : said.join(" ");
      this.root.querySelector(`.told[role=${types[place] === "emergency" ? "alert" : "log"}]`)?.append(line);
    });
    this.#scroll(true);
  }

  /** Once read out, replies stand in the conversation only. */
  #hush() {
    for (const told of this.root.querySelectorAll(".told")) told.replaceChildren();
  }

  /** @param {boolean} [toReader] the reader's latest message goes to the top, so that the reply is read from its start */
  #scroll(toReader) {
    const places = this.root.querySelectorAll(toReader ? ".reader" : "ol, .working:not([hidden])");
    places[places.length - 1]?.scrollIntoView({ block: toReader ? "start" : "end" });
  }

  /** Shows or hides the dialog after `open` has changed. The focus moves only if the reader asked for it. */
  #arrange() {
    const dialog = /** @type {HTMLDialogElement} */ (this.root.querySelector("dialog"));
    if (this.open === dialog.open) return;
    const focused = /** @type {HTMLElement | null} */ (document.activeElement);
    if (this.open) {
      PHONE.matches ? dialog.showModal() : dialog.show();
      if (PHONE.matches) dialog.focus();
      else if (this.asked) this.#field.focus();
      else if (focused !== this) {
        /** @type {HTMLElement | null} */ (this.root.activeElement)?.blur();
        focused?.focus();
      }
      this.unread = false;
      this.#scroll();
      this.chat.begin();
    } else {
      dialog.close();
      if (this.asked) /** @type {HTMLElement} */ (this.root.querySelector(".launcher")).focus();
    }
    this.asked = false;
    this.chat.remember(this.open);
    this.#tell(this.open ? "open" : "close");
  }

  /** Between phone and desktop size: from the corner to the whole screen and back. */
  #rearrange = () => {
    const dialog = /** @type {HTMLDialogElement} */ (this.root.querySelector("dialog"));
    if (!dialog.open) return;
    const focused = /** @type {HTMLElement | null} */ (this.root.activeElement);
    dialog.close();
    PHONE.matches ? dialog.showModal() : dialog.show();
    focused?.focus();
  };

  get #field() {
    return /** @type {HTMLTextAreaElement} */ (this.root.querySelector("textarea"));
  }

  /** Opens or closes the dialog and moves the focus. @param {boolean} open */
  toggle(open) {
    this.asked = true;
    this.menu = this.asking = false;
    this.open = open;
  }

  /** @param {KeyboardEvent} event */
  escape(event) {
    if (event.key !== "Escape" || event.isComposing) return;
    event.preventDefault();
    event.stopPropagation();
    if (this.menu) this.showMenu(false);
    else this.toggle(false);
  }

  /** @param {boolean} menu */
  async showMenu(menu) {
    this.#set({ menu, asking: false });
    await this.draw();
    if (!menu) /** @type {HTMLElement} */ (this.root.querySelector(".options")).focus();
  }

  sendDraft() {
    const { value } = this.#field;
    if (value.trim()) this.say(value);
    this.#field.value = "";
  }

  /** @param {string} text @param {string} [payload] */
  async say(text, payload) {
    this.#hush();
    this.#set({ error: "", status: "" });
    this.chat.send(text, payload);
    await this.draw();
    this.#scroll();
  }

  retry() {
    this.#again();
    this.#field.focus();
  }

  /** @param {string} reason @param {boolean} helpful */
  async judge(helpful, reason = "") {
    const id = this.judging;
    this.#set({ status: "" });
    try {
      await this.chat.judge(id, helpful, reason);
      this.#set({ status: this.words.thanks, error: "", judging: reason ? "" : id });
      await this.draw();
      this.root.querySelector(".opinion form")?.scrollIntoView({ block: "nearest" });
    } catch (error) {
      this.#failed(error);
    }
  }

  /** @param {any} error a Failure */
  #failed({ status, code }) {
    this.#set({ error: "failed", status: "" });
    this.#tell("error", { status, code });
  }

  async copy() {
    try {
      await navigator.clipboard.writeText(asText(this.chat.state.entries, this.words));
      this.#set({ status: this.words.copied, error: "" });
    } catch {
      this.#set({ error: "failed" });
    }
    this.showMenu(false);
  }

  print() {
    this.showMenu(false);
    print(this.chat.state.entries, this.words, this.root);
  }

  renew() {
    this.#set({ menu: false, error: "", status: "", judging: "" });
    this.chat.renew();
    this.#field.focus();
  }

  async ask() {
    this.#set({ asking: true });
    await this.draw();
    /** @type {HTMLElement} */ (this.root.querySelector("#menu .item")).focus();
  }

  async erase() {
    this.#set({ menu: false, asking: false, error: "", status: "", judging: "" });
    this.#hush();
    this.#field.focus();
    try {
      await this.chat.erase();
      this.#field.value = "";
    } catch (error) {
      this.#failed(error);
    }
  }

  /** The article in this page, if it is there. */
  get page() {
    return document.getElementById(this.getAttribute("article") ?? "") ?? document.querySelector("article, main") ?? document.body;
  }

  /** Where the source stands; only ever an address of the web. @param {import("./conversation.js").Source} source @param {string} sentence */
  address({ url }, sentence) {
    return /^https?:/.test(url) ? fragment(url, sentence) : "#";
  }

  /** @param {Event} event @param {import("./conversation.js").Source} source */
  point(event, source) {
    const ranges = source.quotes.map((quote) => locate(this.page, quote.text)).filter((range) => range !== null);
    if (!ranges.length) return;
    event.preventDefault();
    this.#reveal(ranges[0]);
    // Behind the update, so that a closing dialog does not take the focus back.
    this.draw().then(() => show(ranges));
  }

  /** Whether the sentences stand in this page. @param {import("./conversation.js").Source} source */
  here(source) {
    if (!this.#found.has(source)) {
      this.#found.set(source, source.quotes.some((quote) => locate(this.page, quote.text)));
    }
    return this.#found.get(source);
  }

  #found = new WeakMap();

  /** @param {string} id of a section */
  sectionAt(id) {
    return (document.getElementById(id) ? "" : this.rules?.article.url) + "#" + id;
  }

  /** Lets a section of this page be seen, to which a link leads. @param {string} id */
  leave(id) {
    const section = document.getElementById(id);
    if (section) this.#reveal(section);
  }

  /** Closes the dialog where it stands in front of what is to be seen. @param {Range | Element} place */
  #reveal(place) {
    const chat = /** @type {Element} */ (this.root.querySelector("dialog")).getBoundingClientRect();
    const { left, right } = place.getBoundingClientRect();
    if (left < chat.right && chat.left < right) this.open = false;
  }
}

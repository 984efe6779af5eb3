/** What is seen: templates over the element's state. No network, and nothing is ever put in as HTML. */
import { html, nothing } from "lit/html.js";
import { asksOpinion, paragraphs, pieces, used } from "./conversation.js";
import { plain } from "./strings.js";

/**
 * @typedef {import("./element.js").FaqChat} FaqChat
 * @typedef {import("./conversation.js").Entry} Entry
 * @typedef {import("./conversation.js").Source} Source
 */

const icon = (/** @type {string} */ path) =>
  html`<svg viewBox="0 0 24 24" aria-hidden="true"><path d=${path}></path></svg>`;
const BUBBLE = "M4 5h16v11H10l-4 4v-4H4zM8 9h8M8 12h5";
const CROSS = "M6 6l12 12M18 6L6 18";
const DOTS = "M5 12h.01M12 12h.01M19 12h.01";
const SEND = "M12 20V5M6 11l6-6 6 6";
const CALL = "M6 3h3l2 5-2.5 2a12 12 0 0 0 5.5 5.5l2-2.5 5 2v3a3 3 0 0 1-3 3A15 15 0 0 1 3 6a3 3 0 0 1 3-3z";
const DOCTOR = "M9 3h6v6h6v6h-6v6H9v-6H3V9h6z";
const ALARM = "M12 3l10 18H2zM12 10v5M12 18h.01";

/** The language of what the server says. @param {FaqChat} chat */
const language = (chat) => chat.rules?.article.language ?? "";

/** @param {FaqChat} chat */
export function view(chat) {
  const { words: t, rules, open } = chat;
  const state = chat.chat.state;
  return html`<div
    class="root ${chat.getAttribute("theme")} ${chat.getAttribute("position")}"
    lang=${chat.lang || t.lang}
    dir=${chat.dir || t.dir}
    @keydown=${(/** @type {KeyboardEvent} */ event) => chat.escape(event)}
  >
    <button
      class="launcher"
      aria-haspopup="dialog"
      aria-expanded=${open}
      ?hidden=${open}
      @click=${() => chat.toggle(true)}
    >
      ${icon(BUBBLE)}<span>${t.launcher}${chat.unread ? ` · ${t.unread}` : ""}</span>
    </button>
    <dialog
      aria-labelledby="title"
      tabindex="-1"
      @cancel=${(/** @type {Event} */ event) => (event.preventDefault(), chat.toggle(false))}
    >
      ${header(chat)}
      <div class="log" role="region" aria-label=${t.conversation} tabindex="0">
        <ol role="list">
          ${state.entries.map((entry, place) => line(chat, entry, place, state.entries))}
          ${rules && chat.chat.problem === "down"
            ? html`<li class="assistant">
                <p>${t.read}</p>
                <ul>
                  ${rules.article.sections.map(
                    ({ id, heading }) =>
                      html`<li><a lang=${language(chat)} href=${chat.sectionAt(id)} @click=${() => chat.leave(id)}>${heading}</a></li>`,
                  )}
                </ul>
              </li>`
            : nothing}
        </ol>
        <p class="working" ?hidden=${!(chat.chat.busy && !chat.chat.problem)}>
          <i></i><i></i><i></i><span>${t.working}</span>
        </p>
      </div>
      ${footer(chat)}
      <div class="told hide" role="alert"></div>
      <div class="told hide" role="log" aria-label=${t.assistant}></div>
    </dialog>
  </div>`;
}

/** @param {FaqChat} chat */
function header(chat) {
  const { words: t, menu, asking } = chat;
  const item = (/** @type {string} */ text, /** @type {() => void} */ act, kind = "") =>
    html`<button class="item ${kind}" @click=${act}>${text}</button>`;
  return html`<div class="head">
      <div>
        <h2 id="title">${t.launcher}</h2>
        <p>${t.subtitle}</p>
      </div>
      <button
        class="icon options"
        aria-label=${t.options}
        aria-expanded=${menu}
        aria-controls="menu"
        @click=${() => chat.showMenu(!menu)}
      >
        ${icon(DOTS)}
      </button>
      <button class="icon" aria-label=${t.close} @click=${() => chat.toggle(false)}>${icon(CROSS)}</button>
    </div>
    <div id="menu" role="group" aria-label=${t.options} ?hidden=${!menu}>
      ${asking
        ? html`<p>${t.eraseAsk}</p>
            ${item(t.eraseYes, () => chat.erase(), "danger")}${item(t.eraseNo, () => chat.showMenu(false))}`
        : html`${item(t.copy, () => chat.copy())}${item(t.print, () => chat.print())}
          ${item(t.fresh, () => chat.renew())}${item(t.erase, () => chat.ask(), "danger")}`}
    </div>`;
}

/**
 * @param {FaqChat} chat
 * @param {Entry} entry
 * @param {number} place
 * @param {Entry[]} entries
 */
function line(chat, entry, place, entries) {
  const { words: t } = chat;
  const { role, custom, buttons } = entry;
  if (role === "note") return html`<li class="note">${t[entry.text]}</li>`;
  if (role === "reader") {
    return html`<li class="reader">
      <span class="hide">${t.you}:</span>
      <p dir="auto">${plain(entry.text)}</p>
      ${entry.pending && chat.chat.problem ? html`<small>${t.unsent}</small>` : nothing}
    </li>`;
  }
  const kind = custom?.type ?? "";
  return html`<li class="assistant ${kind}">
    <span class="hide">${t.assistant}:</span>
    ${custom?.source?.quotes.length ? quotation(chat, custom.source) : said(chat, entry)}
    ${buttons?.length
      ? html`<ul role="list" class="buttons" lang=${language(chat)}>
          ${buttons.map(
            ({ title, payload }) =>
              html`<li>
                <button
                  dir="auto"
                  aria-disabled=${used(entries, place, title) ? "true" : nothing}
                  @click=${() => used(entries, place, title) || chat.say(title, payload)}
                >
                  ${plain(title)}
                </button>
              </li>`,
          )}
        </ul>`
      : nothing}
    ${asksOpinion(entries, place) ? opinion(chat, /** @type {string} */ (entry.of)) : nothing}
  </li>`;
}

/**
 * What the assistant says in its own fixed words.
 * @param {FaqChat} chat
 * @param {Entry} entry
 */
function said(chat, { text, custom }) {
  const { words: t } = chat;
  const { doctor, type = "" } = custom ?? {};
  const label = doctor && { doctor: t.doctor, emergency: t.emergency }[type];
  const because = (doctor?.because ?? []).map((one) => plain(one));
  const body = html`<p dir="auto" lang=${language(chat)}>
    ${pieces(plain(text), because).map((part) => (part.marked ? html`<strong>${part.text}</strong>` : part.text))}
  </p>`;
  if (!label) return body;
  // A number is offered where the sentence names it: the crisis line is for a crisis only.
  const numbers = Object.values(doctor?.call ?? {}).flatMap((number) => (number && text.includes(number) ? [number] : []));
  return html`<div role="group" aria-label=${label}>
    <p class="label">${icon(type === "emergency" ? ALARM : DOCTOR)}${label}</p>
    ${body}
    ${numbers.map(
      (number) =>
        html`<a class="call" href="tel:${number.replace(/[^\d+]/g, "")}"
          >${icon(CALL)}${t.call.replace("{number}", () => number)}</a
        >`,
    )}
    ${doctor?.source
      ? html`<small lang=${language(chat)}
          >${t.source} ${doctor.source.split(/[(](https:[^)\s]+)[)]/).map((part, place) =>
            place % 2
              ? html`<a href=${part} target="_blank">${part.split("/")[2]}<span class="hide"> (${t.newTab})</span></a>`
              : plain(part),
          )}</small
        >`
      : nothing}
  </div>`;
}

/**
 * @param {FaqChat} chat
 * @param {Source} source
 */
function quotation(chat, source) {
  const { words: t } = chat;
  const quotes = paragraphs(source.quotes);
  const here = chat.here(source);
  const away = html`<span class="hide"> (${t.newTab})</span>`;
  const link = (/** @type {string} */ sentence, /** @type {string} */ text, lang = "") =>
    html`<a
      dir="auto"
      lang=${lang || nothing}
      href=${chat.address(source, sentence)}
      target=${here ? nothing : "_blank"}
      @click=${(/** @type {Event} */ event) => chat.point(event, source)}
      >${text}${here ? nothing : away}</a
    >`;
  return html`<blockquote cite=${source.url} dir="auto" lang=${language(chat)}>
      ${quotes.map((text) => html`<p>${plain(text)}</p>`)}
    </blockquote>
    <p class="from">${t.from} <cite>${link("", plain(source.heading), language(chat))}</cite></p>
    <p class="show">${link(source.quotes[0].text, t.show)}</p>
    <details>
      <summary>${t.whole}</summary>
      ${source.section_text.split(/\n\s*\n/).map(
        (text) =>
          html`<p dir="auto" lang=${language(chat)}>
            ${pieces(text, source.quotes.map((quote) => quote.text)).map((part) =>
              part.marked ? html`<mark>${plain(part.text)}</mark>` : plain(part.text),
            )}
          </p>`,
      )}
    </details>`;
}

/**
 * @param {FaqChat} chat
 * @param {string} id
 */
function opinion(chat, id) {
  const { words: t } = chat;
  const given = chat.chat.state.opinions[id];
  const choice = (/** @type {boolean} */ helpful) =>
    html`<button
      aria-pressed=${given === helpful}
      @click=${() => ((chat.judging = id), chat.judge(helpful))}
    >
      ${helpful ? t.yes : t.no}
    </button>`;
  return html`<div class="opinion" role="group" aria-label=${t.helpful}>
    <span>${t.helpful}</span>${choice(true)}${choice(false)}
    ${given !== undefined && chat.judging === id
      ? html`<form
          @submit=${(/** @type {SubmitEvent} */ event) => {
            event.preventDefault();
            const form = /** @type {HTMLFormElement} */ (event.target);
            chat.judge(given, /** @type {HTMLInputElement} */ (form.elements[0]).value.trim());
            // The form goes away: the focus must not go with it.
            /** @type {HTMLElement} */ (form.parentElement?.querySelector("button")).focus();
          }}
        >
          <label for="reason">${t.reason}</label>
          <input id="reason" maxlength="500" required autocomplete="off" /><button>${t.send}</button>
        </form>`
      : nothing}
  </div>`;
}

/** @param {FaqChat} chat */
function footer(chat) {
  const { words: t } = chat;
  const problem = chat.chat.problem;
  const key = chat.error || problem;
  const send = (/** @type {Event} */ event) => (event.preventDefault(), chat.sendDraft());
  return html`<div class="problem ${key && "on"}">
      <div role="alert">${key ? html`<p>${t[key]}</p>` : nothing}${problem === "down" && !chat.chat.state.entries.some((entry) => entry.local) ? html`<p>${t.urgent}</p>` : nothing}</div>
      ${problem ? html`<button @click=${() => chat.retry()}>${t.again}</button>` : nothing}
    </div>
    <p class="status" role="status">${chat.chat.slow ? t.slow : chat.status}</p>
    <form class="ask" @submit=${send}>
      <label class="hide" for="question">${t.question}</label>
      <textarea
        id="question"
        rows="1"
        dir="auto"
        enterkeyhint="send"
        placeholder=${t.placeholder}
        @keydown=${(/** @type {KeyboardEvent} */ event) => {
          if (event.key === "Enter" && !event.shiftKey && !event.isComposing) send(event);
        }}
      ></textarea>
      <button class="send" aria-label=${t.send}>${icon(SEND)}</button>
    </form>`;
}

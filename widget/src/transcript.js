/** The conversation as something to take along: as text for the clipboard, as a page for the printer. */
import { plain } from "./strings.js";

/** @typedef {import("./conversation.js").Entry} Entry */

/**
 * @param {Entry[]} entries
 * @param {Record<string, string>} strings
 */
const lines = (entries, strings) =>
  entries
    .filter((entry) => entry.role !== "note")
    .map(({ role, text, custom }) => ({
      who: role === "reader" ? strings.you : (strings[custom?.type ?? ""] ?? strings.assistant),
      text: plain(text),
      url: custom?.source?.url ?? "",
    }));

/**
 * The day in words, which no reader takes for another, and what this is.
 * @param {Record<string, string>} strings
 */
const about = (strings) =>
  `${new Date().toLocaleString(strings.lang, { dateStyle: "long", timeStyle: "short" })} · ${strings.about}`;

/**
 * @param {Entry[]} entries
 * @param {Record<string, string>} strings
 */
export function asText(entries, strings) {
  const said = lines(entries, strings).map(({ who, text, url }) => `${who}: ${text}${url && `\n${url}`}`);
  return [`${document.title}\n${about(strings)}`, ...said].join("\n\n");
}

/**
 * Prints from a frame of its own, so that neither the page nor its styles come along.
 * @param {Entry[]} entries
 * @param {Record<string, string>} strings
 * @param {ParentNode} root
 */
export function print(entries, strings, root) {
  root.querySelector("iframe")?.remove();
  const frame = document.createElement("iframe");
  root.append(frame);
  const view = /** @type {Window & typeof globalThis} */ (frame.contentWindow);
  const page = view.document;
  const sheet = new view.CSSStyleSheet();
  sheet.replaceSync(
    "body{font:11pt/1.5 Georgia,serif}p{white-space:pre-line;margin:0}b,small{display:block}div{break-inside:avoid;margin:1em 0}",
  );
  page.adoptedStyleSheets = [sheet];
  page.title = document.title;
  page.documentElement.lang = strings.lang;
  page.documentElement.dir = strings.dir;
  const add = (/** @type {string} */ tag, /** @type {string} */ text, /** @type {Element} */ to = page.body) => {
    const node = page.createElement(tag);
    node.textContent = text;
    to.append(node);
    return node;
  };
  add("h1", document.title);
  add("small", about(strings));
  for (const { who, text, url } of lines(entries, strings)) {
    const box = add("div", "");
    add("b", who, box);
    add("p", text, box);
    if (url) add("small", url, box);
  }
  view.print();
}

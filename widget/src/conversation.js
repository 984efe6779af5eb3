/**
 * What a conversation is, as plain data: pure functions from entries to entries.
 *
 * @typedef {{text: string, start: number, end: number}} Quote
 * @typedef {{heading: string, url: string, section: string, quotes: Quote[], section_text: string}} Source
 * @typedef {{because?: string[], source?: string, call?: Record<string, string | null>}} Doctor
 * @typedef {{title: string, payload: string}} Button
 * @typedef {{type: string, source?: Source, doctor?: Doctor}} Custom
 * @typedef {object} Entry
 * @property {"reader" | "assistant" | "note"} role
 * @property {string} text of a note: a key of the strings
 * @property {string} [id] the UUID of a reader's message
 * @property {string} [payload] of a button that was pressed
 * @property {boolean} [pending] a reader's message that has no answer yet
 * @property {string} [of] id of the message that this answers
 * @property {boolean} [local] made here, because the server did not answer
 * @property {Custom} [custom]
 * @property {Button[]} [buttons]
 */

/** @param {Entry[]} entries */
export const waiting = (entries) => entries.filter((entry) => entry.pending);

/** @param {Entry} entry */
const isEmergency = (entry) => entry.custom?.type === "emergency";

/**
 * The entries with the answer to one message, put behind that message. An alarm that was raised here gives way to the
 * server's own, and stays if the server has none: an emergency is never talked down.
 * @param {Entry[]} entries
 * @param {string} id
 * @param {Entry[]} replies
 */
export function answered(entries, id, replies) {
  const urgent = replies.some(isEmergency);
  return entries.flatMap((entry) => {
    if (entry.of === id && entry.local && urgent) return [];
    if (entry.id !== id) return [entry];
    const { pending, payload, ...said } = entry;
    return [said, ...replies.map((reply) => ({ ...reply, role: /** @type {const} */ ("assistant"), of: id }))];
  });
}

/**
 * The entries after a page reload: what lies before the last note, the server's history, and what it does not have yet.
 * @param {Entry[]} entries as this page kept them
 * @param {Entry[]} history as the server has it
 */
export function restored(entries, history) {
  const known = new Set(history.map((line) => line.id));
  const cut = entries.reduce((last, entry, place) => (entry.role === "note" ? place + 1 : last), 0);
  /** @type {string | undefined} */
  let of;
  const lines = history.map((line) => {
    if (line.role === "reader") of = line.id;
    return line.role === "reader" ? line : { ...line, of };
  });
  const urgent = new Set(lines.filter(isEmergency).map((line) => line.of));
  const alarms = (/** @type {Entry} */ { id }) => entries.filter((one) => one.local && one.of === id && !urgent.has(id));
  const answers = lines.flatMap((line) => (line.role === "reader" ? [line, ...alarms(line)] : [line]));
  const rest = entries.slice(cut);
  const unsent = rest.filter((entry) => entry.pending && !known.has(entry.id));
  const kept = unsent.flatMap((entry) => [entry, ...alarms(entry)]);
  return [...entries.slice(0, cut), ...answers, ...kept];
}

/**
 * Whether a button was used: the reader said its words later on.
 * @param {Entry[]} entries
 * @param {number} place of the entry with the button
 * @param {string} title
 */
export const used = (entries, place, title) =>
  entries.some((entry, at) => at > place && entry.role === "reader" && entry.text === title);

/**
 * Whether the question "Was this helpful?" stands under an entry: it is the last answer to a message.
 * @param {Entry[]} entries
 * @param {number} place
 */
export function asksOpinion(entries, place) {
  const judged = (/** @type {Entry} */ entry) =>
    entry.of === entries[place].of && ["answer", "no_answer"].includes(entry.custom?.type ?? "");
  const { of, local } = entries[place];
  return Boolean(of && !local && judged(entries[place]) && !entries.slice(place + 1).some(judged));
}

/**
 * A text in pieces, those that are quoted marked.
 * @param {string} text
 * @param {string[]} quotes
 * @returns {{text: string, marked: boolean}[]}
 */
export function pieces(text, quotes) {
  const found = quotes.map((quote) => [text.indexOf(quote), quote.length]).filter(([at, length]) => at >= 0 && length);
  let last = 0;
  const parts = [];
  for (const [at, length] of found.sort((a, b) => a[0] - b[0])) {
    if (at < last) continue;
    parts.push({ text: text.slice(last, at), marked: false }, { text: text.slice(at, at + length), marked: true });
    last = at + length;
  }
  return [...parts, { text: text.slice(last), marked: false }].filter((part) => part.text);
}

/**
 * The quotes in paragraphs: sentences that follow one another in the document stand in one.
 * @param {Quote[]} quotes
 */
export function paragraphs(quotes) {
  /** @type {Quote[]} */
  const found = [];
  for (const quote of quotes) {
    const last = found.at(-1);
    if (last && quote.start - last.end === 1) {
      last.text += " " + quote.text;
      last.end = quote.end;
    } else found.push({ ...quote });
  }
  return found.map((quote) => quote.text);
}

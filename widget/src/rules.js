/**
 * Recognises an emergency without the server, by the server's own rules (`faq-chat-rules.json`). The pattern language is
 * that of nlu/vocabulary.py. Fewer subtleties than on the server, and on the safe side: it rather alarms too often.
 *
 * @typedef {object} Rules
 * @property {Record<string, string>} words alternatives by the name that `@name` calls them by
 * @property {Record<string, string>} replace short and common wrong forms, and what stands for them
 * @property {Record<string, {patterns: string[], never?: string[]}>} facts
 * @property {{id: string, values: string[], text: string, source: string}[]} rules the most urgent first
 * @property {Record<string, string | null>} call
 * @property {{title: string, url: string, language: string, sections: {id: string, heading: string}[]}} article
 *
 * @typedef {{norm: string, start: number, end: number}} Word
 * @typedef {{words: string[], optional: boolean} | null} Element null stands for `..`
 */

/** Words that `..` may stand for at most. */
const GAP = 3;
/** Shorter words than this are matched only as they stand. */
const SHORTEST_FUZZY = 5;
const TOKEN = /\d+(?:[.,]\d+)?|\p{L}+(?:['’`´]\p{L}+)*|[^\p{L}\p{N}_\s]|\n/gu;
const DENIED = /^(no|not|without|never)$/;
/** Verbs that become one word with a "not" behind them, so that "is not" and "isn't" are the same. */
const CONTRACTED = /^(can|will|do|does|did|is|are|was|were|has|have|had|could|would|should)$/;

/**
 * @param {string} text
 * @param {Record<string, string>} replace
 */
export function wordsOf(text, replace) {
  /** @type {Word[]} */
  const found = [];
  for (const match of text.matchAll(TOKEN)) {
    const start = match.index;
    const end = start + match[0].length;
    if (match[0] === "-" && /\p{L}-\p{L}/u.test(text.slice(start - 1, end + 1))) continue;
    const bare = match[0].toLowerCase().replace(/['’`´]/g, "");
    for (const norm of (Object.hasOwn(replace, bare) ? replace[bare] : bare).split(" ")) {
      const before = found.at(-1);
      if (norm === "not" && before && CONTRACTED.test(before.norm)) {
        before.norm = { can: "cant", will: "wont" }[before.norm] ?? before.norm + "nt";
        before.end = end;
      } else found.push({ norm, start, end });
    }
  }
  return found;
}

/** @type {Record<string, Element[]>} */
const parsed = {};

/**
 * @param {string} pattern
 * @param {Record<string, string>} groups the same ones every time
 * @returns {Element[]}
 */
const parse = (pattern, groups) =>
  (parsed[pattern] ??= pattern.split(/\s+/).map((part) => {
    if (part === "..") return null;
    const optional = part.length > 1 && part.endsWith("?");
    const body = (optional ? part.slice(0, -1) : part).replace(/@(\w+)/g, (_, name) => groups[name]);
    return { words: body.split("|"), optional };
  }));

/**
 * Whether two words differ by one slip of the pen: a letter too many, too few, wrong, or two swapped.
 * @param {string} a
 * @param {string} b
 */
function isSlip(a, b) {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at++;
  const [x, y] = [a.slice(at), b.slice(at)];
  const [short, shorter] = [x.slice(1), y.slice(1)];
  return short === y || x === shorter || short === shorter || x[1] + x[0] + x.slice(2) === y;
}

/**
 * @param {string[]} words
 * @param {string} word
 */
const accepts = (words, word) =>
  words.some(
    (one) =>
      one === word ||
      (one.length > 1 && one.endsWith("*") && word.startsWith(one.slice(0, -1))) ||
      (one.length >= SHORTEST_FUZZY && Math.abs(one.length - word.length) < 2 && isSlip(one, word)),
  );

/**
 * The place behind the longest match from one word on, or -1.
 * @param {Element[]} pattern
 * @param {string[]} words
 * @param {number} at
 * @param {number} [place] in the pattern
 * @returns {number}
 */
function matchAt(pattern, words, at, place = 0) {
  if (place === pattern.length) return at;
  const first = pattern[place];
  let end = -1;
  if (!first) {
    for (let length = 0; length <= GAP; length++) {
      if (length && !/^[\p{L}\p{N}]/u.test(words[at + length - 1] ?? "")) break;
      end = Math.max(end, matchAt(pattern, words, at + length, place + 1));
    }
    return end;
  }
  if (at < words.length && accepts(first.words, words[at])) end = matchAt(pattern, words, at + 1, place + 1);
  return first.optional ? Math.max(end, matchAt(pattern, words, at, place + 1)) : end;
}

/**
 * What a message states: the longest match where several overlap; of equal ones that of `never` wins and hides it.
 * @param {Word[]} words
 * @param {Rules} rules
 */
export function factsIn(words, rules) {
  const norms = words.map((word) => word.norm);
  /** @type {{entry: string, start: number, end: number}[]} */
  const found = [];
  for (const [name, { patterns, never = [] }] of Object.entries(rules.facts)) {
    for (const [entry, texts] of /** @type {[string, string[]][]} */ ([[name, patterns], ["", never]])) {
      for (const text of texts) {
        const pattern = parse(text, rules.words);
        for (let start = 0; start < norms.length; start++) {
          const end = matchAt(pattern, norms, start);
          if (end > start) found.push({ entry, start, end });
        }
      }
    }
  }
  found.sort((a, b) => a.start - a.end - b.start + b.end || Number(!!a.entry) - Number(!!b.entry) || a.start - b.start);
  /** @type {typeof found} */
  const kept = [];
  for (const match of found) {
    if (kept.every((other) => match.end <= other.start || other.end <= match.start)) kept.push(match);
  }
  return kept.filter(({ entry, start }) => entry && !DENIED.test(norms[start - 1] ?? ""));
}

/**
 * The alarm that a message asks for, as an entry of the conversation.
 * @param {string} text
 * @param {Rules} rules
 * @returns {import("./conversation.js").Entry | undefined}
 */
export function alarm(text, rules) {
  const words = wordsOf(text, rules.replace);
  const facts = factsIn(words, rules).sort((a, b) => a.start - b.start);
  const rule = rules.rules.find(({ values }) => facts.some(({ entry }) => values.includes(entry)));
  if (!rule) return undefined;
  const because = facts
    .filter(({ entry }) => rule.values.includes(entry))
    .map(({ start, end }) => text.slice(words[start].start, words[end - 1].end));
  return {
    role: "assistant",
    local: true,
    text: rule.text.replace("{because}", () => because.map((one) => `“${one}”`).join(", ")),
    custom: { type: "emergency", doctor: { because, source: rule.source, call: rules.call } },
    buttons: [],
  };
}

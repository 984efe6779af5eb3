/** Finds sentences in the page's article and highlights them, without a change to the page's own nodes. */

const NAME = "faq-chat";
/** @type {CSSStyleSheet | undefined} */
let sheet;

/**
 * The place of a sentence in an element, whatever tags or line breaks lie in it.
 * @param {Element} root
 * @param {string} sentence
 */
export function locate(root, sentence) {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  /** @type {[Text, number][]} */
  const places = [];
  let text = "";
  for (let node; (node = /** @type {Text | null} */ (walker.nextNode())); ) {
    if (node.parentElement?.closest("script, style, noscript")) continue;
    for (let at = 0; at < node.data.length; at++) {
      if (/\s/.test(node.data[at])) continue;
      text += node.data[at];
      places.push([node, at]);
    }
  }
  const wanted = sentence.replace(/\s/g, "");
  const start = wanted ? text.indexOf(wanted) : -1;
  if (start < 0) return null;
  const [first, last] = [places[start], places[start + wanted.length - 1]];
  const range = document.createRange();
  range.setStart(...first);
  range.setEnd(last[0], last[1] + 1);
  return range;
}

/**
 * Scrolls to the first range, moves the focus to its paragraph and highlights all.
 * @param {Range[]} ranges
 */
export function show(ranges) {
  const [first] = ranges;
  const box = /** @type {HTMLElement} */ (first.startContainer.parentElement);
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  if (box.tabIndex < 0 && !box.hasAttribute("tabindex")) {
    box.tabIndex = -1;
    box.addEventListener("blur", () => box.removeAttribute("tabindex"), { once: true });
  }
  box.focus({ preventScroll: true });
  const { top, height } = first.getBoundingClientRect();
  scrollTo({ top: scrollY + top - Math.max(80, (innerHeight - height) / 3), behavior: calm ? "auto" : "smooth" });
  if (!CSS.highlights) {
    const selection = /** @type {Selection} */ (getSelection());
    selection.removeAllRanges();
    selection.addRange(first);
    return;
  }
  if (!sheet) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(
      `::highlight(${NAME}){background-color:var(--faq-chat-highlight,#ffe08a);color:var(--faq-chat-on-highlight,#1b1f24)}`,
    );
    document.adoptedStyleSheets.push(sheet);
  }
  CSS.highlights.set(NAME, new Highlight(...ranges));
}

/**
 * An address that makes the browser scroll to a sentence, if there is one, and highlight it.
 * @param {string} url
 * @param {string} sentence
 */
export function fragment(url, sentence) {
  if (!sentence) return url;
  const code = (/** @type {string[]} */ words) => encodeURIComponent(words.join(" ")).replace(/-/g, "%2D");
  const words = sentence.split(/\s+/);
  const text = words.length > 10 ? `${code(words.slice(0, 5))},${code(words.slice(-5))}` : code(words);
  return `${url}${url.includes("#") ? "" : "#"}:~:text=${text}`;
}

// What stands in the conversation, as a list of [who or what kind, text, remark].
(host) => {
  const flat = (nodes) => [...nodes].map((node) => node.textContent).join(" ").replace(/\s+/g, " ").trim();
  return [...host.shadowRoot.querySelectorAll("ol > li")].flatMap((line) => {
    if (line.querySelector(":scope > ul:not(.buttons)")) return [];
    const kind = line.className.replace("assistant", "").trim();
    const quotes = line.querySelectorAll("blockquote p");
    const texts = quotes.length ? quotes : line.querySelectorAll("p[dir]:not(details p, .from, .show)");
    const small = kind === "reader" ? flat(line.querySelectorAll("small")) : "";
    return [[kind, kind === "note" ? flat([line]) : flat(texts), small]];
  });
}

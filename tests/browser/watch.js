// Runs in each page before anything else of it: keeps what a screen reader would be told, what the policy forbade,
// and what moved.
(() => {
  const seen = (window.seen = { told: [], forbidden: [], shifts: [], painted: 0 });
  addEventListener("securitypolicyviolation", ({ effectiveDirective, blockedURI, sourceFile }) =>
    seen.forbidden.push(`${effectiveDirective} ${blockedURI} ${sourceFile}`),
  );
  new PerformanceObserver((list) => {
    for (const { value, hadRecentInput, sources } of list.getEntries()) {
      const nodes = sources.map(({ node }) => node?.nodeName ?? "");
      seen.shifts.push({ value, hadRecentInput, nodes });
    }
  }).observe({ type: "layout-shift", buffered: true });

  // A log tells what is added, an alert and a status all they hold, once it has changed.
  const before = new WeakMap();
  function hear(records) {
    for (const { target, addedNodes } of records) {
      const element = target.nodeType === Node.ELEMENT_NODE ? target : target.parentElement;
      const region = element?.closest("[role=log], [role=alert], [role=status], [aria-live]");
      if (!region?.checkVisibility()) continue;
      if (region.getAttribute("role") === "log") {
        for (const node of addedNodes) if (node.nodeType !== Node.COMMENT_NODE) tell("log", node.textContent);
      } else {
        const text = region.textContent.trim();
        if (text && before.get(region) !== text) tell(region.getAttribute("role"), text);
        before.set(region, text);
      }
    }
  }
  const tell = (role, text) => seen.told.push([role, text.replace(/\s+/g, " ").trim()]);

  const attach = Element.prototype.attachShadow;
  Element.prototype.attachShadow = function (options) {
    const root = attach.call(this, options);
    new MutationObserver(hear).observe(root, { subtree: true, childList: true, characterData: true });
    new MutationObserver((_, observer) => {
      if (!root.querySelector(".launcher")) return;
      observer.disconnect();
      requestAnimationFrame(() => setTimeout(() => (seen.painted = performance.now())));
    }).observe(root, { childList: true });
    return root;
  };
})();

/** Registers the element, and puts one on the page that embeds the script. */
import { ATTRIBUTES } from "./reference.js";
import { FaqChat, setServer } from "./element.js";

const script = /** @type {HTMLScriptElement | null} */ (document.currentScript);
if (script?.src) setServer(new URL(".", script.src).href);
if (!customElements.get("faq-chat")) customElements.define("faq-chat", FaqChat);

function embed() {
  const there = document.querySelector("faq-chat");
  const element = there ?? document.createElement("faq-chat");
  for (const name of ATTRIBUTES) {
    const value = script?.dataset[name];
    if (value !== undefined && !element.hasAttribute(name)) element.setAttribute(name, value);
  }
  if (!there) document.body.append(element);
}

if (script) document.body ? embed() : addEventListener("DOMContentLoaded", embed);

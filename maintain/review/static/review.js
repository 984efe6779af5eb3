// Keys for what the forms of the page do. Without this file everything still works by mouse, touch and Tab.
"use strict";

const digits = /^[1-9]$/;
let leaving = false; // a key pressed again while the next page loads must not decide twice
let pair = null; // the intents chosen since "d" was pressed, null when it was not

const press = (selector) => document.querySelector(selector)?.click();
const move = (step) => {
  const links = [...document.querySelectorAll(".list a")];
  const place = links.findIndex((link) => link.hasAttribute("aria-current"));
  links[place + step]?.click();
};

const hint = (text) => {
  const place = document.getElementById("two-hint");
  if (place) place.textContent = text;
  document.getElementById("two")?.classList.toggle("waiting", text !== "");
};

const choose = (digit) => {
  const button = document.querySelector(`[data-key="${digit}"].topic`);
  if (!button) return hint(`${digit} is no topic`);
  pair.push(button.dataset.intent);
  const [first, second] = pair;
  const form = document.getElementById("decide");
  form.elements.first.value = first;
  if (!second) return hint(`${first} and …`);
  form.elements.second.value = second;
  pair = null;
  press('[name="action"][value="two"]');
};

const actions = {
  j: () => move(1),
  k: () => move(-1),
  d: () => {
    if (!document.getElementById("two")) return;
    pair = [];
    hint("press the keys of two topics");
  },
  e: () => document.getElementById("phrase")?.focus(),
  y: () => press("#confirm"),
  "/": () => document.getElementById("words")?.focus(),
  "?": () => {
    const help = document.getElementById("help");
    if (!help) return;
    help.open = !help.open;
    help.scrollIntoView({ block: "nearest" });
    help.querySelector("summary").focus();
  },
  Escape: () => {
    pair = null;
    hint("");
  },
};

document.addEventListener("keydown", (event) => {
  if (event.repeat && !["j", "k"].includes(event.key)) return;
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const typing = event.target.closest("input, textarea, select");
  if (typing) {
    if (event.key === "Escape") typing.blur();
    return;
  }
  const run = pair && digits.test(event.key) ? () => choose(event.key) : (actions[event.key] ?? shortcut(event.key));
  if (!run) return;
  event.preventDefault();
  run();
});

function shortcut(key) {
  const button = /^[a-z1-9]$/.test(key) ? document.querySelector(`[data-key="${key}"]`) : null;
  return button && !leaving ? () => button.click() : null;
}

document.addEventListener("submit", () => setTimeout(() => (leaving = true)));
window.addEventListener("pageshow", () => (leaving = false));
document.getElementById("current")?.scrollIntoView({ block: "nearest" });

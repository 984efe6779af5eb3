// The chat on the demo page. Whatever comes from the server is put in as text, never as HTML.
"use strict";

const KEY = "faq-chat-session";
const log = document.getElementById("log");
const state = document.getElementById("state");
const form = document.getElementById("form");
const input = document.getElementById("text");

class Failure extends Error {
  constructor(status, sentence) {
    super(sentence);
    this.status = status;
  }
}

function element(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text) node.textContent = text;
  return node;
}

async function call(method, path, body) {
  const headers = {};
  const session = sessionStorage.getItem(KEY);
  if (session) headers.Authorization = `Bearer ${session}`;
  if (body) headers["Content-Type"] = "application/json";
  let response;
  try {
    response = await fetch(`/chat${path}`, { method, headers, body: body && JSON.stringify(body) });
  } catch {
    throw new Failure(0, "There is no connection. Please try again.");
  }
  const answer = response.status === 204 ? {} : await response.json().catch(() => ({}));
  if (!response.ok) throw new Failure(response.status, answer.detail || "Something went wrong. Please try again.");
  return answer;
}

function showQuotes(box, source) {
  for (const quote of source.quotes) box.append(element("blockquote", "", quote.text));
  const line = element("p", "source", "From: ");
  const link = element("a", "", source.heading);
  link.href = `#${encodeURIComponent(source.section)}`;
  line.append(link);
  const whole = element("details");
  whole.append(element("summary", "", "Read the whole section"), element("p", "", source.section_text));
  box.append(line, whole);
}

function showButtons(box, buttons) {
  const row = element("div", "buttons");
  for (const button of buttons) {
    const node = element("button", "", button.title);
    node.type = "button";
    node.addEventListener("click", () => say({ payload: button.payload }, button.title));
    row.append(node);
  }
  box.append(row);
}

const LABELS = { doctor: "See a doctor", emergency: "Get help now" };

function showReply({ text, custom, buttons }) {
  const box = element("div", `message ${custom.type in LABELS ? custom.type : ""}`);
  box.append(element("span", "visually-hidden", "Assistant:"));
  if (custom.type in LABELS) box.append(element("p", "label", LABELS[custom.type]));
  if (custom.source && custom.source.quotes.length) showQuotes(box, custom.source);
  else box.append(element("p", "", text));
  if (buttons.length) showButtons(box, buttons);
  log.append(box);
}

function showReader(text) {
  const box = element("div", "message reader");
  box.append(element("span", "visually-hidden", "You:"), element("p", "", text));
  log.append(box);
}

function showAll(messages) {
  for (const message of messages) message.role === "reader" ? showReader(message.text) : showReply(message);
  log.scrollTop = log.scrollHeight;
}

async function start() {
  sessionStorage.removeItem(KEY);
  const { session, messages } = await call("POST", "/session");
  sessionStorage.setItem(KEY, session);
  log.replaceChildren();
  showAll(messages);
}

async function resume() {
  if (!sessionStorage.getItem(KEY)) return start();
  try {
    const { messages } = await call("GET", "/messages");
    log.replaceChildren();
    showAll(messages);
  } catch (failure) {
    if (failure.status !== 401 && failure.status !== 404) throw failure;
    await start();
  }
}

function working(yes) {
  for (const node of document.querySelectorAll("#chat button")) node.disabled = yes;
  log.setAttribute("aria-busy", String(yes));
  if (yes) state.textContent = "One moment …";
}

async function attempt(work) {
  working(true);
  try {
    await work();
    state.textContent = "";
    return true;
  } catch (failure) {
    if (failure.status === 401 || failure.status === 404) sessionStorage.removeItem(KEY);
    state.textContent = failure.message;
    return false;
  } finally {
    working(false);
  }
}

// randomUUID needs https or localhost; a phone on the local network has neither.
function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

let unanswered = null;

async function say(what, shown) {
  if (log.getAttribute("aria-busy") === "true") return false;
  // The same words after a failure go out under the same id, so that nothing is answered twice.
  const again = unanswered && unanswered.shown === shown;
  if (!again) unanswered = { shown, body: { id: newId(), ...what } };
  const done = await attempt(async () => {
    if (!sessionStorage.getItem(KEY)) await start();
    const { messages } = await call("POST", "/messages", unanswered.body);
    showReader(shown);
    showAll(messages);
    unanswered = null;
  });
  if (done) input.focus();
  return done;
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const text = input.value;
  if (text.trim() && (await say({ text }, text))) input.value = "";
});

input.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  form.requestSubmit();
});

document.getElementById("erase").addEventListener("click", () =>
  attempt(async () => {
    if (sessionStorage.getItem(KEY)) await call("DELETE", "/session");
    await start();
    input.focus();
  }),
);

attempt(resume);

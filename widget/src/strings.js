/** All words of the widget in English. A strings file may replace any of them; `{…}` is filled in. */
export const ENGLISH = {
  lang: "en",
  dir: "ltr",
  launcher: "Ask about this article",
  unread: "New answer",
  subtitle: "Answers in the article’s own words",
  close: "Close",
  options: "Options",
  conversation: "Conversation",
  question: "Your question",
  placeholder: "Type your question …",
  send: "Send",
  you: "You",
  assistant: "Assistant",
  from: "From the section",
  show: "Show in the article",
  newTab: "opens in a new tab",
  whole: "Read the whole section",
  doctor: "Talk to a doctor",
  emergency: "Get help now",
  call: "Call {number}",
  source: "Source:",
  helpful: "Was this helpful?",
  yes: "Yes",
  no: "No",
  reason: "Why? (optional, no personal details please)",
  thanks: "Thank you for telling us.",
  working: "Looking in the article …",
  slow: "This takes longer than usual. Your question is not lost.",
  unsent: "Not sent yet",
  again: "Try again",
  down: "The assistant cannot answer just now. What you write is kept and sent as soon as possible.",
  many: "That was a lot at once. It goes on by itself in a moment.",
  long: "This message is too long. It is back in the text field.",
  refused: "This message could not be sent. It is back in the text field.",
  foreign: "This website is not allowed to use the assistant.",
  urgent: "If it is urgent, call your local emergency number or a doctor.",
  read: "Meanwhile, read it in the article:",
  gone: "The earlier conversation has ended. A new one begins here.",
  deleted: "Your conversation has been deleted. Nothing of it is kept.",
  failed: "That did not work just now. Please try again.",
  copy: "Copy the conversation",
  copied: "The conversation is copied.",
  print: "Print it, to take to your doctor",
  fresh: "New conversation",
  erase: "Delete my conversation",
  eraseAsk: "Delete the conversation for good?",
  eraseYes: "Yes, delete it",
  eraseNo: "No, keep it",
  about: "An automated assistant that quotes an article, not a doctor.",
};

/**
 * @param {string} text with `{name}` places
 * @param {Record<string, string>} values
 */
export const fill = (text, values) => text.replace(/\{(\w+)\}/g, (place, name) => values[name] ?? place);

/**
 * Text from either side as it may be shown: signs that turn the direction of writing around are taken out.
 * @param {string} text
 */
export const plain = (text) => String(text ?? "").replace(/[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, "");

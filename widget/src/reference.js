/** What a page can set and hear. docs/widget.md describes it, and tests/channels/test_widget_build.py compares the two. */

export const ATTRIBUTES = ["server", "strings", "lang", "dir", "position", "theme", "article", "open"];

export const EVENTS = ["faq-chat-open", "faq-chat-close", "faq-chat-answer", "faq-chat-error"];

// @ts-check
// Writing: reply and note apart, drafts saved as you type, sending that stops when the conversation moved on.

import { byId, hear, post, tell } from "./fragment.js";
import { refresh, shown } from "./conversation.js";
import { clear as clearCopies, copies, wrong } from "./copies.js";
import { attached, clear, stopped } from "./files.js";
import { choices, clear as clearOffers, missing, template, templating } from "./offers.js";
import { channel, way } from "./ways.js";

/** @type {Record<string, string>} */
let texts = { reply: "", note: "" };
let kind = "reply";
let key = "";
let used = "";
/** @type {ReturnType<typeof setTimeout> | undefined} */
let saving;
let unsaved = false;
const form = () => byId("composer");
const area = () => byId("text");

export function start() {
  document.addEventListener("submit", (event) => { if (event.target === form()) { event.preventDefault(); send(); } });
  document.addEventListener("input", (event) => { if (event.target === area()) typed(); });
  document.addEventListener("click", (event) => {
    const tab = /** @type {HTMLElement | null} */ (/** @type {HTMLElement} */ (event.target).closest?.("[data-kind]"));
    if (tab) write(tab.dataset.kind || "reply");
  });
  document.addEventListener("keydown", (event) => {
    if (form()?.contains(/** @type {Node} */ (event.target)) && event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.isComposing) { event.preventDefault(); send(); }
    const tab = /** @type {HTMLElement} */ (event.target);
    if (tab.role === "tab" && (event.key === "ArrowRight" || event.key === "ArrowLeft")) write(kind === "reply" ? "note" : "reply", true);
  });
  hear("opened", load);
  hear("leaving", () => { if (unsaved) save(); });
  hear("suggestion", suggest);
  hear("mode", label);
  addEventListener("pagehide", () => { if (unsaved) save(); });
  addEventListener("online", () => { if (unsaved) save(); });
  load();
}

function load() {
  kind = "reply";
  used = "";
  key = crypto.randomUUID();
  if (!form()) return;
  texts = { reply: area().dataset.reply || "", note: area().dataset.note || "" };
  const local = localStorage.getItem(place());
  if (local) { texts = { ...texts, ...JSON.parse(local) }; unsaved = true; later(); }
  area().value = texts.reply;
  tell("written");
  label();
}

/** What the button says, and what can be typed into. */
function label() {
  if (!form()) return;
  const noting = kind === "note";
  const shut = !noting && (templating() || form().classList.contains("shut"));
  area().disabled = shut;
  form().querySelector("[data-label]").textContent = noting ? "Add note" : templating() ? "Send template" : "Send";
  form().querySelector("[type=submit]").disabled = !noting && form().classList.contains("shut");
}

const place = () => `draft:${shown()?.id}`;

function typed() {
  texts[kind] = area().value;
  unsaved = true;
  localStorage.setItem(place(), JSON.stringify({ [kind]: texts[kind] }));
  byId("saved").textContent = "";
  later();
}

function later() {
  clearTimeout(saving);
  saving = setTimeout(save, 800);
}

async function save() {
  clearTimeout(saving);
  const here = shown();
  if (!here || !form()) return;
  unsaved = false;
  const spot = place();
  try {
    await post(`/desk/conversations/${here.id}/draft`, { kind, text: texts[kind] });
    localStorage.removeItem(spot);
    if (byId("saved") && shown()?.id === here.id) byId("saved").textContent = texts[kind].trim() ? "Draft saved" : "";
  } catch {
    unsaved = true;
    if (byId("saved")) byId("saved").textContent = "Draft kept on this device";
  }
}

/** Puts the caret into the reply or the note. @param {string} next @param {boolean} [stay] */
export function write(next, stay = false) {
  if (!form()) return;
  if (unsaved && next !== kind) save();
  texts[kind] = area().value;
  kind = next;
  area().value = texts[kind];
  form().classList.toggle("noting", kind === "note");
  for (const tab of form().querySelectorAll("[data-kind]")) {
    const on = tab.dataset.kind === kind;
    tab.setAttribute("aria-selected", String(on));
    tab.tabIndex = on ? 0 : -1;
    if (on && stay) tab.focus();
  }
  area().placeholder = kind === "note" ? "Write a note for your team" : `Write to ${shown()?.name}`;
  byId("panel").setAttribute("aria-labelledby", `tab-${kind}`);
  area().setAttribute("aria-label", kind === "note" ? "Note for your team" : `Reply to ${shown()?.name}`);
  label();
  tell("written");
  if (!stay) (area().disabled ? byId("templates").querySelector("select") : area())?.focus();
}

/** Puts text in front of the agent, to be checked and sent. @param {string} text */
export function insert(text) {
  if (!form()) return;
  write("reply");
  area().value = area().value.trim() ? `${area().value.trimEnd()}\n\n${text}` : text;
  typed();
  area().scrollTop = area().scrollHeight;
  tell("written");
}

export function insertDraft() {
  const draft = byId("draft-text");
  if (!draft) return;
  used = form().dataset.draft || "";
  insert(draft.content.textContent || "");
}

export function discardDraft() {
  byId("ai")?.remove();
}

/** @param {HTMLElement | null} bar */
function suggest(bar) {
  if (bar && form() && !byId("ai") && !area().value) form().querySelector(".top").after(bar);
}

async function send() {
  const here = shown();
  const [text, was] = [area().value, kind];
  const files = was === "reply" ? attached() : [];
  if (!here || form().hasAttribute("aria-busy") || (was === "reply" && cannot())) return;
  if (!text.trim() && !files.length && !(was === "reply" && templating())) return;
  clearTimeout(saving);
  form().setAttribute("aria-busy", "true");
  byId("unsent").hidden = true;
  try {
    const answer = was === "note"
      ? await post(`/desk/conversations/${here.id}/notes`, { text, key })
      : await post(`/desk/conversations/${here.id}/replies`, said(here, text, files));
    if (was === "reply") { clear(); clearOffers(); clearCopies(); }
    sent(was, here, answer);
  } catch (error) {
    failed(/** @type {any} */ (error));
  } finally {
    form()?.removeAttribute("aria-busy");
  }
}

/** @param {{sequence: number}} here @param {string} text @param {string[]} files */
function said(here, text, files) {
  const cc = copies();
  const known = { key, after: here.sequence, channel: channel(), ...(cc ? { cc } : {}) };
  if (templating()) return { ...known, text: "", template: template() };
  const offered = byId("choices").hidden ? [] : choices();
  const subject = way()?.subject === null ? "" : form().elements.subject.value.trim();
  return { ...known, text, draft_id: used || null, attachments: files, ...(offered.length ? { choices: offered } : {}), ...(subject ? { subject } : {}) };
}

/** Says what is in the way, and goes there. */
function cannot() {
  if (form().classList.contains("shut")) return true;
  if (templating()) {
    if (!template()) return true;
    const field = missing();
    if (!field) return false;
    unsent("Not sent: fill in every value first.");
    field.focus();
    return true;
  }
  const copy = wrong();
  if (copy) { unsent(`Not sent: ${copy}`); byId("copies").querySelector("input").focus(); return true; }
  const file = stopped();
  if (file) unsent(`Not sent: take out ${file} first, or use another channel.`);
  return !!file;
}

/** @param {string} text */
function unsent(text) {
  byId("unsent").textContent = text;
  byId("unsent").hidden = false;
  tell("alert", text);
}

/** @param {string} was @param {{id: string}} here @param {any} answer */
function sent(was, here, answer) {
  texts[was] = "";
  unsaved = false;
  localStorage.removeItem(`draft:${here.id}`);
  key = crypto.randomUUID();
  if (shown()?.id !== here.id || !form()) return;
  area().value = kind === was ? "" : texts[kind];
  byId("saved").textContent = "";
  form().elements.subject.value = "";
  tell("written");
  if (was === "reply") { discardDraft(); tell("sent", { message: answer.message_id, undo: answer.undo_s }); }
  refresh();
}

/** @param {any} error */
function failed(error) {
  const lead = error.status === 409 ? "Not sent, your text is kept." : error.status ? "Not sent." : "Not sent: no connection. Your text is kept.";
  unsent(error.status ? `${lead} ${error.message}` : lead);
  if (error.status === 409) refresh();
  if (error.status === 401) tell("signed-out");
}

// @ts-check
// What the chosen channel can carry: its window, its trouble, its limits, told before anything is sent.

import { byId, hear, tell } from "./fragment.js";

/** @typedef {{kind: string, most: number, types: string[]}} Rule */
/** @typedef {{title: string, window: string, changes: string | null, notice: string, trouble: string, stopped: boolean, limit: number | null, unit: string, templates: boolean, subject: string | null, files: Rule[], filesTold: string, choices: number, titles: number, rows: boolean, choicesTold: string, public: boolean, to: string, copies: string[] | null, most: number}} Way */
/** @type {{ways: Record<string, Way>, language: string, name: string}} */
let known = { ways: {}, language: "", name: "" };
/** @type {ReturnType<typeof setTimeout> | undefined} */
let turning;
const LONGEST_TIMER = 2 ** 31 - 1;
const form = () => byId("composer");

export function start() {
  document.addEventListener("change", (event) => { if (/** @type {HTMLSelectElement} */ (event.target).name === "channel") tell("ways"); });
  hear("opened", read);
  hear("ways", (fresh) => { if (fresh) read(); else show(); });
  read();
}

export const channel = () => form()?.elements.channel.value || "";
/** @returns {Way | undefined} */
export const way = () => known.ways[channel()];
/** @param {string} name @returns {Way | undefined} */
export const wayOf = (name) => known.ways[name];
export const language = () => known.language;
export const customer = () => known.name;

/** The data came with the page, or anew after something changed. */
function read() {
  if (!form()) return;
  known = JSON.parse(form().dataset.ways || "null") || known;
  const select = form().elements.channel;
  const listed = new Set([...select.options].map((option) => option.value));
  for (const [name, one] of Object.entries(known.ways)) if (!listed.has(name)) select.add(new Option(`${one.title} to ${known.name}`, name));
  show();
}

function show() {
  const now = way();
  if (!form() || !now) return;
  form().dataset.window = now.window;
  say("way-notice", now.notice, now.window === "closed" || now.public);
  say("way-trouble", now.trouble, true);
  byId("way-trouble").classList.toggle("bad", now.stopped);
  const line = byId("subject-line");
  if (line.hidden !== (now.subject === null)) line.querySelector("input").value = "";
  line.hidden = now.subject === null;
  line.querySelector("input").placeholder = now.subject || "Your message to us";
  byId("attach").hidden = !now.files.length;
  byId("files-told").textContent = now.filesTold;
  byId("attach").title = now.filesTold || "Attach files";
  turn(now.changes);
  tell("way", now);
}

/** @param {string} id @param {string} text @param {boolean} loud */
function say(id, text, loud) {
  const box = byId(id);
  const words = box.querySelector("span");
  if (words.textContent !== text) words.textContent = text;
  box.hidden = !text;
  box.classList.toggle("loud", loud);
}

/** When the window closes while somebody writes, the page asks how things stand. @param {string | null} at */
function turn(at) {
  clearTimeout(turning);
  const wait = at ? Date.parse(at) - Date.now() + 1000 : 0;
  if (wait > 0 && wait < LONGEST_TIMER) turning = setTimeout(() => tell("stale"), wait);
}

/** How much of the channel's limit the text uses. @param {string} text @param {string} unit */
export const sizeOf = (text, unit) => {
  if (unit === "bytes") return new TextEncoder().encode(text).length;
  return unit === "weighted" ? weightOf(text) : [...text].length;
};

/** As X counts a post: a link 23, what is not Latin or its like two. @param {string} text */
const weightOf = (text) =>
  [...text.replace(/https?:\/\/\S{1,4000}/gi, "x".repeat(23))].reduce((sum, one) => sum + ((one.codePointAt(0) ?? 0) <= 4351 ? 1 : 2), 0);

/** Why this file cannot go out over the channel; empty: it can. @param {{type: string, size: number}} file */
export function refusal(file, now = way()) {
  if (!now) return "";
  if (!now.files.length) return now.filesTold;
  const type = file.type || "application/octet-stream";
  const family = type.split("/")[0];
  const kind = ["image", "video", "audio"].includes(family) ? family : "file";
  const taken = (/** @type {Rule} */ rule) => !rule.types.length || rule.types.some((name) => type === name || (name.endsWith("/") && type.startsWith(name)));
  const fitting = now.files.filter((rule) => taken(rule) && (rule.kind === kind || rule.kind === "document" || rule.kind === "file"));
  if (!fitting.length) return `${now.title} does not carry files of this kind. ${now.filesTold}`;
  const most = Math.max(...fitting.map((rule) => rule.most));
  return file.size > most ? `${told(file.size)} is too large: ${now.title} carries at most ${told(most)}.` : "";
}

/** @param {number} bytes */
export const told = (bytes) => (bytes >= 1_048_576 ? `${(bytes / 1_048_576).toFixed(1).replace(".0", "")} MB` : `${Math.max(1, Math.floor(bytes / 1024))} KB`);

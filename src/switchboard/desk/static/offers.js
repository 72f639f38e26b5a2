// @ts-check
// What goes along with words: answers to tap and approved templates, with a preview of what the customer will see.

import { byId, hear, page, post, tell } from "./fragment.js";
import { channel, customer, language, sizeOf, way } from "./ways.js";

/** @typedef {{name: string, language: string, category: string, header: string, text: string, footer: string, variables: string[]}} Template */
/** @type {Record<string, Template[]>} */
const lists = {};
/** @type {Template | null} */
let chosen = null;
let asked = 0;
let parts = 1;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let waiting;
const form = () => byId("composer");
const list = () => byId("choices")?.querySelector("ol");

export function start() {
  document.addEventListener("click", onClick);
  document.addEventListener("input", (event) => { if (/** @type {HTMLElement} */ (event.target).closest?.("#composer")) changed(event); });
  document.addEventListener("keydown", onKey);
  hear("way", arrived);
  hear("opened", clear);
  hear("written", look);
  const now = way();
  if (now) arrived(now);
}

/** The answers to tap, those with a title. */
export const choices = () => [...(list()?.children || [])].map((row) => {
  const [title, description] = [...row.querySelectorAll("input")].map((input) => input.value.trim());
  return { title, ...(description ? { description } : {}) };
}).filter((one) => one.title);

export const templating = () => !!form()?.classList.contains("templating");

/** The chosen template with its values; null: words of one's own. */
export function template() {
  if (!templating() || !chosen) return null;
  return { name: chosen.name, language: chosen.language, variables: values() };
}

/** The field that still needs a value. @returns {HTMLInputElement | undefined} */
export const missing = () => [...byId("templates").querySelectorAll("input")].find((input) => !input.value.trim());

export function clear() {
  chosen = null;
  if (!form()) return;
  list().replaceChildren();
  byId("choices").hidden = true;
  byId("add-choices").setAttribute("aria-expanded", "false");
  show(false);
  const now = way();
  if (now) arrived(now);
}

/** The channel was chosen, or how it stands has changed. @param {import("./ways.js").Way} now */
function arrived(now) {
  const closed = now.window === "closed";
  byId("use-template").hidden = !now.templates || closed;
  byId("add-choices").hidden = closed;
  byId("choices-told").textContent = now.choicesTold;
  for (const input of list().querySelectorAll("input.title")) input.maxLength = now.titles;
  if (closed) byId("choices").hidden = true;
  show(now.templates && (closed || templating()));
  look();
}

/** @param {boolean} on */
function show(on) {
  const was = templating();
  form().classList.toggle("templating", on);
  byId("use-template").setAttribute("aria-expanded", String(on));
  byId("templates").hidden = !on;
  const shut = way()?.window === "closed" && !on;
  form().classList.toggle("shut", shut);
  if (on && (!was || byId("templates").dataset.channel !== channel())) pick();
  tell("mode");
}

/** @param {MouseEvent} event */
function onClick(event) {
  const target = /** @type {HTMLElement} */ (event.target);
  const doing = /** @type {HTMLElement | null} */ (target.closest?.("#composer [data-do]"))?.dataset.do;
  if (doing === "choices") toggle();
  if (doing === "choice") add();
  if (doing === "template") { show(!templating()); if (!templating()) byId("text").focus(); }
  if (doing === "fetch-templates") fetchAnew();
  const drop = target.closest?.("[data-drop-choice]");
  if (drop) { drop.closest("li")?.remove(); look(); byId("choices").querySelector("[data-do=choice]").focus(); limit(); }
}

/** Opens the templates of a channel, for a message that its window has stopped. @param {string} name */
export function openTemplates(name) {
  form().elements.channel.value = name;
  tell("ways");
  show(true);
}

function toggle() {
  const box = byId("choices");
  box.hidden = !box.hidden;
  byId("add-choices").setAttribute("aria-expanded", String(!box.hidden));
  if (!box.hidden && !list().children.length) add();
  look();
}

function add() {
  const now = way();
  if (!now || list().children.length >= most()) return;
  const place = list().children.length + 1;
  const row = document.createElement("li");
  row.append(field(`Answer ${place}`, now.titles, "title"));
  if (now.rows) row.append(field(`Description of answer ${place}`, 72, "", "Description, if wanted"));
  const drop = document.createElement("button");
  Object.assign(drop, { type: "button", className: "b q thin", textContent: "Remove", ariaLabel: `Remove answer ${place}` });
  drop.dataset.dropChoice = "";
  row.append(drop);
  list().append(row);
  row.querySelector("input").focus();
  limit();
}

const most = () => way()?.choices || 10;

function limit() {
  byId("choices").querySelector("[data-do=choice]").disabled = list().children.length >= most();
}

/** @param {string} label @param {number} longest @param {string} className @param {string} [hint] */
function field(label, longest, className, hint = label) {
  const input = document.createElement("input");
  Object.assign(input, { type: "text", maxLength: longest, className, placeholder: hint, ariaLabel: label, autocomplete: "off", dir: "auto" });
  return input;
}

/** Enter in an answer goes on to the next. @param {KeyboardEvent} event */
function onKey(event) {
  const target = /** @type {HTMLElement} */ (event.target);
  if (event.key !== "Enter" || event.isComposing || event.ctrlKey || event.metaKey || !target.matches?.("#choices input, #templates input, #subject-line input")) return;
  event.preventDefault();
  const all = [.../** @type {HTMLElement} */ (target.closest("#choices, #templates, #subject-line")).querySelectorAll("input")];
  const next = all[all.indexOf(/** @type {HTMLInputElement} */ (target)) + 1];
  if (next) next.focus();
  else if (target.closest("#choices")) add();
  else if (target.closest("#subject-line")) byId("text").focus();
}

/** @param {Event} event */
function changed(event) {
  const target = /** @type {HTMLElement} */ (event.target);
  if (target.closest("#templates")) return draw();
  if (target.closest("#choices") || target.id === "text") look();
}

/** Counts, and asks for a preview where what goes out is not simply what was typed. */
function look() {
  const [now, text] = [way(), byId("text")?.value || ""];
  if (!form() || !now) return;
  const used = sizeOf(text.trim(), now.unit);
  const over = now.limit !== null && used > now.limit;
  const free = !templating() && !form().classList.contains("noting");
  count(now, used, free);
  const wanted = free && (over || (!byId("choices").hidden && choices().length > 0));
  clearTimeout(waiting);
  if (wanted) waiting = setTimeout(() => preview(text), 250);
  else { asked += 1; byId("looks").hidden = true; }
}

/** @param {import("./ways.js").Way} now @param {number} used @param {boolean} free */
function count(now, used, free) {
  const box = byId("count");
  const near = free && now.limit !== null && used > 0.8 * now.limit;
  const over = near && used > Number(now.limit);
  box.classList.toggle("warn", over);
  const unit = now.unit === "bytes" ? "bytes" : "characters";
  box.textContent = !near ? "" : over ? `${used} ${unit}, will be sent as ${parts > 1 ? parts : "several"} messages` : `${used} of ${now.limit} ${unit}`;
}

/** @param {string} text */
async function preview(text) {
  const [mine, now, offered] = [(asked += 1), way(), byId("choices").hidden ? [] : choices()];
  try {
    const fresh = await page("/desk/preview", { channel: channel(), text, choices: offered, public: !!now?.public });
    if (mine !== asked || !now || !byId("seen")) return;
    const seen = /** @type {HTMLElement} */ (fresh.querySelector(".seen"));
    parts = Number(seen.dataset.parts);
    byId("seen").replaceChildren(seen);
    const plain = offered.length && seen.dataset.as === "numbered" ? (now.choices ? ", as numbered text: too many or too long for buttons" : `, as numbered text: ${now.title} has no buttons`) : "";
    byId("looks-title").textContent = `What ${customer()} will see${parts > 1 ? `, ${parts} messages` : ""}${plain}`;
    byId("looks").hidden = false;
    count(now, sizeOf(text.trim(), now.unit), true);
  } catch { byId("looks").hidden = true; }
}

/** The list of templates, those in the customer's language first. */
async function pick() {
  const name = channel();
  const box = byId("templates");
  box.dataset.channel = name;
  lists[name] ??= await load(name);
  if (channel() !== name || byId("templates") !== box) return;
  const own = (/** @type {Template} */ one) => (one.language.split("_")[0] === language() ? 0 : 1);
  const all = [...lists[name]].sort((a, b) => own(a) - own(b));
  if (!all.length) return box.replaceChildren(nothing());
  const select = document.createElement("select");
  select.className = "field";
  select.ariaLabel = "Template";
  all.forEach((one, place) => select.add(new Option(`${plain(one.name)} (${one.language})`, String(place))));
  select.addEventListener("change", () => fields(all[Number(select.value)]));
  const label = document.createElement("label");
  label.className = "pick";
  label.append("Template", select);
  const inside = document.createElement("div");
  inside.className = "fill";
  const seen = document.createElement("div");
  seen.className = "seen";
  seen.ariaLabel = "Preview";
  seen.role = "group";
  box.replaceChildren(label, inside, seen);
  fields(all[0]);
}

/** @param {string} name @returns {Promise<Template[]>} */
async function load(name) {
  try { return await (await fetch(`/f/channels/${name}/templates`, { headers: { accept: "application/json" } })).json(); } catch { return []; }
}

function nothing() {
  const line = document.createElement("p");
  const again = document.createElement("button");
  Object.assign(again, { type: "button", className: "b thin", textContent: "Ask again" });
  again.dataset.do = "fetch-templates";
  line.append(`No approved template of ${way()?.title} is known here. `, again);
  return line;
}

async function fetchAnew() {
  const name = channel();
  try {
    lists[name] = await post(`/desk/channels/${name}/templates/refresh`, {});
    pick();
  } catch (error) { tell("failed", error); }
}

/** @param {string} code */
const plain = (code) => code.replaceAll("_", " ");

/** One field for each variable. @param {Template} one */
function fields(one) {
  chosen = one;
  const inside = byId("templates").querySelector(".fill");
  inside.replaceChildren(...one.variables.map((variable) => {
    const label = document.createElement("label");
    const input = field(variable, 1000, "field", "");
    input.name = variable;
    input.removeAttribute("aria-label");
    if (/^(first_?)?name$|^customer(_name)?$/i.test(variable)) input.value = customer();
    label.append(/^\d+$/.test(variable) ? `Value ${variable}` : plain(variable)[0].toUpperCase() + plain(variable).slice(1), input);
    return label;
  }));
  draw();
}

const values = () => Object.fromEntries([...byId("templates").querySelectorAll(".fill input")].map((input) => [input.name, input.value.trim()]));

/** The template as the customer will read it; what is missing stands out. */
function draw() {
  const seen = byId("templates").querySelector(".seen");
  if (!chosen || !seen) return;
  const given = values();
  const bubble = document.createElement("div");
  bubble.className = "sb";
  bubble.dir = "auto";
  for (const [words, tag] of [[chosen.header, "b"], [chosen.text, "p"], [chosen.footer, "small"]]) {
    if (!words) continue;
    const line = document.createElement(tag);
    words.split(/(\{\{\s{0,8}\w{1,64}\s{0,8}\}\})/).forEach((piece, place) => line.append(place % 2 ? filled(piece, given) : piece));
    bubble.append(line);
  }
  seen.replaceChildren(bubble);
}

/** @param {string} piece @param {Record<string, string>} given */
function filled(piece, given) {
  const name = piece.replace(/[{}\s]/g, "");
  const mark = document.createElement("mark");
  mark.textContent = given[name] || (/^\d+$/.test(name) ? `value ${name}` : plain(name));
  mark.className = given[name] ? "" : "gap";
  return mark;
}

// @ts-check
// Who gets a copy of a mail: those who are on it already, without whom the agent takes off, with whom they add.

import { byId, hear, tell } from "./fragment.js";
import { way } from "./ways.js";

/** @type {string[]} */
let people = [];
/** @type {string[]} */
let usual = [];
const ADDRESS = /^[^\s<>()[\],;:"@\\]{1,64}@[^\s<>()[\],;:"@\\.]+(\.[^\s<>()[\],;:"@\\.]+)+$/;
const line = () => byId("copies");
const input = () => line()?.querySelector("input");

export function start() {
  document.addEventListener("keydown", (event) => {
    if (event.target !== input() || event.isComposing) return;
    if ((event.key === "Enter" && !event.ctrlKey && !event.metaKey) || (event.key === "," && input().value.trim())) { event.preventDefault(); if (!take()) byId("text").focus(); }
    if (event.key === "Backspace" && !input().value && people.length) drop(people[people.length - 1]);
  });
  document.addEventListener("focusout", (event) => { if (event.target === input()) take(); });
  document.addEventListener("click", (event) => {
    const off = /** @type {HTMLElement | null} */ (/** @type {HTMLElement} */ (event.target).closest?.("[data-off-copy]"));
    if (off) { drop(off.dataset.offCopy || ""); input().focus(); }
  });
  hear("opened", clear);
  hear("way", arrived);
  const now = way();
  if (now) arrived(now);
}

export function clear() {
  usual = people = [];
  if (input()) input().value = "";
  const now = way();
  if (now) arrived(now);
}

/** The addresses on copy; null where the channel has no copies. */
export const copies = () => (way()?.copies ? people : null);

/** Why the answer cannot go out like this; empty: it can. */
export const wrong = () => { if (way()?.copies) take(); return way()?.copies && input()?.value.trim() ? byId("copies-told").textContent || "" : ""; };

/** What the agent changed holds when the customer's next mail brings others. @param {import("./ways.js").Way} now */
function arrived(now) {
  if (!line()) return;
  line().hidden = !now.copies;
  if (!now.copies) return;
  const [added, gone] = [people.filter((one) => !usual.includes(one)), usual.filter((one) => !people.includes(one))];
  usual = now.copies;
  people = [...new Set([...usual.filter((one) => !gone.includes(one)), ...added])].filter((one) => one !== now.to);
  byId("copies-to").textContent = now.to;
  draw();
}

/** Takes what was typed or pasted over. True: somebody was added; what is no address stays, and why is told. */
function take() {
  const typed = input().value.split(/[,;\n]+/).map((/** @type {string} */ one) => (/<([^<>]+)>/.exec(one)?.[1] ?? one).trim().toLowerCase()).filter(Boolean);
  const bad = typed.filter((/** @type {string} */ one) => !ADDRESS.test(one));
  const good = typed.filter((/** @type {string} */ one) => ADDRESS.test(one) && one !== way()?.to);
  const most = way()?.most ?? 0;
  const full = new Set([...people, ...good]).size > most;
  if (!full) people = [...new Set([...people, ...good])];
  input().value = full ? typed.join(", ") : bad.join(", ");
  draw(full ? `At most ${most} people get a copy.` : bad.length ? `“${bad[0]}” is no e-mail address. Write it as name@example.com.` : "");
  return !full && good.length > 0;
}

/** @param {string} one */
function drop(one) {
  people = people.filter((other) => other !== one);
  draw();
  tell("alert", `${one} gets no copy.`);
}

function draw(trouble = "") {
  line().querySelector("ul").replaceChildren(...people.map((one) => {
    const [item, name, off] = [document.createElement("li"), document.createElement("span"), document.createElement("button")];
    Object.assign(name, { className: "ell", textContent: one, title: one });
    Object.assign(off, { type: "button", className: "b q sq mini", textContent: "×", ariaLabel: `Take ${one} off the copy`, title: "Take off" });
    off.dataset.offCopy = one;
    item.append(name, off);
    return item;
  }));
  byId("copies-told").textContent = trouble;
  byId("copies-told").hidden = !trouble;
  input().setAttribute("aria-invalid", String(!!trouble));
}

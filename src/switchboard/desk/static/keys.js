// @ts-check
// Single letters, only outside fields, never while composing; one switch turns them off.

import { byId } from "./fragment.js";
import { act, applyPlace, undo } from "./act.js";
import { insertDraft, write } from "./composer.js";
import { close, shown, toggleContext, whyHere } from "./conversation.js";
import { apply, current, focusOn, move, open, rows } from "./list.js";

const GO = /** @type {Record<string, string>} */ ({ m: "mine", q: "queue", a: "open", w: "waiting", r: "resolved" });
let went = 0;

const MAP = /** @type {Record<string, () => void>} */ ({
  j: () => move(1), ArrowDown: () => move(1), k: () => move(-1), ArrowUp: () => move(-1),
  o: openFocused, Enter: openFocused, Escape: back,
  y: () => { const button = document.querySelector(".ch1 [data-do=accept],.ch1 [data-do=take]"); if (button) /** @type {HTMLElement} */ (button).click(); },
  r: () => write("reply"), n: () => write("note"), d: insertDraft, w: whyHere,
  e: () => act("resolve"), t: () => act("transfer"), z: undo, i: toggleContext, ".": apply,
  1: () => applyPlace(1), 2: () => applyPlace(2), 3: () => applyPlace(3),
  "?": () => byId("dlg-keys").showModal(),
});

export function start() {
  const box = byId("keys-on");
  box.checked = localStorage.getItem("keys") !== "off";
  box.addEventListener("change", () => localStorage.setItem("keys", box.checked ? "on" : "off"));
  document.addEventListener("keydown", onKey);
}

/** @param {KeyboardEvent} event */
function onKey(event) {
  const target = /** @type {HTMLElement} */ (event.target);
  if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (event.key === "Escape" && target.id === "text") { byId("conversation").focus(); return; }
  if (target.matches("input,textarea,select,[contenteditable]") || document.querySelector("dialog[open]")) return;
  if (target.matches("button,a,summary,[role=tab]") && (event.key === "Enter" || event.key.startsWith("Arrow"))) return;
  if (target.matches(".scroll") && event.key.startsWith("Arrow")) return;
  if (localStorage.getItem("keys") === "off" && event.key.length === 1) return;
  if (Date.now() - went < 1200 && GO[event.key]) { location.href = `/desk/${GO[event.key]}`; return; }
  went = event.key === "g" ? Date.now() : 0;
  const run = MAP[event.key];
  if (run) { event.preventDefault(); run(); }
}

function openFocused() {
  const row = rows().find((one) => one.tabIndex === 0);
  if (row) open(row);
}

function back() {
  const row = current();
  if (shown()) close();
  if (row) focusOn(row);
}

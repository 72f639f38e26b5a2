// @ts-check
// The list: stays still under the pointer and the keyboard, new order waits until nobody is pointing at it.

import { byId, get, hear, morph, tell } from "./fragment.js";

const IDLE = 2000;
const view = document.body.dataset.view;
const box = () => byId("rows");
let touched = 0;
/** @type {HTMLElement | null} */
let held = null;
let busy = false;
let dirty = false;

export const rows = () => /** @type {HTMLElement[]} */ ([...box().querySelectorAll(".row")]);
export const current = () => /** @type {HTMLElement | null} */ (box().querySelector(".row[aria-selected=true]"));

export function start() {
  for (const type of ["pointermove", "keydown", "wheel"]) box().addEventListener(type, () => { touched = Date.now(); }, { passive: true });
  box().addEventListener("click", onClick);
  box().addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    const row = /** @type {HTMLElement} */ (event.target).closest?.(".row");
    if (row && (event.key === "Enter" || event.key === " ")) { event.preventDefault(); open(row); }
  });
  byId("fresh").addEventListener("click", apply);
  setInterval(() => held && !inUse() && apply(), 500);
  setInterval(refresh, 60_000);
  hear("changed", refresh);
  hear("opened", mark);
  mark();
}

/** @param {MouseEvent} event */
async function onClick(event) {
  const target = /** @type {HTMLElement} */ (event.target);
  const more = /** @type {HTMLElement | null} */ (target.closest("[data-cursor]"));
  const row = /** @type {HTMLElement | null} */ (target.closest(".row"));
  if (more) {
    const fresh = await get(`/f/list?view=${view}&cursor=${encodeURIComponent(more.dataset.cursor || "")}`);
    more.replaceWith(...fresh.children);
  } else if (row) open(row);
}

/** @param {HTMLElement} row */
export function open(row) {
  tell("open", { id: row.dataset.id, href: row.dataset.href });
}

/** Moves the keyboard's place. @param {number} step */
export function move(step) {
  const all = rows();
  const place = all.findIndex((row) => row.tabIndex === 0);
  const next = all[Math.max(0, Math.min(all.length - 1, place + step))];
  if (!next) return;
  focusOn(next);
  if (current()) open(next);
}

/** @param {HTMLElement} row */
export function focusOn(row) {
  for (const other of rows()) other.tabIndex = other === row ? 0 : -1;
  touched = Date.now();
  row.focus({ preventScroll: false });
}

function mark() {
  const open = byId("conversation")?.dataset.conversation;
  let seen = false;
  for (const row of rows()) {
    const on = row.dataset.id === open;
    row.setAttribute("aria-selected", String(on));
    row.tabIndex = on ? 0 : -1;
    seen ||= on;
  }
  const first = rows()[0];
  if (!seen && first && !rows().includes(/** @type {HTMLElement} */ (document.activeElement))) first.tabIndex = 0;
}

const inUse = () => Date.now() - touched < IDLE && (box().matches(":hover") || box().contains(document.activeElement));

export async function refresh() {
  if (busy) { dirty = true; return; }
  busy = true;
  try {
    const [fresh, counts] = await Promise.all([get(`/f/list?view=${view}`), get(`/f/counts?view=${view}`)]);
    morph(byId("counts"), counts);
    if (inUse() && reordered(fresh)) wait(fresh);
    else { held = fresh; apply(); }
  } catch (error) {
    if (/** @type {any} */ (error).status === 401) tell("signed-out");
  } finally {
    busy = false;
    if (dirty) { dirty = false; refresh(); }
  }
}

/** @param {HTMLElement} fresh */
function reordered(fresh) {
  const before = rows().map((row) => row.dataset.id).join();
  return [...fresh.querySelectorAll(".row")].map((row) => /** @type {HTMLElement} */ (row).dataset.id).join() !== before;
}

/** @param {HTMLElement} fresh */
function wait(fresh) {
  const before = new Map(rows().map((row, place) => [row.dataset.id, place]));
  const moved = [...fresh.querySelectorAll(".row")].filter((row, place) => before.get(/** @type {HTMLElement} */ (row).dataset.id) !== place).length || 1;
  held = fresh;
  const button = byId("fresh");
  button.textContent = moved === 1 ? "1 update" : `${moved} updates`;
  button.hidden = false;
}

export function apply() {
  byId("fresh").hidden = true;
  const fresh = held;
  held = null;
  if (fresh) morph(box(), fresh);
  mark();
}

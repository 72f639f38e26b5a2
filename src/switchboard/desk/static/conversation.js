// @ts-check
// The open conversation: opening, the line as it grows, the Why drawer and the context panel.

import { byId, get, hear, morph, tell } from "./fragment.js";

/** @typedef {{id: string, name: string, sequence: number, open: boolean}} Open */
const work = () => byId("work");
let asked = "";

/** @returns {Open | null} */
export function shown() {
  const data = byId("conversation")?.dataset;
  if (!data?.conversation) return null;
  return { id: data.conversation, name: data.name, sequence: Number(data.sequence), open: data.open === "true" };
}

export function start() {
  hear("open", ({ id, href }) => open(id, href));
  hear("stale", refresh);
  hear("changed", ({ ids, all }) => { const here = shown(); if (here && (all || ids.has(here.id))) refresh(); });
  addEventListener("popstate", () => { const id = location.pathname.split("/")[3]; if (id) show(id); else close(false); });
  work().addEventListener("click", onClick);
  byId("why").addEventListener("click", (/** @type {MouseEvent} */ event) => {
    const target = /** @type {HTMLElement} */ (event.target);
    if (target === byId("why") || target.closest("[data-do=close]")) byId("why").close();
  });
}

/** @param {string} id @param {string} href */
async function open(id, href) {
  if (shown()?.id === id) { document.body.classList.add("open"); return; }
  history.pushState({}, "", href);
  await show(id);
}

/** @param {string} id */
async function show(id) {
  asked = id;
  tell("leaving");
  const slow = setTimeout(() => work().classList.add("slow"), 300);
  try {
    const fresh = await get(`/f/conversations/${id}`);
    if (asked !== id) return;
    work().replaceChildren(...fresh.childNodes);
    document.body.classList.add("open");
    document.body.classList.remove("ctx-on");
    document.title = `${shown()?.name} · ${document.body.dataset.viewName} · Switchboard`;
    tell("opened", { id });
  } catch (error) {
    tell("failed", error);
  } finally {
    clearTimeout(slow);
    work().classList.remove("slow");
  }
}

/** Fetches everything about the open conversation again, and leaves the composer and what is typed alone. */
export async function refresh() {
  const here = shown();
  if (!here) return;
  const first = byId("timeline").querySelector("[data-first]")?.dataset.first || "1";
  const [fresh, line] = await Promise.all([get(`/f/conversations/${here.id}`), get(`/f/conversations/${here.id}/timeline?after=${Number(first) - 1}`)]).catch(() => [null, null]);
  if (!fresh || !line || shown()?.id !== here.id) return;
  const next = /** @type {HTMLElement} */ (fresh.querySelector("#conversation"));
  const main = byId("conversation");
  for (const part of [".ch1", ".callbar"]) swap(main.querySelector(part), next.querySelector(part));
  morph(byId("timeline").querySelector("[data-id=line]"), /** @type {Element} */ (line.querySelector("[data-id=line]")));
  swapBrief(next);
  if (next.dataset.open !== main.dataset.open) swapFoot(main, next);
  else tell("suggestion", next.querySelector(".ai"));
  const grown = Number(next.dataset.sequence) > Number(main.dataset.sequence);
  for (const name of ["sequence", "open"]) main.dataset[name] = next.dataset[name];
  swapContext(fresh);
  const composer = /** @type {HTMLElement | null} */ (next.querySelector("#composer"));
  if (composer && byId("composer")) { byId("composer").dataset.ways = composer.dataset.ways; tell("ways", { fresh: true }); }
  if (grown) tell("grown", { id: here.id, name: here.name });
}

/** @param {Element | null} old @param {Element | null} next */
function swap(old, next) {
  if (old && next && !old.isEqualNode(next) && !old.contains(document.activeElement)) old.replaceWith(next);
}

/** @param {HTMLElement} next */
function swapBrief(next) {
  const [old, brief] = [byId("timeline").querySelector(".brief"), next.querySelector(".brief")];
  if (brief && !old) byId("timeline").firstElementChild.prepend(brief);
  else if (!brief) old?.remove();
}

/** @param {HTMLElement} main @param {HTMLElement} next */
function swapFoot(main, next) {
  tell("leaving");
  const [old, foot] = [main.querySelector(".cmp,.closed"), next.querySelector(".cmp,.closed")];
  if (old && foot) old.replaceWith(foot);
  tell("opened", { id: shown()?.id });
}

/** @param {HTMLElement} fresh */
function swapContext(fresh) {
  const [old, next] = [byId("context"), fresh.querySelector("#context")];
  if (!next || old.isEqualNode(next) || old.contains(document.activeElement)) return;
  const top = old.querySelector(".scroll").scrollTop;
  const later = new Set([...old.querySelectorAll(".rec.later")].map((card) => card.dataset.id));
  old.replaceChildren(...next.childNodes);
  old.querySelector(".scroll").scrollTop = top;
  for (const card of old.querySelectorAll(".rec")) if (later.has(card.dataset.id)) card.classList.add("later");
}

/** @param {boolean} [push] */
export function close(push = true) {
  if (push && shown()) history.pushState({}, "", `/desk/${document.body.dataset.view}`);
  tell("leaving");
  asked = "";
  document.body.classList.remove("open", "ctx-on");
  work().replaceChildren(byId("nothing").content.cloneNode(true));
  document.title = `${document.body.dataset.viewName} · Switchboard`;
  tell("opened", { id: null });
}

/** @param {string} url */
async function why(url) {
  try {
    const fresh = await get(url);
    byId("why").replaceChildren(...fresh.childNodes);
    byId("why").showModal();
  } catch (error) {
    tell("failed", error);
  }
}

export function whyHere() {
  const here = shown();
  if (!here) return;
  const answers = byId("timeline").querySelectorAll(".src.lk[data-why]");
  const answer = answers[answers.length - 1];
  why(answer ? `/f/messages/${answer.dataset.why}/why` : `/f/conversations/${here.id}/why`);
}

/** @param {MouseEvent} event */
async function onClick(event) {
  const target = /** @type {HTMLElement} */ (event.target);
  const source = /** @type {HTMLElement | null} */ (target.closest("[data-why]"));
  const doing = /** @type {HTMLElement | null} */ (target.closest("[data-do]"))?.dataset.do;
  if (source) return why(`/f/messages/${source.dataset.why}/why`);
  if (doing === "why") return why(`/f/conversations/${shown()?.id}/why`);
  if (doing === "context") return toggleContext();
  if (doing === "back") { event.preventDefault(); return close(); }
  if (doing === "older") return older(/** @type {HTMLElement} */ (target.closest("[data-do]")));
}

export const toggleContext = () => document.body.classList.toggle("ctx-on");

/** @param {HTMLElement} button */
async function older(button) {
  const fresh = await get(`/f/conversations/${shown()?.id}/timeline?before=${button.dataset.before}`);
  const line = byId("timeline").querySelector("[data-id=line]");
  const more = /** @type {HTMLElement} */ (fresh.querySelector("[data-id=line]"));
  line.prepend(...more.children);
  line.dataset.first = more.dataset.first;
  const next = fresh.querySelector("[data-id=older]");
  if (next) button.replaceWith(next);
  else button.remove();
}

// @ts-check
// Buttons that change something: accept, hand over, resolve, recommendations, status; and what they say back.

import { byId, hear, post, tell } from "./fragment.js";
import { refresh, shown } from "./conversation.js";
import { discardDraft, insert, insertDraft } from "./composer.js";
import { openTemplates } from "./offers.js";
import { wayOf } from "./ways.js";

/** @type {string | null} */
let undoable = null;

export function start() {
  document.addEventListener("click", onClick);
  document.addEventListener("submit", onSubmit, true);
  hear("failed", (error) => toast(error.message));
  hear("signed-out", () => toast("Your session has ended. What you wrote is kept.", "Sign in", () => { location.href = `/sign-in?next=${location.pathname}`; }, 600_000));
  hear("alert", (text) => { byId("alerts").textContent = text; });
  hear("sent", ({ message, undo: seconds }) => {
    undoable = seconds ? message : null;
    toast("Sent.", seconds ? "Undo" : "", undo, seconds ? seconds * 1000 : 3000);
    if (seconds) setTimeout(() => { if (undoable === message) undoable = null; }, seconds * 1000);
  });
}

/** @param {string} name */
export async function act(name) {
  const here = shown();
  if (!here) return;
  if (name === "transfer" || name === "escalate") return byId(`dlg-${name}`)?.showModal();
  const said = { accept: `${here.name} is yours.`, take: `${here.name} is yours.`, resolve: "Resolved.", reopen: "Open again." }[name];
  await attempt(`/desk/conversations/${here.id}/${name}`, {}, said);
  if (name === "resolve") toast("Resolved.", "Undo", () => act("reopen"), 10_000);
}

/** @param {string} url @param {object} body @param {string} [said] */
async function attempt(url, body, said) {
  try {
    const answer = await post(url, body);
    if (said && said !== "Resolved.") toast(said);
    await refresh();
    tell("changed", { ids: new Set(), all: false });
    return answer;
  } catch (error) {
    if (/** @type {any} */ (error).status === 401) tell("signed-out");
    else toast(/** @type {Error} */ (error).message);
    refresh();
    return null;
  }
}

/** Applies a recommendation by its place, 1 to 3. @param {number} place */
export function applyPlace(place) {
  /** @type {HTMLElement | undefined} */ (document.querySelectorAll("[data-recommendation]")[place - 1]?.querySelector("[data-apply]"))?.click();
}

/** @param {MouseEvent} event */
async function onClick(event) {
  const target = /** @type {HTMLElement} */ (event.target);
  const hit = (/** @type {string} */ name) => /** @type {HTMLElement | null} */ (target.closest(`[data-${name}]`))?.dataset[name];
  const doing = hit("do");
  if (doing && ["accept", "take", "resolve", "reopen", "transfer", "escalate"].includes(doing)) return act(doing);
  if (doing === "draft") return insertDraft();
  if (doing === "discard") return discardDraft();
  if (doing === "keys") return byId("dlg-keys").showModal();
  if (hit("apply")) return applyOne(/** @type {string} */ (hit("apply")));
  if (hit("correct")) return askReading(/** @type {HTMLElement} */ (target.closest("[data-correct]")));
  if (hit("outcome")) return askOutcome(/** @type {string} */ (hit("outcome")));
  if (hit("later")) return target.closest(".rec")?.classList.add("later");
  if (hit("retry")) return retry(/** @type {HTMLElement} */ (target.closest("[data-retry]")));
  if (hit("status")) return attempt("/desk/status", { status: hit("status") });
  if (target.closest("[data-theme-next]")) nextTheme();
}

/** Sends once more what failed. Where it may have arrived, somebody decides; where the window has closed, a template goes.
 * @param {HTMLElement} button */
function retry(button) {
  const { retry: id = "", channel: name = "", doubt, template } = button.dataset;
  const way = wayOf(name);
  if (way?.window === "closed" && way.templates && template === undefined) {
    openTemplates(name);
    return toast("Free text may not be sent any more: choose a template.");
  }
  if (doubt === undefined) return again(id);
  byId("dlg-again").querySelector("[name=message_id]").value = id;
  byId("dlg-again").showModal();
}

/** @param {string} id */
const again = (id) => attempt(`/desk/messages/${id}/retry`, {}, "Sending again.");

/** @param {string} id */
async function applyOne(id) {
  const answer = await attempt(`/desk/conversations/${shown()?.id}/recommendations/${id}`, {}, "Applied.");
  if (answer?.text) insert(answer.text);
}

/** @param {string} id */
function askOutcome(id) {
  const dialog = byId("dlg-outcome");
  dialog.querySelector("[name=action_id]").value = id;
  dialog.showModal();
}

/** The choices as they stand now, so that one that is not changed says nothing. */
/** @type {Record<string, string | undefined>} */
let read = {};
const MOODS = [-0.9, -0.4, 0, 0.4, 0.9];

/** @param {HTMLElement} button */
function askReading(button) {
  const { correct, intent, topic, mood } = button.dataset;
  read = { intent, topic, mood };
  const dialog = byId("dlg-correct");
  for (const [name, value] of Object.entries({ message_id: correct, intent, topic, mood })) dialog.querySelector(`[name=${name}]`).value = value;
  dialog.showModal();
}

/** @param {Record<string, any>} chosen */
function correction(chosen) {
  const told = (/** @type {string} */ name) => (chosen[name] === read[name] ? null : chosen[name]);
  const mood = told("mood");
  return { intent: told("intent"), topic: told("topic"), score: mood === null ? null : MOODS[Number(mood)] };
}

/** @param {SubmitEvent} event */
function onSubmit(event) {
  const form = /** @type {HTMLFormElement} */ (event.target);
  const what = form.dataset.send;
  if (!what || /** @type {HTMLButtonElement} */ (event.submitter)?.value !== "ok") return;
  const values = Object.fromEntries(new FormData(form));
  const here = shown()?.id;
  if (what === "transfer") attempt(`/desk/conversations/${here}/transfer`, { agent_id: values.agent_id || null, reason: values.reason }, "Handed over.");
  if (what === "escalate") attempt(`/desk/conversations/${here}/escalate`, { reason: values.reason }, "Escalated.");
  if (what === "again") again(String(values.message_id));
  if (what === "correct") attempt(`/desk/messages/${values.message_id}/correction`, correction(values), "Thank you. The next model learns from this.");
  if (what === "outcome") {
    const body = { success: values.success === "true", customer_satisfaction: Number(values.customer_satisfaction) || null, notes: values.notes || null };
    attempt(`/desk/recommendations/${values.action_id}/outcome`, body, "Thank you. Later suggestions learn from this.");
  }
}

export async function undo() {
  if (!undoable) return;
  const message = undoable;
  undoable = null;
  const answer = await attempt(`/desk/messages/${message}/undo`, {});
  toast(answer?.undone ? "Stopped. The customer did not get it." : "Too late: it has left already.");
}

/** @param {string} text @param {string} [label] @param {() => void} [then] @param {number} [time] */
export function toast(text, label = "", then = () => {}, time = 5000) {
  const box = document.createElement("div");
  box.className = "toast";
  box.append(text);
  if (label) {
    const button = document.createElement("button");
    button.className = "b";
    button.type = "button";
    button.textContent = label;
    button.addEventListener("click", () => { box.remove(); then(); });
    box.append(button);
  }
  byId("toasts").replaceChildren(box);
  setTimeout(() => box.remove(), time);
}

export function nextTheme() {
  const order = ["", "light", "dark"];
  const now = order[(order.indexOf(localStorage.getItem("theme") || "") + 1) % 3];
  localStorage.setItem("theme", now);
  theme();
  toast(now ? `Always ${now}.` : "Light or dark as your system has it.");
}

export function theme() {
  const chosen = localStorage.getItem("theme");
  if (chosen) document.documentElement.dataset.theme = chosen;
  else delete document.documentElement.dataset.theme;
}

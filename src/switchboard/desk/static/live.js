// @ts-check
// One live stream for all tabs of this browser. It says what changed; the modules fetch what they show.

import { byId, tell } from "./fragment.js";

const TYPES = ["message", "message_received", "message_understood", "message_sent", "delivery_updated", "note_added", "routed",
  "assigned", "queued", "escalation", "sentiment_drop", "reply_blocked", "resolution", "reopened", "archived",
  "call_started", "call_progress", "call_connected", "call_ended",
  "customer_merged", "customer_unmerged", "customer_erased", "identity_linked", "agent_status", "action_outcome", "reset"];
const DEAD_AFTER = 35_000;
const COALESCE = 100;
const { stream = "/v1/events", lastEvent = "0" } = document.body.dataset;
let last = Number(lastEvent);
/** @type {EventSource | null} */
let source = null;
let heard = Date.now();
let tries = 0;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let retry;
/** @type {Set<string>} */
let changed = new Set();
/** @type {ReturnType<typeof setTimeout> | undefined} */
let waiting;
let lostAt = 0;
const others = "BroadcastChannel" in self ? new BroadcastChannel("switchboard-live") : null;

export function start() {
  others?.addEventListener("message", ({ data }) => take(data));
  addEventListener("online", now);
  addEventListener("offline", () => { source?.close(); source = null; lost(); });
  document.addEventListener("visibilitychange", () => document.hidden || (source && source.readyState === 1) || now());
  setInterval(watch, 1000);
  if (navigator.locks) navigator.locks.request("switchboard-live", () => { lead(); return new Promise(() => {}); });
  else lead();
}

let leading = false;
function lead() {
  leading = true;
  connect();
}

function connect() {
  clearTimeout(retry);
  source?.close();
  source = new EventSource(`${stream}?after=${last}`);
  source.onopen = () => share({ state: "up" });
  source.onerror = () => { source?.close(); source = null; share({ state: "down" }); again(); };
  for (const type of TYPES) source.addEventListener(type, (event) => share(read(/** @type {MessageEvent} */ (event), type)));
  source.addEventListener("ping", () => { heard = Date.now(); });
}

/** @param {MessageEvent} event @param {string} type */
function read(event, type) {
  let body = {};
  try { body = JSON.parse(event.data || "{}"); } catch { /* a hint we cannot read still says: something changed */ }
  return { type, ...body, id: Number(event.lastEventId) || last };
}

/** @param {any} hint */
function share(hint) {
  take(hint);
  others?.postMessage(hint);
}

/** @param {any} hint */
function take(hint) {
  heard = Date.now();
  if (hint.state === "down") return lost();
  if (hint.state === "up") return found();
  if (hint.id) last = Math.max(last, hint.id);
  if (hint.type === "reset") changed.add("*");
  if (hint.conversation_id) changed.add(hint.conversation_id);
  changed.add(`type:${hint.type}`);
  tell("live-event", hint);
  waiting ??= setTimeout(flush, COALESCE);
}

function flush() {
  waiting = undefined;
  const seen = changed;
  changed = new Set();
  tell("changed", { ids: seen, all: seen.has("*") });
}

function again() {
  const pause = Math.min(30_000, 1000 * 2 ** tries) * (0.75 + Math.random() / 2);
  tries += 1;
  next = Date.now() + pause;
  retry = setTimeout(connect, pause);
}

let next = 0;
function now() {
  tries = 0;
  if (leading) connect();
}

function lost() {
  lostAt ||= Date.now();
}

function found() {
  tries = 0;
  if (!lostAt) return;
  lostAt = 0;
  byId("offline").hidden = true;
  tell("changed", { ids: new Set(["*"]), all: true });
}

/** Shows the banner after 3 s without a line, with the time of the next try. */
function watch() {
  if (leading && source && source.readyState === 1 && Date.now() - heard > DEAD_AFTER && document.body.dataset.pings) connect();
  if (!lostAt || Date.now() - lostAt < 3000) return;
  const box = byId("offline");
  const clock = new Date(lostAt).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  const left = Math.max(0, Math.round((next - Date.now()) / 1000));
  const text = `Connection lost at ${clock}. Keep writing: what you write is kept. `;
  const button = document.createElement("button");
  button.className = "b";
  button.type = "button";
  button.textContent = "Try now";
  button.addEventListener("click", now);
  const count = document.createElement("span");
  count.setAttribute("aria-hidden", "true");
  count.textContent = left ? `Next try in ${left} s` : "Trying now";
  if (box.hidden) box.replaceChildren(text, count, button);
  else box.children[0].textContent = count.textContent;
  box.hidden = false;
}

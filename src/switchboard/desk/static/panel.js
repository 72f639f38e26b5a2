// @ts-check
// The visitor's side of a conversation: one line, messages kept until they are acknowledged, nothing shown twice.

import { alive, close, connect as open, send, start } from "./line.js";

/** @param {string} id @returns {any} */
const byId = (id) => document.getElementById(id);
const log = byId("log");
const text = byId("text");
const TOKEN = "switchboard-token", OUTBOX = "switchboard-outbox", ANSWERS = "switchboard-answers";
const PING = 20_000;
let tries = 0;
let cursor = "";
let joined = false;
let page = "";
/** @type {any} */
let identity;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let retry;
/** @type {{client_id: string, text: string, payload?: string}[]} */
let outbox = read(OUTBOX, []);
/** @type {Set<string>} */
const shown = new Set();
let host = "*";

/** @param {string} key @param {any} none */
function read(key, none) {
  try { return JSON.parse(localStorage.getItem(key) || "null") ?? none; } catch { return none; }
}

/** @param {string} key @param {any} value */
function keep(key, value) {
  try { localStorage.setItem(key, JSON.stringify(value)); } catch { /* a browser without storage forgets on reload */ }
}

let token = read(TOKEN, "");
/** What the visitor filled in before the chat. @type {Record<string, string>} */
let answers = read(ANSWERS, {});
let watching = false;

/** What the server is told about the visitor besides the token. */
const about = () => JSON.stringify({ ...(identity || {}), answers });
let told = token ? about() : "";
/** @type {Promise<void> | null} */
let asking = null;

/** One question at a time: two answered at once would be two visitors, and only one of them is remembered. */
function session() {
  asking ??= introduce().finally(() => { asking = null; });
  return asking;
}

/** Asks again when more became known about the visitor in the meantime. */
async function introduce() {
  do {
    const saying = about();
    const body = { ...(token ? { token } : {}), ...JSON.parse(saying) };
    const answer = await fetch("/widget/session", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(String(answer.status));
    token = (await answer.json()).token;
    keep(TOKEN, token);
    told = saying;
  } while (told !== about());
}

async function connect() {
  clearTimeout(retry);
  if (alive()) return;
  try {
    if (!token || told !== about()) await session();
  } catch {
    return again();
  }
  open();
}

/** The visitor is known better than the open line knows. */
function reconnect() {
  close();
  connect();
}

start({
  have: () => [...shown],
  join: () => ({ type: "join", token, after: cursor || null }),
  take: (frame) => take(frame),
  down: (code) => {
    joined = false;
    if (code === 1008) { token = ""; cursor = ""; }
    again();
  },
});

/** From 2 s to 60 s, with jitter, so that a restart of the server is not met by everybody at once. */
function again() {
  const pause = Math.min(60_000, 2000 * 2 ** tries) * (0.75 + Math.random() / 2);
  tries += 1;
  offline(true);
  clearTimeout(retry);
  retry = setTimeout(connect, pause);
}

/** @param {any} frame */
function take(frame) {
  if (frame.type === "joined") {
    joined = true;
    tries = 0;
    offline(false);
    for (const one of outbox) send({ type: "message", ...one, page });
  } else if (frame.type === "message") show(frame);
  else if (frame.type === "ack") acknowledged(frame.client_id);
  else if (frame.type === "status") status(frame);
  else if (frame.type === "typing") typing(true, "Somebody is writing");
  else if (frame.type === "read") seen(frame.client_id);
  else if (frame.type === "error" && frame.client_id) refused(frame);
}

/** @param {any} m */
function show(m) {
  cursor = m.cursor;
  if (shown.has(m.id)) return;
  shown.add(m.id);
  if (m.client_id) acknowledged(m.client_id);
  const mine = m.client_id && byId(`m-${m.client_id}`);
  if (mine) return;
  typing(false);
  const theirs = m.author === "customer";
  log.append(...bubble({ ...m, theirs }));
  end();
  if (!theirs) { parent.postMessage({ switchboard: "news" }, host); look(); }
}

/** Tells that what came is read, as long as the window is open. */
function look() {
  if (watching && !document.hidden) send({ type: "read" });
}

/** Everything up to this message of the visitor was read by a person. @param {string} id */
function seen(id) {
  const box = byId(`m-${id}`);
  if (!box) return;
  document.querySelectorAll(".seen").forEach((old) => old.remove());
  const mark = document.createElement("p");
  mark.className = "who r seen";
  mark.textContent = "Read";
  box.after(mark);
}

/** @param {any} m */
function bubble(m) {
  const who = document.createElement("p");
  who.className = m.theirs ? "who r" : "who";
  const at = new Date(m.at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  if (!m.theirs) who.append(clone(m.author === "automation" ? "bot" : "person"));
  who.append(m.theirs ? `You, ${at}` : m.author === "automation" ? `Assistant, automated, ${at}` : `${m.name || "Your contact"}, ${at}`);
  const box = document.createElement("div");
  box.className = m.theirs ? "bub c" : "bub a";
  box.dir = "auto";
  if (m.client_id) box.id = `m-${m.client_id}`;
  if (m.waiting) box.classList.add("waiting");
  box.append(...words(m.text, (m.sources || []).length > 0));
  if (m.sources?.length) box.append(sources(m.sources));
  if (m.files?.length) {
    const files = links(m.files);
    files.classList.toggle("only", !m.text);
    box.append(files);
  }
  return [who, box];
}

/** Text with line breaks and, in automatic answers, small numbers for the sources. @param {string} said @param {boolean} cited */
function words(said, cited) {
  return said.split(/(\[\d{1,2}\])/).map((piece) => {
    const number = cited && /^\[(\d{1,2})\]$/.exec(piece);
    if (!number) return document.createTextNode(piece);
    const mark = document.createElement("sup");
    mark.textContent = number[1];
    return mark;
  });
}

/** Files of ours, to be opened beside the chat. @param {{name: string, url: string}[]} all */
function links(all) {
  const list = document.createElement("div");
  list.className = "src";
  for (const one of all) {
    const item = document.createElement("a");
    item.href = one.url;
    item.target = "_blank";
    item.rel = "noopener noreferrer";
    item.append(clone("doc"), one.name);
    list.append(item);
  }
  return list;
}

/** @param {{number: number, title: string, url: string | null}[]} all */
function sources(all) {
  const list = document.createElement("div");
  list.className = "src";
  for (const one of all) {
    const item = document.createElement(one.url && /^https?:/.test(one.url) ? "a" : "span");
    if (item instanceof HTMLAnchorElement) { item.href = /** @type {string} */ (one.url); item.target = "_blank"; item.rel = "noopener noreferrer"; }
    item.append(clone("doc"), `${one.number} ${one.title}`);
    list.append(item);
  }
  return list;
}

/** @param {string} name */
const clone = (name) => byId(`t-${name}`).content.cloneNode(true);

/** @param {string} id */
function acknowledged(id) {
  const before = outbox.length;
  outbox = outbox.filter((one) => one.client_id !== id);
  if (outbox.length === before) return;
  keep(OUTBOX, outbox);
  byId(`m-${id}`)?.classList.remove("waiting");
  typing(!person);
}

/** @param {any} frame */
function refused(frame) {
  if (frame.again) { setTimeout(() => outbox.filter((one) => one.client_id === frame.client_id).forEach((one) => send({ type: "message", ...one, page })), 5000); return; }
  outbox = outbox.filter((one) => one.client_id !== frame.client_id);
  keep(OUTBOX, outbox);
  note(`Not sent: ${frame.detail}`);
}

/** @param {string} said @param {string} [payload] */
function say(said, payload) {
  const one = { client_id: crypto.randomUUID(), text: said, ...(payload ? { payload } : {}) };
  outbox.push(one);
  keep(OUTBOX, outbox);
  log.append(...bubble({ text: said, at: Date.now(), theirs: true, client_id: one.client_id, waiting: true }));
  end();
  if (joined) send({ type: "message", ...one, page });
  else connect();
}

let person = false;
/** @param {any} s */
function status(s) {
  person = s.handler === "agent";
  byId("state").textContent = person && s.agent ? `${s.agent} is with you` : s.handler === "queue" ? "A person is on the way" : "Usually answers at once";
  byId("person").hidden = person || s.handler === "queue";
  const wait = byId("wait");
  wait.hidden = s.handler !== "queue";
  if (s.handler === "queue") {
    const line = s.place ? (s.place === 1 ? "You are next in line." : `You are number ${s.place} in line.`) : "You are in line.";
    byId("wait-text").textContent = `${line} ${s.wait_s ? `About ${Math.max(1, Math.round(s.wait_s / 60))} min. ` : ""}You can close this window and keep your place.`;
    typing(false);
  }
}

/** @param {boolean} off */
function offline(off) {
  byId("offline").hidden = !off;
  if (off) byId("state").textContent = "Reconnecting";
}

/** @param {boolean} on @param {string} [said] */
function typing(on, said = "Looking it up") {
  const box = byId("typing");
  byId("typing-text").textContent = said;
  box.hidden = !on || !byId("wait").hidden;
  clearTimeout(quiet);
  if (on) quiet = setTimeout(() => { box.hidden = true; }, 20_000);
}
/** @type {ReturnType<typeof setTimeout> | undefined} */
let quiet;

/** @param {string} said */
function note(said) {
  const line = document.createElement("p");
  line.className = "sysl";
  line.textContent = said;
  log.append(line);
  end();
}

const end = () => { log.parentElement.scrollTop = log.parentElement.scrollHeight; };

byId("file").addEventListener("change", async () => {
  const file = byId("file").files[0];
  byId("file").value = "";
  if (!file) return;
  const form = new FormData();
  form.append("file", file);
  form.append("client_id", crypto.randomUUID());
  form.append("page", page);
  try {
    if (!token) await session();
    const answer = await fetch("/widget/attachments", { method: "POST", headers: { "x-visitor-token": token }, body: form });
    if (!answer.ok) note(`Not sent: ${(await answer.json()).detail}`);
    else connect();
  } catch { note("Not sent: you are offline. Choose the file again later."); }
});

/** The form before the chat, if the business asks for something. */
async function before() {
  const asked = (await (await fetch("/widget/form")).json().catch(() => ({}))).fields || [];
  const open = asked.filter((/** @type {any} */ field) => !answers[field.name]);
  if (!open.length || identity) return;
  const box = byId("before");
  for (const field of open) {
    const label = document.createElement("label");
    const input = document.createElement("input");
    Object.assign(input, { name: field.name, required: field.required, maxLength: 200, type: { email: "email", phone: "tel" }[field.name] || "text" });
    label.append(field.name[0].toUpperCase() + field.name.slice(1).replace("_", " "), input);
    box.prepend(label);
  }
  box.prepend(...[...box.querySelectorAll("label")].reverse());
  box.hidden = false;
  byId("write").hidden = open.some((/** @type {any} */ field) => field.required);
  box.addEventListener("submit", (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    answers = { ...answers, ...Object.fromEntries([...new FormData(box)].map(([name, value]) => [name, String(value).trim()])) };
    keep(ANSWERS, answers);
    box.hidden = true;
    byId("write").hidden = false;
    reconnect();
    text.focus();
  });
}

byId("write").addEventListener("submit", (/** @type {SubmitEvent} */ event) => {
  event.preventDefault();
  const said = text.value.trim();
  if (!said) return;
  text.value = "";
  say(said);
  text.focus();
});
text.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); byId("write").requestSubmit(); }
});
let hinted = 0;
text.addEventListener("input", () => { if (Date.now() - hinted > 4000) { hinted = Date.now(); send({ type: "typing" }); } });
byId("person").addEventListener("click", () => say("I would like to talk to a person, please.", "talk_to_a_person"));
byId("close").addEventListener("click", () => parent.postMessage({ switchboard: "close" }, host));
addEventListener("keydown", (event) => { if (event.key === "Escape") parent.postMessage({ switchboard: "close" }, host); });
addEventListener("message", (event) => {
  const said = event.data?.switchboard;
  if (event.source !== parent || !said) return;
  host = event.origin;
  if (said === "open") { watching = true; text.focus(); end(); look(); }
  else if (said === "shut") watching = false;
  else if (said.page) { page = said.page; if (said.identity) { identity = said.identity; reconnect(); } }
});
addEventListener("online", () => { tries = 0; connect(); });
document.addEventListener("visibilitychange", () => { if (!document.hidden) { connect(); look(); } });
setInterval(() => send({ type: "ping" }), PING);
for (const one of outbox) log.append(...bubble({ ...one, at: Date.now(), theirs: true, waiting: true }));
before().catch(() => {}); // without the form the chat works as well; what is required is asked for by the server
connect();

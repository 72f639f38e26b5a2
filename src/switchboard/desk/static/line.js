// @ts-check
// The way to the server: a socket, or plain requests where the network lets none through; it changes over by itself.

import { Polling } from "./poll.js";

const OPENS_WITHIN = 6000, REMEMBER = 600_000, BLOCKED = "switchboard-blocked";
let pause = 60_000;
/** @typedef {{have: () => string[], join: () => object, take: (frame: any) => void, down: (code: number) => void}} Ends */
/** @type {Ends} */
let ends;
/** @type {WebSocket | Polling | null} */
let line = null;
let spoke = false;
/** No socket came through: until one does, the chat goes over plain requests. */
let blocked = Date.now() - remembered() < REMEMBER;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let looking;

/** @param {Ends} given */
export function start(given) {
  ends = given;
  addEventListener("online", look); // another network may let sockets through
}

export const alive = () => !!line && line.readyState < 2;

export function connect() {
  if (!alive()) use(blocked ? polling() : socket() || polling());
}

/** @param {object} frame */
export function send(frame) {
  if (line?.readyState === 1) line.send(JSON.stringify(frame));
}

/** Ends the line as it is; whoever closes it opens the next. */
export function close() {
  spoke = true; // it ends because we want it, which says nothing about the network
  line?.close();
}

function remembered() {
  try { return Number(localStorage.getItem(BLOCKED)) || 0; } catch { return 0; }
}

/** @param {boolean} on */
function block(on) {
  blocked = on;
  try { localStorage.setItem(BLOCKED, on ? String(Date.now()) : "0"); } catch { /* forgotten on reload */ }
}

const polling = () => new Polling(ends.have);

/** A socket that a proxy swallows never opens: it is given up. A browser may refuse to make one at all. */
function socket() {
  try {
    const made = new WebSocket(`${location.protocol === "http:" ? "ws" : "wss"}://${location.host}/ws/chat`);
    setTimeout(() => { if (made.readyState === 0) made.close(); }, OPENS_WITHIN);
    return made;
  } catch { return null; }
}

/** @param {WebSocket | Polling} next */
function use(next) {
  const plain = next instanceof Polling;
  line = next;
  spoke = false;
  next.onopen = () => send(ends.join());
  next.onmessage = (/** @type {{data: string}} */ event) => {
    if (line !== next) return;
    if (!spoke && plain) block(true);
    spoke = true;
    ends.take(JSON.parse(event.data));
  };
  next.onclose = (/** @type {{code: number}} */ event) => { if (line === next) over(plain, event.code); };
  clearTimeout(looking);
  if (plain) lookLater();
}

/** A socket that never spoke is replaced at once: plain requests tell whether it was the network alone. Where neither
 * speaks, the next try begins with the socket. @param {boolean} plain @param {number} code */
function over(plain, code) {
  if (!spoke && code !== 1008 && !plain) return use(polling());
  if (!spoke && plain && code !== 1008) block(false);
  ends.down(code);
}

function lookLater() {
  clearTimeout(looking);
  looking = setTimeout(look, pause);
  pause = Math.min(REMEMBER, pause * 2);
}

/** Beside the plain requests, whether a socket comes through by now: if so, it takes over. Frames that both bring are
 * shown once. */
function look() {
  if (!(line instanceof Polling)) return;
  const probe = alive() && spoke && !document.hidden ? socket() : null;
  if (!probe) return lookLater();
  probe.onclose = lookLater;
  probe.onopen = () => {
    const old = line;
    block(false);
    pause = 60_000;
    use(probe);
    old?.close();
    send(ends.join());
  };
}

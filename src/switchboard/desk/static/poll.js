// @ts-check
// The chat's line over plain requests, for networks that let no socket through. It behaves like a WebSocket.

const KNOWN = 100;
const PAUSE = 1000;

export class Polling {
  /** @param {() => string[]} have Ids of messages that are shown already, the newest last. */
  constructor(have) {
    this.have = have;
    this.readyState = 0;
    this.token = "";
    this.after = null;
    this.state = "";
    this.posts = Promise.resolve();
    this.stop = new AbortController();
    /** @type {() => void} */ this.onopen = () => {};
    /** @type {(event: {data: string}) => void} */ this.onmessage = () => {};
    /** @type {(event: {code: number}) => void} */ this.onclose = () => {};
    setTimeout(() => { if (this.readyState === 0) { this.readyState = 1; this.onopen(); } });
  }

  /** @param {string} text */
  send(text) {
    const frame = JSON.parse(text);
    if (frame.type === "join") {
      Object.assign(this, { token: frame.token, after: frame.after });
      this.#listen();
    } else if (frame.type !== "ping") this.posts = this.posts.then(() => this.#post(text));
  }

  close(code = 1000) {
    if (this.readyState > 1) return;
    this.readyState = 3;
    this.stop.abort();
    this.onclose({ code });
  }

  async #listen() {
    let joined = false;
    while (this.readyState === 1) {
      const began = Date.now();
      const answer = await this.#ask("/widget/poll", JSON.stringify({ after: this.after, have: this.have().slice(-KNOWN), state: this.state, wait_s: joined ? 25 : 0 }));
      if (!answer || this.readyState !== 1) return;
      if (!joined) { joined = true; this.#give({ type: "joined", cursor: this.after }); }
      this.state = answer.state;
      const known = new Set(this.have());
      for (const frame of answer.frames) this.#give(frame);
      const news = answer.frames.some((/** @type {any} */ frame) => frame.type !== "message" || !known.has(frame.id));
      if (!news && Date.now() - began < PAUSE) await new Promise((then) => { setTimeout(then, PAUSE); });
    }
  }

  /** @param {string} text */
  async #post(text) {
    if (this.readyState !== 1) return;
    for (const frame of (await this.#ask("/widget/frames", text))?.frames || []) this.#give(frame);
  }

  /** @param {any} frame */
  #give(frame) {
    if (frame.type === "message") this.after = frame.cursor;
    if (this.readyState === 1) this.onmessage({ data: JSON.stringify(frame) });
  }

  /** @param {string} url @param {string} body */
  async #ask(url, body) {
    try {
      const answer = await fetch(url, { method: "POST", headers: { "content-type": "application/json", "x-visitor-token": this.token }, body, signal: this.stop.signal });
      if (answer.ok) return await answer.json();
      if (answer.status === 422 || answer.status === 413) return { frames: [], state: this.state };
      this.close(answer.status === 401 || answer.status === 403 ? 1008 : 1013);
    } catch { this.close(1006); }
    return null;
  }
}

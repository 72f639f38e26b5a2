// @ts-check
// Fetches pieces of the page and puts them in place without disturbing focus, caret or scroll.

/** The one place where text from our own server becomes elements. */
const policy = self.trustedTypes?.createPolicy("fragment", { createHTML: (html) => html });

/** @param {string} html */
export function parse(html) {
  const trusted = policy ? policy.createHTML(html) : html;
  return new DOMParser().parseFromString(/** @type {string} */ (trusted), "text/html").body;
}

export class Trouble extends Error {
  /** @param {number} status @param {{title?: string, detail?: string, limit?: string, fix?: string}} body */
  constructor(status, body) {
    super(sentences(body) || body.title || "The server did not answer.");
    this.status = status;
  }
}

/** What happened, the limit and what to do, as sentences. @param {{detail?: string, limit?: string, fix?: string}} body */
function sentences({ detail, limit, fix }) {
  const first = detail && limit && !detail.includes(limit) ? `${detail.replace(/\.$/, "")} (limit: ${limit})` : detail;
  return [first, fix].filter(Boolean).map((text) => text[0].toUpperCase() + text.slice(1) + (/[.!?]$/.test(text) ? "" : ".")).join(" ");
}

/** @param {string} url @returns {Promise<HTMLElement>} */
export async function get(url) {
  const answer = await fetch(url, { headers: { accept: "text/html" }, credentials: "same-origin" });
  if (!answer.ok) throw await troubleOf(answer);
  return parse(await answer.text());
}

/** @param {string} url @param {object} [body] @returns {Promise<any>} */
export async function post(url, body) {
  return (await posted(url, body, "application/json")).json();
}

/** Hands in a file. @param {string} url @param {File} file @returns {Promise<any>} */
export async function upload(url, file) {
  const csrf = /** @type {HTMLMetaElement} */ (document.querySelector("meta[name=csrf]"))?.content || "";
  const form = new FormData();
  form.append("file", file, file.name);
  const answer = await fetch(url, { method: "POST", headers: { "x-csrf-token": csrf, accept: "application/json" }, body: form, credentials: "same-origin" });
  if (!answer.ok) throw await troubleOf(answer);
  return answer.json();
}

/** Posts and gets a piece of a page back. @param {string} url @param {object} body @returns {Promise<HTMLElement>} */
export async function page(url, body) {
  return parse(await (await posted(url, body, "text/html")).text());
}

/** @param {string} url @param {object | undefined} body @param {string} accept */
async function posted(url, body, accept) {
  const csrf = /** @type {HTMLMetaElement} */ (document.querySelector("meta[name=csrf]"))?.content || "";
  const headers = { "x-csrf-token": csrf, "content-type": "application/json", accept };
  const answer = await fetch(url, { method: "POST", headers, body: body && JSON.stringify(body), credentials: "same-origin" });
  if (!answer.ok) throw await troubleOf(answer);
  return answer;
}

/** @param {Response} answer */
async function troubleOf(answer) {
  const body = await answer.json().catch(() => ({}));
  const detail = typeof body.detail === "string" ? body.detail : "The server refused this.";
  return new Trouble(answer.status, { ...body, detail });
}

/** Makes `old` look like `fresh`: children are matched by data-id, unchanged ones are left alone.
 * @param {Element} old @param {Element} fresh @param {{keepOrder?: boolean}} [how] */
export function morph(old, fresh, how = {}) {
  const known = new Map();
  for (const child of old.children) if (child instanceof HTMLElement && child.dataset.id) known.set(child.dataset.id, child);
  /** @type {Element | null} */
  let at = null;
  for (const next of [...fresh.children]) {
    const id = next instanceof HTMLElement ? next.dataset.id : undefined;
    let here = id ? known.get(id) : undefined;
    if (here) {
      known.delete(/** @type {string} */ (id));
      blend(here, next, how);
    } else if (how.keepOrder && id) {
      continue;
    } else {
      here = next;
    }
    const after = at ? at.nextElementSibling : old.firstElementChild;
    if (here !== after && !(how.keepOrder && here.parentElement === old)) old.insertBefore(here, after);
    at = here;
  }
  if (!how.keepOrder) {
    for (const gone of known.values()) gone.remove();
    for (const child of [...old.children]) if (child instanceof HTMLElement && !child.dataset.id && !fresh.contains(child) && !kept(child, old)) child.remove();
  }
}

/** @param {Element} child @param {Element} parent */
function kept(child, parent) {
  return child.parentElement === parent && child.hasAttribute("data-island");
}

/** @param {HTMLElement} here @param {Element} next @param {object} how */
function blend(here, next, how) {
  if (here.hasAttribute("data-island") || here.isEqualNode(next)) return;
  const held = ["aria-selected", "tabindex", "data-focus", "open"];
  for (const { name, value } of [...next.attributes]) if (!held.includes(name) && here.getAttribute(name) !== value) here.setAttribute(name, value);
  for (const { name } of [...here.attributes]) if (!held.includes(name) && !next.hasAttribute(name)) here.removeAttribute(name);
  const keyed = [...here.children].some((child) => child instanceof HTMLElement && child.dataset.id);
  if (keyed) morph(here, next, how);
  else if (here.innerHTML !== next.innerHTML) here.replaceChildren(...next.childNodes);
}

/** Tells the modules of this page something. @param {string} name @param {object} [detail] */
export const tell = (name, detail) => document.dispatchEvent(new CustomEvent(name, { detail }));
/** @param {string} name @param {(detail: any) => void} then */
export const hear = (name, then) => document.addEventListener(name, (event) => then(/** @type {CustomEvent} */ (event).detail));
/** @param {string} id @returns {any} */
export const byId = (id) => document.getElementById(id);

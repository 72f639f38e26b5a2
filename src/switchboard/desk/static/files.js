// @ts-check
// Files that go along with an answer: handed in as soon as they are chosen, dropped or pasted.

import { byId, hear, post, tell, upload } from "./fragment.js";
import { shown } from "./conversation.js";
import { refusal, told } from "./ways.js";

/** @typedef {{id: string, name: string, size: number, type: string, trouble?: string, coming?: boolean}} Attached */
/** ``trouble``: it was refused and does not go along. @type {Attached[]} */
let files = [];
let number = 0;
const MOST = 10;
let typedAt = 0;
const TYPING_EVERY = 15_000;

export function start() {
  document.addEventListener("change", (event) => {
    const input = /** @type {HTMLInputElement} */ (event.target);
    if (input.id === "file") { take([...(input.files || [])]); input.value = ""; }
  });
  document.addEventListener("paste", (event) => { if (inComposer(event)) take([...(event.clipboardData?.files || [])]); });
  document.addEventListener("dragover", (event) => { over(inComposer(event)); if (inComposer(event)) event.preventDefault(); });
  document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) over(false); });
  document.addEventListener("drop", (event) => { over(false); if (inComposer(event)) { event.preventDefault(); take([...(event.dataTransfer?.files || [])]); } });
  document.addEventListener("input", (event) => { if (/** @type {HTMLElement} */ (event.target).id === "text") writing(); });
  document.addEventListener("click", (event) => {
    const remove = /** @type {HTMLElement | null} */ (/** @type {HTMLElement} */ (event.target).closest?.("[data-drop-file]"));
    if (remove) { files = files.filter((file) => file.id !== remove.dataset.dropFile); draw(); byId("file").focus(); }
  });
  hear("opened", () => { clear(); seen(); });
  hear("way", draw);
  seen();
}

/** @param {Event} event */
const inComposer = (event) => !!/** @type {HTMLElement} */ (event.target).closest?.("#composer");

/** @param {boolean} on */
const over = (on) => byId("composer")?.classList.toggle("over", on);

/** Ids of the files that go along with the answer. */
export const attached = () => files.filter((file) => !file.trouble && !file.coming).map((file) => file.id);

/** The name of a file that the chosen channel does not carry, or that is still on its way. */
export const stopped = () => files.find((file) => file.coming || (!file.trouble && refusal(file)))?.name;

export function clear() {
  files = [];
  draw();
}

/** @param {File[]} chosen */
async function take(chosen) {
  const here = shown();
  if (!here || byId("composer")?.classList.contains("noting")) return;
  for (const file of chosen) {
    /** @type {Attached} */
    const mine = { id: `new-${number += 1}`, name: file.name || "Pasted picture", size: file.size, type: file.type };
    const full = attached().length >= MOST ? `At most ${MOST} files go along with one answer.` : "";
    mine.trouble = full || refusal(file) || (file.size ? "" : "The file is empty.");
    mine.coming = !mine.trouble;
    files.push(mine);
    draw();
    if (mine.coming) await hand(here.id, mine, file);
    if (shown()?.id !== here.id) return;
    tell("alert", mine.trouble ? `${mine.name} is not attached. ${mine.trouble}` : `${mine.name} is attached.`);
    draw();
  }
}

/** @param {string} conversation @param {Attached} mine @param {File} file */
async function hand(conversation, mine, file) {
  try {
    const kept = await upload(`/desk/conversations/${conversation}/attachments`, file);
    Object.assign(mine, { id: kept.attachment_id, name: kept.name });
  } catch (error) {
    mine.trouble = /** @type {any} */ (error).status ? /** @type {Error} */ (error).message : "No connection: attach it again later.";
  } finally {
    mine.coming = false;
  }
}

function draw() {
  const list = byId("files");
  if (!list) return;
  list.replaceChildren(...files.map((file) => {
    const item = document.createElement("li");
    const name = document.createElement("span");
    const remove = document.createElement("button");
    const trouble = file.trouble || refusal(file);
    name.className = "ell";
    name.textContent = file.name;
    const size = document.createElement("span");
    size.className = trouble ? "why-not" : "muted";
    size.textContent = trouble ? `Not attached. ${trouble}` : file.coming ? "being handed in" : told(file.size);
    item.classList.toggle("no", !!trouble);
    remove.type = "button";
    remove.className = "b q thin";
    remove.dataset.dropFile = file.id;
    remove.textContent = trouble ? "Dismiss" : "Remove";
    remove.setAttribute("aria-label", `${remove.textContent} ${file.name}`);
    item.append(name, size, remove);
    return item;
  }));
}

function seen() {
  const here = shown();
  if (here?.id) post(`/desk/conversations/${here.id}/seen`, {}).catch(() => {});
}

function writing() {
  const here = shown();
  const now = Date.now();
  if (!here || now - typedAt < TYPING_EVERY || byId("composer")?.classList.contains("noting")) return;
  typedAt = now;
  post(`/desk/conversations/${here.id}/typing`, {}).catch(() => {});
}

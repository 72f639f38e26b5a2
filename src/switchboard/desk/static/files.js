// @ts-check
// Files that go along with an answer: handed in as soon as they are chosen, dropped or pasted.

import { byId, hear, post, tell, upload } from "./fragment.js";
import { shown } from "./conversation.js";

/** @type {{id: string, name: string}[]} */
let files = [];
let typedAt = 0;
const TYPING_EVERY = 15_000;

export function start() {
  document.addEventListener("change", (event) => {
    const input = /** @type {HTMLInputElement} */ (event.target);
    if (input.id === "file") { take([...(input.files || [])]); input.value = ""; }
  });
  document.addEventListener("paste", (event) => { if (inComposer(event)) take([...(event.clipboardData?.files || [])]); });
  document.addEventListener("dragover", (event) => { if (inComposer(event)) event.preventDefault(); });
  document.addEventListener("drop", (event) => { if (inComposer(event)) { event.preventDefault(); take([...(event.dataTransfer?.files || [])]); } });
  document.addEventListener("input", (event) => { if (/** @type {HTMLElement} */ (event.target).id === "text") writing(); });
  document.addEventListener("click", (event) => {
    const remove = /** @type {HTMLElement | null} */ (/** @type {HTMLElement} */ (event.target).closest?.("[data-drop-file]"));
    if (remove) { files = files.filter((file) => file.id !== remove.dataset.dropFile); draw(); }
  });
  hear("opened", () => { clear(); seen(); });
  seen();
}

/** @param {Event} event */
const inComposer = (event) => !!/** @type {HTMLElement} */ (event.target).closest?.("#composer");

/** Ids of the files that go along with the answer. */
export const attached = () => files.map((file) => file.id);

export function clear() {
  files = [];
  draw();
}

/** @param {File[]} chosen */
async function take(chosen) {
  const here = shown();
  if (!here || !chosen.length) return;
  for (const file of chosen) {
    try {
      const kept = await upload(`/desk/conversations/${here.id}/attachments`, file);
      if (shown()?.id !== here.id) return;
      files.push({ id: kept.attachment_id, name: kept.name });
      draw();
      tell("alert", `${kept.name} is attached.`);
    } catch (error) {
      tell("failed", error);
    }
  }
}

function draw() {
  const list = byId("files");
  if (!list) return;
  list.replaceChildren(...files.map((file) => {
    const item = document.createElement("li");
    const remove = document.createElement("button");
    item.textContent = file.name;
    remove.type = "button";
    remove.className = "b q thin";
    remove.dataset.dropFile = file.id;
    remove.textContent = "Remove";
    remove.setAttribute("aria-label", `Remove ${file.name}`);
    item.append(" ", remove);
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

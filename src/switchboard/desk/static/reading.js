// @ts-check
// Shows how a message is read: sends it, puts the reading in place, switches what the marks mean.

import { byId, hear, page, tell } from "./fragment.js";

const text = byId("text");
const told = byId("told");
let asked = 0;

/** @param {string} said */
const state = (said) => { byId("state").textContent = said; };

async function read() {
  const mine = ++asked;
  if (!text.value.trim()) { state("Type a message first."); text.focus(); return; }
  told.setAttribute("aria-busy", "true");
  state("Reading…");
  try {
    const fresh = await page("/f/reading", { text: text.value });
    if (mine !== asked) return;
    told.replaceChildren(...fresh.childNodes);
    state("Read. Nothing you type here is stored.");
    tell("read");
  } catch (error) {
    if (mine === asked) state(/** @type {Error} */ (error).message);
  } finally {
    if (mine === asked) told.removeAttribute("aria-busy");
  }
}

byId("ask").addEventListener("submit", (/** @type {SubmitEvent} */ event) => { event.preventDefault(); read(); });
text.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); read(); }
});
document.addEventListener("click", (event) => {
  const button = /** @type {HTMLElement} */ (event.target).closest("button");
  if (button?.dataset.try) { text.value = button.dataset.try; read(); }
  if (button?.dataset.marks) mark(button.dataset.marks);
});

let marks = "intent";
/** @param {string} which */
function mark(which) {
  marks = which;
  byId("marked")?.setAttribute("data-marks", which);
  for (const one of told.querySelectorAll("button[data-marks]")) one.setAttribute("aria-pressed", String(one.dataset.marks === which));
}
hear("read", () => mark(marks));
read();

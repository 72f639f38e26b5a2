// @ts-check
// The customers' side of the demo: shows what arrives, writes as the customer.

import { byId, get, morph, post } from "./fragment.js";

const { stream = "/v1/events", customer = "" } = document.body.dataset;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let waiting;
const later = () => { waiting ??= setTimeout(refresh, 150); };

async function refresh() {
  waiting = undefined;
  try {
    morph(byId("phones"), await get(`/demo/phones/fragment?customer=${encodeURIComponent(customer)}`));
  } catch { /* the next hint tries again */ }
}

document.addEventListener("submit", async (event) => {
  const form = /** @type {HTMLFormElement} */ (event.target);
  if (!form.dataset.channel) return;
  event.preventDefault();
  const field = /** @type {HTMLTextAreaElement} */ (form.querySelector("textarea"));
  const text = field.value.trim();
  if (!text) return;
  try {
    await post(`/demo/phones/${customer}`, { channel: form.dataset.channel, text });
    field.value = "";
    byId("said").textContent = "Sent.";
    later();
  } catch (error) {
    byId("said").textContent = /** @type {Error} */ (error).message;
  }
});
document.addEventListener("keydown", (event) => {
  const target = /** @type {HTMLElement} */ (event.target);
  if (target.matches("textarea") && event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); target.closest("form")?.requestSubmit(); }
});

const source = new EventSource(stream);
for (const type of ["message", "message_received", "message_sent", "delivery_updated", "reset"]) source.addEventListener(type, later);
setInterval(refresh, 10_000);

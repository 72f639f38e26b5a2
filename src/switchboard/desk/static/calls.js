// @ts-check
// The telephone: taking a caller who waits, and calling a customer. Our own telephone rings first.

import { post, tell } from "./fragment.js";
import { refresh, shown } from "./conversation.js";
import { toast } from "./act.js";

const SAID = /** @type {Record<string, string>} */ ({
  "take-call": "Your telephone rings. Press any key there to take the call.",
  call: "Your telephone rings. Press any key there and the customer is called.",
});
let ringing = false;

export function start() {
  document.addEventListener("click", (event) => {
    const button = /** @type {HTMLElement | null} */ (/** @type {HTMLElement} */ (event.target).closest("[data-call]"));
    if (button?.dataset.call) ring(button.dataset.call);
  });
}

/** Asks once at a time: a second click would ring twice. @param {string} what */
async function ring(what) {
  const here = shown();
  if (!here || ringing) return;
  ringing = true;
  try {
    await post(`/desk/conversations/${here.id}/${what}`, {});
    toast(SAID[what]);
  } catch (error) {
    if (/** @type {any} */ (error).status === 401) tell("signed-out");
    else toast(/** @type {Error} */ (error).message);
  } finally {
    ringing = false;
    refresh();
  }
}

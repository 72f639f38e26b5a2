// @ts-check
// The agent desk starts here.

import { byId, hear } from "./fragment.js";
import * as act from "./act.js";
import * as calls from "./calls.js";
import * as composer from "./composer.js";
import * as copies from "./copies.js";
import * as files from "./files.js";
import * as conversation from "./conversation.js";
import * as keys from "./keys.js";
import * as offers from "./offers.js";
import * as ways from "./ways.js";
import * as list from "./list.js";
import * as live from "./live.js";

act.theme();
for (const part of [list, conversation, ways, copies, offers, composer, files, act, calls, keys, live]) part.start();

let spoken = 0;
/** Says at most one thing every 3 s to people who listen to the page. */
hear("grown", ({ name }) => {
  if (Date.now() - spoken < 3000) return;
  spoken = Date.now();
  byId("announcer").textContent = `New in the conversation with ${name}`;
});

// The loader: a button on the host's page; the conversation opens in a frame of our own on intent.
(() => {
  const script = document.currentScript;
  if (!script || window.SwitchboardChat) return;
  const origin = new URL(script.src).origin;
  const { label = "Chat with us", color = "#0A6B75", ink = "#FFFFFF" } = script.dataset;
  const host = document.createElement("div");
  const root = host.attachShadow({ mode: "open" });
  const css = new CSSStyleSheet();
  css.replaceSync(`:host{all:initial}
button{position:fixed;right:24px;bottom:24px;z-index:2147483000;width:56px;height:56px;border:0;border-radius:50%;background:${color};color:${ink};cursor:pointer;box-shadow:0 1px 2px #0003,0 8px 24px #0004}
button:focus-visible{outline:3px solid ${color};outline-offset:3px}
b{position:absolute;top:-2px;right:-2px;min-width:20px;height:20px;border-radius:10px;background:#B3261E;color:#fff;font:600 12px/20px system-ui}
svg{display:block;margin:auto;width:24px;height:24px;fill:none;stroke:currentColor;stroke-width:1.5;stroke-linecap:round;stroke-linejoin:round}
iframe{position:fixed;right:24px;bottom:96px;z-index:2147483000;width:384px;height:min(728px,calc(100dvh - 120px));border:0;border-radius:16px;background:transparent;color-scheme:normal;box-shadow:0 1px 2px #0003,0 12px 32px #0005}
[hidden]{display:none}
@media(max-width:480px){iframe{inset:0;width:100%;height:100%;border-radius:0}iframe:not([hidden])~button{display:none}}`);
  root.adoptedStyleSheets = [css];
  const make = (name, attributes, ...inside) => {
    const node = /svg|path/.test(name) ? document.createElementNS("http://www.w3.org/2000/svg", name) : document.createElement(name);
    for (const key in attributes) node.setAttribute(key, attributes[key]);
    node.append(...inside);
    return node;
  };
  const badge = make("b", { hidden: "" });
  const button = make("button", { type: "button", "aria-haspopup": "dialog", "aria-expanded": "false" },
    make("svg", { viewBox: "0 0 16 16", "aria-hidden": "true" }, make("path", { d: "M2.5 3h11v7.5h-6L4.5 13v-2.5h-2zM5.5 6.7v.01M8 6.7v.01M10.5 6.7v.01" })), badge);
  root.append(button);
  button.setAttribute("aria-label", label);
  let frame = null, unread = 0;
  const tell = (what) => frame?.contentWindow?.postMessage({ switchboard: what }, origin);
  function load() {
    if (frame) return;
    frame = document.createElement("iframe");
    frame.src = `${origin}/widget/panel`;
    frame.title = label;
    frame.hidden = true;
    frame.addEventListener("load", () => { tell({ page: location.href.slice(0, 500), identity: window.SwitchboardIdentity }); if (!frame.hidden) tell("open"); });
    root.prepend(frame);
  }
  function show(open) {
    load();
    frame.hidden = !open;
    button.setAttribute("aria-expanded", String(open));
    if (open) { count(0); tell("open"); frame.focus(); } else { tell("shut"); button.focus(); }
  }
  function count(n) {
    unread = n;
    badge.textContent = String(n);
    badge.hidden = !n;
    button.setAttribute("aria-label", n ? `${label}, ${n} new` : label);
  }
  button.addEventListener("pointerenter", load);
  button.addEventListener("focus", load);
  button.addEventListener("click", () => show(!frame || frame.hidden));
  addEventListener("message", (event) => {
    if (event.origin !== origin || event.source !== frame?.contentWindow) return;
    if (event.data?.switchboard === "close") show(false);
    if (event.data?.switchboard === "news" && frame.hidden) count(unread + 1);
  });
  window.SwitchboardChat = { open: () => show(true), close: () => show(false) };
  const attach = () => document.body.append(host);
  document.body ? attach() : addEventListener("DOMContentLoaded", attach);
})();

/* Warns two minutes before the session ends. Use in another tab counts, and so does a part of a page that is fetched. */
"use strict";

(() => {
  const dialog = document.getElementById("session-ending");
  if (!dialog) return;
  const WARNED_BEFORE = 120_000;
  const TOLERANCE = 5_000;
  const part = (name) => dialog.querySelector(`[data-session-${name}]`);
  const loadedAt = Date.now();
  const longestAt = loadedAt + Number(dialog.dataset.endsIn) * 1000;
  const channel = new BroadcastChannel("steward-session");
  let usedAt = loadedAt;

  const show = (idle, longest, over) => {
    part("idle").hidden = !idle;
    part("longest").hidden = !longest;
    part("over").hidden = !over;
    part("stay").hidden = !idle;
    if (over) dialog.querySelector("h2").textContent = dialog.dataset.ended;
    if (!dialog.open) dialog.showModal();
  };

  let said = "";
  const look = () => {
    const now = Date.now();
    const idleAt = usedAt + Number(dialog.dataset.idle) * 1000;
    const next = now >= Math.min(idleAt, longestAt) + TOLERANCE ? "over"
      : now >= idleAt - WARNED_BEFORE ? "idle"
      : now >= longestAt - WARNED_BEFORE ? "longest" : "";
    if (next === said) return;
    said = next;
    if (next) show(next === "idle", next === "longest", next === "over");
    else dialog.close();
  };

  const used = () => {
    usedAt = Date.now();
    look();
  };
  channel.addEventListener("message", used);
  channel.postMessage("used");
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.requestConfig.headers["Steward-Poll"] || event.detail.failed) return;
    channel.postMessage("used");
    used();
  });

  part("stay").addEventListener("click", async () => {
    const headers = { "X-CSRFToken": dialog.dataset.csrf };
    const answer = await fetch(dialog.dataset.stay, { method: "POST", headers, redirect: "manual" });
    if (answer.status !== 204) return location.assign(location.href);
    channel.postMessage("used");
    used();
  });

  setInterval(look, 1000);
})();

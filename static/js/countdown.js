/* How long a code still works, counted down; without this file the page says it once. */
"use strict";

for (const line of document.querySelectorAll("[data-countdown]")) {
  const over = Date.now() + Number(line.dataset.countdown) * 1000;
  const tick = () => {
    const left = Math.ceil((over - Date.now()) / 1000);
    line.textContent = left > 0 ? line.dataset.left.replace("%s", String(left)) : line.dataset.over;
    if (left > 0) setTimeout(tick, 500);
  };
  tick();
}

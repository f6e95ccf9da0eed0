/* The page of a one-time secret: Done waits for the tick, and leaving without it asks. */
"use strict";

(() => {
  const tickOf = (secret) => secret.querySelector("[data-secret-done] input[name=stored]");
  let leaving = false;

  const follow = () => {
    for (const secret of document.querySelectorAll("[data-secret]")) {
      secret.querySelector("[data-secret-done] .button.primary").disabled = !tickOf(secret).checked;
    }
  };
  document.addEventListener("DOMContentLoaded", follow);
  document.addEventListener("steward:replaced", follow);
  addEventListener("pageshow", follow);
  document.addEventListener("change", follow);

  document.addEventListener("submit", (event) => {
    if (event.target.matches("[data-secret-done]")) leaving = true;
  });
  addEventListener("beforeunload", (event) => {
    const secret = document.querySelector("[data-secret]");
    const holdsKey = secret?.querySelector("[data-secret-value]").textContent.trim();
    if (leaving || !holdsKey || tickOf(secret).checked) return;
    event.preventDefault();
    event.returnValue = secret.dataset.leave; // browsers show their own words
  });
})();

/* Choosing a password: how strong it looks, and seeing what one types. Nothing of it leaves the page. */
"use strict";

(() => {
  const SHORTEST = 12;
  const COMMON = /pass|word|1234|qwer|asdf|abc|admin|steward|letme|welcome/gi;

  /* A guess at how much there is to guess: kinds of characters, less what repeats or everybody uses. */
  const bitsOf = (password) => {
    const kinds = [[/\p{Ll}/u, 26], [/\p{Lu}/u, 26], [/\p{Nd}/u, 10], [/[^\p{L}\p{N}]/u, 33]];
    const alphabet = kinds.reduce((sum, [kind, size]) => sum + (kind.test(password) ? size : 0), 0) || 40;
    const rest = password.replace(COMMON, "·").replace(/(.)\1+/gu, "$1");
    const different = new Set(rest).size;
    return Math.min(rest.length, different * 2) * Math.log2(alphabet) * 0.7;
  };

  const strengthOf = (password) => {
    if ([...password].length < SHORTEST) return 0;
    const bits = bitsOf(password);
    return bits < 36 ? 1 : bits < 50 ? 2 : bits < 70 ? 3 : 4;
  };

  for (const line of document.querySelectorAll("[data-strength-of]")) {
    const input = document.getElementById(line.dataset.strengthOf);
    const words = line.dataset.words.split("|");
    const meter = line.querySelector("meter");
    const status = line.querySelector("[role=status]");
    const show = () => {
      const strength = strengthOf(input.value);
      line.hidden = input.value === "";
      meter.value = strength;
      if (status.textContent !== words[strength]) status.textContent = words[strength];
    };
    input.addEventListener("input", show);
    show();
  }

  for (const label of document.querySelectorAll("[data-reveals]")) {
    label.hidden = false;
    label.querySelector("input").addEventListener("change", (event) => {
      for (const id of label.dataset.reveals.split(" ")) {
        document.getElementById(id).type = event.target.checked ? "text" : "password";
      }
    });
  }

  /* A password that is shown must not be kept by the browser as a text that was typed. */
  document.addEventListener("submit", (event) => {
    for (const label of event.target.querySelectorAll("[data-reveals]")) {
      for (const id of label.dataset.reveals.split(" ")) document.getElementById(id).type = "password";
    }
  });
})();

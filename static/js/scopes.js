/* The scopes picker: a ticked parent ticks and locks its children; count, summary in plain words, filter, presets. */
"use strict";

(() => {
  const boxOf = (item) => item.querySelector(":scope > .scope > input");
  const childrenOf = (item) => [...item.querySelectorAll(":scope > .scope-list > [data-scope]")];

  /* What a child was before its parent covered it comes back when the parent lets go. */
  const cover = (item, covered) => {
    const box = boxOf(item);
    if (covered && !("own" in box.dataset)) {
      if (box.disabled) return; // refused by the server, not covered
      box.dataset.own = String(box.checked);
      box.checked = true;
      box.disabled = true;
    } else if (!covered && "own" in box.dataset) {
      box.checked = box.dataset.own === "true";
      box.disabled = false;
      delete box.dataset.own;
    }
    box.closest(".scope").classList.toggle("covered", covered && "own" in box.dataset);
    coverBelow(item);
  };

  /* A restricted scope goes with no parent that is not restricted itself. */
  const coverBelow = (item) => {
    for (const child of childrenOf(item)) {
      const free = "scopeAlone" in child.dataset && !("scopeAlone" in item.dataset);
      cover(child, boxOf(item).checked && !free);
    }
  };

  const topItems = (root) => [...root.querySelectorAll("[data-scopes-section] > .scope-list > [data-scope]")];

  /* What covers everything of its vendor ticks and locks all beside it. */
  const coverBeside = (everything) => {
    const group = everything.closest("[data-scopes-group]");
    for (const item of topItems(group)) if (item !== everything) cover(item, boxOf(everything).checked);
  };

  /* What a scope lets the account do, and what has to come before it does. */
  const said = (box) => (box.dataset.level ? `${box.dataset.plain} — ${box.dataset.level}` : box.dataset.plain);

  const ownTicks = (root) => [...root.querySelectorAll("[data-scope] > .scope > input:checked")].filter((box) => !("own" in box.dataset));

  const refresh = (picker) => {
    picker.querySelectorAll("[data-scope-everything]").forEach(coverBeside);
    topItems(picker).forEach(coverBelow);
    const chosen = ownTicks(picker);
    for (const fold of picker.querySelectorAll("[data-scopes-fold]")) {
      const count = ownTicks(fold).length;
      const told = fold.querySelector(":scope > summary [data-scopes-chosen]");
      told.querySelector("[data-scopes-chosen-count]").textContent = count;
      told.hidden = !count;
    }
    picker.querySelector("[data-scopes-count]").textContent = chosen.length;
    const lines = chosen.length ? chosen.map(said) : [picker.dataset.none];
    const list = picker.querySelector("[data-scopes-summary]");
    list.replaceChildren(
      ...[...new Set(lines)].map((line) => {
        const entry = document.createElement("li");
        entry.textContent = line;
        return entry;
      }),
    );
  };

  const filter = (picker, text) => {
    const words = text.trim().toLowerCase().split(/\s+/).filter(Boolean);
    const fits = (item) => {
      const said = item.querySelector(":scope > .scope").textContent.toLowerCase();
      return words.every((word) => said.includes(word));
    };
    let any = false;
    for (const section of picker.querySelectorAll("[data-scopes-section]")) {
      let some = false;
      for (const item of section.querySelectorAll(":scope > .scope-list > [data-scope]")) {
        const parent = fits(item);
        const children = childrenOf(item).filter((child) => {
          child.hidden = !parent && !fits(child);
          return !child.hidden;
        });
        item.hidden = !parent && !children.length;
        some ||= !item.hidden;
      }
      section.hidden = !some;
      any ||= some;
    }
    for (const fold of picker.querySelectorAll("[data-scopes-fold]")) {
      fold.hidden = ![...fold.querySelectorAll("[data-scopes-section]")].some((section) => !section.hidden);
      if (words.length && !("was" in fold.dataset)) fold.dataset.was = fold.open ? "open" : "";
      if (words.length) fold.open = true;
      else if ("was" in fold.dataset) {
        fold.open = fold.dataset.was === "open";
        delete fold.dataset.was;
      }
    }
    picker.querySelector("[data-scopes-nothing]").hidden = any;
  };

  /* What was ticked stays ticked. */
  const choose = (picker, names) => {
    for (const item of picker.querySelectorAll("[data-scope]")) {
      const box = boxOf(item);
      if ("own" in box.dataset) {
        box.checked = box.dataset.own === "true";
        box.disabled = false;
        delete box.dataset.own;
      }
      if (!box.disabled && names.includes(item.dataset.scope)) box.checked = true;
    }
    refresh(picker);
  };

  document.addEventListener("change", (event) => {
    const picker = event.target.closest("[data-scopes]");
    if (picker && event.target.matches("[type=checkbox]")) refresh(picker);
  });
  document.addEventListener("input", (event) => {
    const picker = event.target.closest("[data-scopes]");
    if (picker && event.target.matches("[data-scopes-filter]")) filter(picker, event.target.value);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.matches?.("[data-scopes-filter]")) event.preventDefault();
  });
  document.addEventListener("click", (event) => {
    const preset = event.target.closest("[data-scopes-preset]");
    if (!preset) return;
    event.preventDefault(); // without script the button sends the form, and the server ticks
    choose(preset.closest("[data-scopes]"), preset.dataset.scopesPreset.split(" "));
  });

  const start = () => document.querySelectorAll("[data-scopes]").forEach(refresh);
  document.addEventListener("DOMContentLoaded", start);
  document.addEventListener("steward:replaced", start);
  document.addEventListener("htmx:load", start); // the scopes of another account took its place
  addEventListener("pageshow", start); // a page that comes back has its ticks, but not what follows from them
})();

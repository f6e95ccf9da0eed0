/* What every page may use. All of it improves things that work without it. */
"use strict";

(() => {
  const announce = (text) => {
    const toast = document.getElementById("toast");
    if (!toast || !text) return;
    toast.textContent = text;
    toast.classList.add("shown");
    clearTimeout(announce.timer);
    announce.timer = setTimeout(() => toast.classList.remove("shown"), 2500);
  };
  window.steward = { announce };

  /* Copy. The clipboard is missing on plain http, where the old command still works. */
  const copyText = async (text) => {
    if (navigator.clipboard && window.isSecureContext) return navigator.clipboard.writeText(text);
    const area = document.createElement("textarea");
    area.value = text;
    area.className = "visually-hidden";
    document.body.append(area);
    area.select();
    const copied = document.execCommand("copy");
    area.remove();
    if (!copied) throw new Error("copying is not allowed here");
  };

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    const source = button.dataset.copyFrom && document.getElementById(button.dataset.copyFrom);
    try {
      await copyText(source ? source.textContent : button.dataset.copy);
    } catch {
      const beside = source || button.parentElement.querySelector("code");
      if (beside) getSelection().selectAllChildren(beside);
      return;
    }
    button.focus();
    button.classList.add("copied");
    announce(button.dataset.copied);
    setTimeout(() => button.classList.remove("copied"), 2000);
  });

  /* Buttons that open dialogs say so with command and commandfor; older browsers need telling. */
  if (!("commandForElement" in HTMLButtonElement.prototype)) {
    document.addEventListener("click", (event) => {
      const button = event.target.closest("button[commandfor]");
      const dialog = button && document.getElementById(button.getAttribute("commandfor"));
      if (!dialog) return;
      if (button.getAttribute("command") === "show-modal" && !dialog.open) dialog.showModal();
      if (button.getAttribute("command") === "close") dialog.close();
    });
  }

  /* A click beside a dialog closes it; the focus goes back by itself. */
  document.addEventListener("click", (event) => {
    if (!(event.target instanceof HTMLDialogElement) || !event.target.open) return;
    const box = event.target.getBoundingClientRect();
    const inside =
      event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
    if (!inside) event.target.close();
  });

  /* Menus: arrow keys, and a place beside their button where CSS cannot give one. */
  const entries = (menu) => [...menu.querySelectorAll("a[href], button:not(:disabled)")];
  document.addEventListener("keydown", (event) => {
    if (!["ArrowDown", "ArrowUp", "Home", "End"].includes(event.key)) return;
    const opener = event.target.closest("button[popovertarget]");
    if (opener && event.key === "ArrowDown") {
      const opened = document.getElementById(opener.getAttribute("popovertarget"));
      opened.showPopover({ source: opener });
      entries(opened)[0]?.focus();
      event.preventDefault();
      return;
    }
    const menu = event.target.closest(".menu-list");
    if (!menu) return;
    const all = entries(menu);
    const at = all.indexOf(document.activeElement);
    const next = { ArrowDown: at + 1, ArrowUp: at - 1 + all.length, Home: 0, End: all.length - 1 }[event.key];
    all[next % all.length]?.focus();
    event.preventDefault();
  });
  if (!CSS.supports("position-area", "block-end")) {
    document.addEventListener(
      "toggle",
      (event) => {
        const menu = event.target;
        if (!menu.matches?.(".menu-list") || event.newState !== "open") return;
        const button = document.querySelector(`button[popovertarget="${CSS.escape(menu.id)}"]`);
        const box = button.getBoundingClientRect();
        const below = box.bottom + menu.offsetHeight + 8 < innerHeight;
        menu.style.inset = "auto";
        menu.style.top = `${below ? box.bottom : Math.max(8, box.top - menu.offsetHeight - 8)}px`;
        menu.style.left = `${Math.max(8, Math.min(box.right - menu.offsetWidth, innerWidth - menu.offsetWidth - 8))}px`;
      },
      true,
    );
  }

  /* Keys: "/" search, "?" the list of keys, and sequences that links name in data-keys. */
  let pressed = "";
  let pressedAt = 0;
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, textarea, select, [contenteditable]");
    if (typing || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (document.querySelector("dialog:modal")) return;
    if (event.key === "/") {
      const search = [...document.querySelectorAll("[data-search], [role=search] input[type=search]")].find((input) =>
        input.checkVisibility(),
      );
      if (!search) return;
      event.preventDefault();
      search.focus();
      search.select();
    } else if (event.key === "?") {
      event.preventDefault();
      document.getElementById("shortcuts")?.showModal();
    } else if (event.key.length === 1) {
      const sequence = event.timeStamp - pressedAt < 1200 ? `${pressed} ${event.key}` : event.key;
      document.querySelector(`a[data-keys="${CSS.escape(sequence)}"]`)?.click();
      pressed = event.key;
      pressedAt = event.timeStamp;
    }
  });

  /* A form is sent once; the button says that it works, and works again when one comes back. */
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || form.hasAttribute("data-stays")) return;
    const buttons = [...form.elements].filter((element) => element.type === "submit");
    setTimeout(() => {
      if (event.defaultPrevented) return; // another script sends it
      for (const button of buttons) {
        if (button.disabled) continue;
        button.disabled = true;
        button.dataset.sending = "";
        button.setAttribute("aria-busy", "true");
      }
    });
  });
  addEventListener("pageshow", () => {
    for (const button of document.querySelectorAll("[data-sending]")) {
      button.disabled = false;
      button.removeAttribute("aria-busy");
      delete button.dataset.sending;
    }
  });

  /* Filters follow at once, by htmx where it is there; parameters that say nothing stay out of the address. */
  document.addEventListener("change", (event) => {
    const form = event.target.closest("[data-filters]");
    if (form && !(window.htmx && form.hasAttribute("hx-get"))) form.requestSubmit();
  });
  document.addEventListener("formdata", (event) => {
    if (!event.target.matches("[role=search]")) return;
    for (const [name, value] of [...event.formData]) if (value === "") event.formData.delete(name);
  });

  /* Bulk choice: one tick for all rows of the page. */
  document.addEventListener("change", (event) => {
    if (!event.target.matches("[data-select-all]")) return;
    for (const box of event.target.form.elements) {
      if (box.name === "selected" && !box.disabled) box.checked = event.target.checked;
    }
  });

  /* An answer to a form with errors starts at the summary. */
  document.addEventListener("click", (event) => {
    const link = event.target.closest(".error-summary a[href^='#']");
    const field = link && document.getElementById(decodeURIComponent(link.hash.slice(1)));
    if (!field) return;
    event.preventDefault();
    const control = field.matches("input, select, textarea") ? field : field.querySelector("input, select, textarea");
    control?.focus();
    field.scrollIntoView({ block: "center" });
  });

  /* Relative times stay true while the page is open; they count as console/ui/times.py does. */
  const words = new Intl.RelativeTimeFormat(document.documentElement.lang || "en", { numeric: "always" });
  const units = [["year", 31536000], ["month", 2592000], ["day", 86400], ["hour", 3600], ["minute", 60]];
  const whole = (seconds, size) => Math.trunc((seconds < 0 ? seconds : seconds + Math.floor(size / 24) - 1) / size);
  setInterval(() => {
    for (const time of document.querySelectorAll("time[data-relative]")) {
      const seconds = (new Date(time.dateTime) - Date.now()) / 1000;
      const unit = units.find(([, size]) => Math.abs(seconds) >= size);
      if (unit) time.textContent = words.format(whole(seconds, unit[1]), unit[0]);
    }
  }, 30000);

  /* Tabs scroll sideways where there is no room for all; the open one begins in sight. */
  document.addEventListener("DOMContentLoaded", () => {
    for (const current of document.querySelectorAll(".tabs > [aria-current]")) {
      const tabs = current.parentElement, [box, frame] = [current, tabs].map((part) => part.getBoundingClientRect());
      if (box.left < frame.left || box.right > frame.right) tabs.scrollLeft += box.left + box.width / 2 - frame.left - frame.width / 2;
    }
  });

  /* Tables that become cards keep their meaning for screen readers: display: block would take it away. */
  const nameRoles = (root) => {
    const roles = { table: "table", thead: "rowgroup", tbody: "rowgroup", tr: "row", td: "cell", "thead th": "columnheader", "tbody th": "rowheader" };
    for (const table of root.querySelectorAll(".table")) {
      table.setAttribute("role", "table");
      for (const [selector, role] of Object.entries(roles)) {
        for (const part of table.querySelectorAll(selector)) part.setAttribute("role", role);
      }
    }
  };
  document.addEventListener("DOMContentLoaded", () => nameRoles(document));
  document.addEventListener("htmx:load", (event) => nameRoles(event.target.parentElement || document));
  document.addEventListener("htmx:configRequest", (event) => {
    const data = event.detail.formData;
    if (!data || !event.target.matches("[role=search]")) return;
    for (const [name, value] of [...data.entries()]) if (value === "") data.delete(name);
  });
})();

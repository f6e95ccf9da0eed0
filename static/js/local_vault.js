/* Pages of local vaults: what is typed is encrypted before a form is sent, and what is shown is opened here. The inputs
   of secrets have no name, so that no form sends them as they are. */
"use strict";

(async () => {
  const keys = window.stewardKeys;
  if (!keys.possible) return; // the page says what to do
  const data = JSON.parse(document.getElementById("local-data").textContent);
  const own = await keys.session(data.session);
  if (!own) {
    for (const part of document.querySelectorAll("[data-key-lost]")) part.hidden = false;
    for (const part of document.querySelectorAll("[data-without-keys]")) part.hidden = true;
    return;
  }
  for (const part of document.querySelectorAll("[data-needs-keys]")) part.hidden = false;
  for (const part of document.querySelectorAll("[data-without-keys]")) part.hidden = true;

  class Wrong extends Error {}
  const vault = async () => keys.openVault(data.keys[0], own);
  const before = (selector, fill) => {
    const form = document.querySelector(selector);
    form?.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (form.dataset.working) return;
      form.dataset.working = "yes";
      const said = form.querySelector("[data-said]");
      said.textContent = "";
      try {
        await fill(form);
        for (const typed of form.querySelectorAll("[data-seal]")) typed.value = "";
        form.submit();
      } catch (error) {
        said.textContent = error instanceof Wrong ? error.message : form.dataset.failed;
        said.scrollIntoView({ block: "center" });
        if (!(error instanceof Wrong)) throw error; // for the console of whoever looks into it
      } finally {
        delete form.dataset.working;
      }
    });
  };

  /* One-time codes: RFC 6238, computed here. */
  const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const ofBase32 = (text) => {
    const plain = text.replace(/[\s-]/g, "").toUpperCase().replace(/=+$/, "");
    if (!plain || [...plain].some((letter) => !BASE32.includes(letter))) return null;
    const all = [...plain].map((letter) => BASE32.indexOf(letter).toString(2).padStart(5, "0")).join("");
    const found = Uint8Array.from(all.match(/.{8}/g) || [], (eight) => parseInt(eight, 2));
    return found.length >= 8 && found.length <= 128 ? found : null;
  };
  const authenticator = (text, words) => {
    const made = { secret: text, digits: 6, period: 30, algorithm: "SHA1" };
    if (text.toLowerCase().startsWith("otpauth:")) {
      const url = URL.canParse(text) ? new URL(text) : null;
      if (!url || !/^(\/\/)?totp(\/|$)/i.test(url.host || url.pathname)) throw new Wrong(words.badKey);
      made.secret = url.searchParams.get("secret") || "";
      made.digits = Number(url.searchParams.get("digits") || 6);
      made.period = Number(url.searchParams.get("period") || 30);
      made.algorithm = (url.searchParams.get("algorithm") || "SHA1").toUpperCase();
    }
    const known = ["SHA1", "SHA256", "SHA512"].includes(made.algorithm) && [6, 7, 8].includes(made.digits);
    const inTime = Number.isInteger(made.period) && made.period >= 15 && made.period <= 120;
    if (!ofBase32(made.secret) || !known || !inTime) throw new Wrong(words.badKey);
    return JSON.stringify(made);
  };
  const codeAt = async (made, step) => {
    const hash = made.algorithm.replace("SHA", "SHA-");
    const key = await crypto.subtle.importKey("raw", ofBase32(made.secret), { name: "HMAC", hash }, false, ["sign"]);
    const counter = new DataView(new ArrayBuffer(8));
    counter.setBigUint64(0, BigInt(step));
    const digest = new DataView(await crypto.subtle.sign("HMAC", key, counter.buffer));
    const offset = digest.getUint8(digest.byteLength - 1) & 15;
    const number = digest.getUint32(offset) & 0x7fffffff;
    return String(number % 10 ** made.digits).padStart(made.digits, "0");
  };

  /* Custom fields are typed one a line, "name: value". */
  const fields = (text, words) => {
    const lines = text.split("\n").map((line) => line.trim()).filter(Boolean);
    const found = lines.map((line) => ({ name: line.split(":")[0].trim(), value: line.slice(line.indexOf(":") + 1).trim() }));
    if (found.length > 20 || lines.some((line, at) => !line.includes(":") || !found[at].name)) throw new Wrong(words.badFields);
    return JSON.stringify(found);
  };
  const texts = (name, typed, words) => {
    if (name === "password") {
      if ([...typed].length > 1000 || /[\u0000-\u001f\u007f]/.test(typed)) throw new Wrong(words.badPassword);
      return [typed];
    }
    if (!typed.trim()) return [];
    if (name === "authenticator") return [authenticator(typed.trim(), words)];
    if (name === "fields") return [fields(typed, words)];
    if (name === "notes") {
      if (typed.length > 10000) throw new Wrong(words.badNotes);
      return [typed.trim()];
    }
    const codes = [...new Set(typed.split("\n").map((line) => line.trim()).filter(Boolean))];
    if (codes.length > 50 || codes.some((code) => code.length > 100)) throw new Wrong(words.badCodes);
    return codes;
  };

  before("form[data-local-seal]", async (form) => {
    const words = form.dataset;
    let now = await vault();
    if (data.needs_new_key) {
      const next = await keys.nextVault(now, data.recipients);
      now = next.vault;
      form.elements.new_key.value = JSON.stringify(next.said);
    }
    const sealed = {};
    for (const typed of form.querySelectorAll("[data-seal]")) {
      const name = typed.dataset.seal;
      const found = typed.value === "" ? [] : texts(name, typed.value, words);
      if (!found.length && typed.required) throw new Wrong(words.empty);
      for (const [number, text] of found.entries()) {
        const place = { item: data.item, name, serial: data.serials[name] + number };
        (sealed[name] ||= []).push(await keys.seal(now, place, text));
      }
    }
    form.elements.sealed.value = JSON.stringify(sealed);
  });

  before("form[data-local-vault-new]", async (form) => {
    const made = keys.newVault(form.elements.vault_id.value);
    const wraps = [await keys.wrapFor(made, keys.asRecipient(own))];
    for (const to of data.own) if ((await keys.compared(to.id)) === to.agreement) wraps.push(await keys.wrapFor(made, to));
    form.elements.wraps.value = JSON.stringify(wraps);
  });

  before("form[data-local-give]", async (form) => {
    if (!form.elements.same.checked) throw new Wrong(form.dataset.compare);
    form.elements.wraps.value = JSON.stringify([await keys.wrapFor(await vault(), data.recipient)]);
    if (data.recipient.person === own.person) await keys.noteCompared(data.recipient.id, data.recipient.agreement);
  });
  for (const shown of document.querySelectorAll("[data-fingerprint-of]")) {
    shown.textContent = await keys.fingerprint(shown.dataset.agreement, shown.dataset.signing);
  }

  for (const button of document.querySelectorAll("[data-local-generate]")) {
    button.addEventListener("click", () => {
      const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789@#$%^&";
      const most = 256 - (256 % LETTERS.length); // bytes above would prefer some letters
      let made = "";
      while (made.length < 20) for (const byte of keys.fresh(32)) if (byte < most && made.length < 20) made += LETTERS[byte % LETTERS.length];
      const input = document.getElementById(button.dataset.localGenerate);
      input.type = "text";
      input.value = made;
      input.dispatchEvent(new Event("input"));
    });
  }

  const shown = document.querySelector("[data-local-open]");
  if (!shown) return;
  const target = shown.querySelector("[data-local-value]");
  try {
    const text = await keys.open(await vault(), data.place, data.envelope);
    if (data.place.name === "fields") {
      for (const { name, value } of JSON.parse(text)) target.append(`${name}: ${value}\n`);
    } else if (data.place.name === "authenticator") {
      const made = JSON.parse(text);
      const left = shown.querySelector("[data-local-left]");
      let step = 0;
      const tick = async () => {
        const seconds = Math.floor(Date.now() / 1000);
        if (Math.floor(seconds / made.period) !== step) {
          step = Math.floor(seconds / made.period);
          target.textContent = await codeAt(made, step);
        }
        left.textContent = left.dataset.left.replace("%s", String(made.period - (seconds % made.period)));
        setTimeout(tick, 500);
      };
      await tick();
    } else target.textContent = text;
    shown.hidden = false;
  } catch (error) {
    for (const part of document.querySelectorAll("[data-not-opened]")) part.hidden = false;
    throw error;
  }
})();

/* A key made in this browser: only its public half is sent, the private half stays in this page and is kept nowhere.
   The form is posted by fetch, for the private key would not outlive a navigation. */
"use strict";

(() => {
  const ALGORITHMS = {
    "RSA-4096": { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256", modulusLength: 4096, publicExponent: new Uint8Array([1, 0, 1]) },
    "RSA-3072": { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256", modulusLength: 3072, publicExponent: new Uint8Array([1, 0, 1]) },
    "P-256": { name: "ECDSA", namedCurve: "P-256" },
    Ed25519: { name: "Ed25519" },
  };
  const PUBLIC = { RSA: ["e", "kty", "n"], EC: ["crv", "kty", "x", "y"], OKP: ["crv", "kty", "x"] };
  const PRIVATE = ["d", "p", "q", "dp", "dq", "qi"];

  const possible = () => window.isSecureContext && Boolean(window.crypto?.subtle);
  let held = null; // { algorithm, publicJwk, privateJwk, pem }: the only place where the private key is

  const pick = (jwk, members) => Object.fromEntries(members.filter((m) => m in jwk).map((m) => [m, jwk[m]]));
  const base64 = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)));
  const base64url = (buffer) => base64(buffer).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");

  /* RFC 7638: SHA-256 over the required members in alphabetical order. */
  const thumbprint = async (jwk) => {
    const text = JSON.stringify(pick(jwk, PUBLIC[jwk.kty]));
    return base64url(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
  };

  const make = async (algorithm) => {
    const pair = await crypto.subtle.generateKey(ALGORITHMS[algorithm], true, ["sign", "verify"]);
    const jwk = await crypto.subtle.exportKey("jwk", pair.privateKey);
    const kid = await thumbprint(jwk);
    const der = base64(await crypto.subtle.exportKey("pkcs8", pair.privateKey));
    return {
      algorithm,
      publicJwk: JSON.stringify({ ...pick(jwk, PUBLIC[jwk.kty]), kid }),
      privateJwk: { ...pick(jwk, [...PUBLIC[jwk.kty], ...PRIVATE]), kid },
      pem: `-----BEGIN PRIVATE KEY-----\n${der.match(/.{1,64}/g).join("\n")}\n-----END PRIVATE KEY-----\n`,
    };
  };

  /* The answer that shows the key: fill in what only this page knows. */
  const fill = () => {
    const secret = document.querySelector("[data-browser-key]");
    if (!secret || !held) return;
    const jwk = JSON.stringify(held.privateJwk, null, 2);
    const bundle = { id: secret.dataset.accountId, token_url: secret.dataset.tokenUrl, key: held.privateJwk };
    const files = {
      jwk: [JSON.stringify(held.privateJwk), "application/jwk+json"],
      pem: [held.pem, "application/x-pem-file"],
      json: [JSON.stringify(bundle, null, 2), "application/json"],
    };
    secret.querySelector("[data-secret-value]").textContent = jwk;
    for (const link of secret.querySelectorAll("a[data-download]")) {
      const [text, type] = files[link.dataset.download];
      link.href = URL.createObjectURL(new Blob([text], { type }));
    }
    secret.querySelector("[data-browser-key-missing]")?.remove();
    held = null;
  };

  const show = (answer) => {
    document.title = answer.title;
    document.body.replaceChildren(...answer.body.childNodes);
    fill();
    document.dispatchEvent(new CustomEvent("steward:replaced"));
    prepare();
    scrollTo(0, 0);
    const start = document.querySelector("main [autofocus]") || document.querySelector("main");
    start.focus();
  };

  const complain = (form, text, address) => {
    const note = form.querySelector("[data-browser-key-error]") || document.createElement("p");
    note.dataset.browserKeyError = "";
    note.className = "errorlist nonfield";
    note.setAttribute("role", "alert");
    note.textContent = text;
    if (address) {
      const link = document.createElement("a");
      Object.assign(link, { href: address, target: "_blank", rel: "noopener", textContent: new URL(address).pathname });
      note.append(" ", link);
    }
    form.prepend(note);
    note.scrollIntoView({ block: "center" });
  };

  /* Signing in again makes the token of a form that stands open worthless. */
  let signedOut = false;
  const freshToken = async () => {
    const page = new DOMParser().parseFromString(await (await fetch(location.href)).text(), "text/html");
    return page.querySelector("input[name=csrfmiddlewaretoken]").value;
  };

  const send = async (form, submitter) => {
    const words = form.querySelector(".key-algorithm")?.dataset || {};
    const chosen = form.matches("[data-browser-key-form]") && form.elements.algorithm.value;
    const buttons = [...form.elements].filter((element) => element.type === "submit" && !element.disabled);
    const body = new FormData(form, submitter);
    const busy = (on) => {
      for (const button of buttons) {
        button.disabled = on;
        button.setAttribute("aria-busy", String(on));
      }
    };
    busy(true);
    try {
      if (chosen && held?.algorithm !== chosen) {
        window.steward?.announce(words.working);
        held = await make(chosen);
      }
      form.elements.public_key.value = held.publicJwk;
      body.set("public_key", held.publicJwk);
      if (signedOut) body.set("csrfmiddlewaretoken", await freshToken());
    } catch (error) {
      busy(false);
      complain(form, words.failed);
      throw error; // for the console of whoever looks into it
    }
    try {
      const answer = await fetch(form.action || location.href, { method: "POST", body, credentials: "same-origin" });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const said = [...page.querySelectorAll("main h1, main .page-lede")].map((part) => part.textContent.trim());
      signedOut = answer.redirected;
      if (signedOut) complain(form, words.signedOut, answer.url);
      else if (answer.ok || page.querySelector("[data-key-answer]")) show(page);
      else complain(form, said.join(". "));
    } catch (error) {
      complain(form, words.lost);
      throw error;
    } finally {
      busy(false);
    }
  };

  /* Also the page that asks for the password again: it carries the form, and with it our public key. */
  document.addEventListener("submit", (event) => {
    const form = event.target;
    const carried = form.elements.public_key;
    if (!carried) return;
    const chooses = form.matches("[data-browser-key-form]");
    const ours = chooses ? form.elements.key_origin.value === "browser" : held && carried.value === held.publicJwk;
    if (!ours) {
      if (chooses) carried.value = "";
      return;
    }
    event.preventDefault();
    send(form, event.submitter);
  });

  const prepare = async () => {
    const choice = document.querySelector("[data-browser-key-form] [name=key_origin][value=browser]");
    if (!choice) return;
    if (!possible()) {
      choice.disabled = true;
      if (choice.checked) document.querySelector("[data-browser-key-form] [name=key_origin][value=steward]").checked = true;
      choice.closest(".choice-card").querySelector("[data-origin-missing]").hidden = false;
      return;
    }
    const form = choice.form;
    const ed25519 = await crypto.subtle.generateKey(ALGORITHMS.Ed25519, false, ["sign"]).then(() => true, () => false);
    if (ed25519) return;
    const follow = () => {
      const browser = form.elements.key_origin.value === "browser";
      for (const option of form.querySelectorAll("[name=algorithm] option, input[name=algorithm]")) {
        if (option.value !== "Ed25519") continue;
        option.disabled = browser;
        option.title = browser ? form.querySelector(".key-algorithm").dataset.noEd25519 : "";
        if (browser && option.selected) form.elements.algorithm.value = "RSA-4096";
      }
    };
    form.addEventListener("change", follow);
    follow();
  };
  document.addEventListener("DOMContentLoaded", prepare);
})();

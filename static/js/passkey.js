/* Passkeys: ask the browser, and send its answer with the form. Pages work without them. */
"use strict";

(() => {
  if (!window.PublicKeyCredential || !navigator.credentials) {
    for (const text of document.querySelectorAll("[data-passkey-missing]")) text.hidden = false;
    return;
  }

  const bytes = (text) => {
    const base64 = text.replace(/-/g, "+").replace(/_/g, "/");
    return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  };
  const text = (buffer) => {
    const characters = String.fromCharCode(...new Uint8Array(buffer));
    return btoa(characters).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  };

  /* The question comes as JSON; the browser wants bytes where JSON has base64url. */
  const withBytes = ({ publicKey }) => {
    const listed = (all) => (all || []).map((one) => ({ ...one, id: bytes(one.id) }));
    const asked = { ...publicKey, challenge: bytes(publicKey.challenge) };
    if (asked.user) asked.user = { ...asked.user, id: bytes(asked.user.id) };
    if (asked.excludeCredentials) asked.excludeCredentials = listed(asked.excludeCredentials);
    if (asked.allowCredentials) asked.allowCredentials = listed(asked.allowCredentials);
    return asked;
  };

  const RESPONSE = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];
  const asJSON = (credential) => {
    const response = {};
    for (const name of RESPONSE) if (credential.response[name]) response[name] = text(credential.response[name]);
    if (credential.response.getTransports) response.transports = credential.response.getTransports();
    return {
      id: credential.id,
      rawId: text(credential.rawId),
      type: credential.type,
      authenticatorAttachment: credential.authenticatorAttachment,
      clientExtensionResults: credential.getClientExtensionResults(),
      response,
    };
  };

  const question = async (form) => {
    if (form.dataset.passkeyOptions) return JSON.parse(form.dataset.passkeyOptions);
    const answer = await fetch(form.dataset.passkeyUrl, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    return answer.json();
  };

  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.hidden = false;
    form.addEventListener("submit", async (event) => {
      const field = form.elements.credential;
      if (field.value) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      const said = form.querySelector("[data-passkey-said]");
      said.textContent = "";
      try {
        const publicKey = withBytes(await question(form));
        const act = form.dataset.passkey === "create" ? "create" : "get";
        field.value = JSON.stringify(asJSON(await navigator.credentials[act]({ publicKey })));
      } catch {
        said.textContent = form.dataset.passkeyFailed;
        return;
      }
      form.requestSubmit();
    });
  }
})();

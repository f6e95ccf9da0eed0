/* How this browser becomes a trusted session, shows that it is one, and approves another. */
"use strict";

(async () => {
  const keys = window.stewardKeys;
  const recovery = window.stewardRecovery;
  if (!keys.possible) return; // the page says what to do
  for (const part of document.querySelectorAll("[data-needs-keys]")) part.hidden = false;
  for (const part of document.querySelectorAll("[data-without-keys]")) part.hidden = true;

  const data = JSON.parse(document.getElementById("trusted-data")?.textContent || "{}");
  /* Answers false: a form of which something is said is not sent. */
  const say = (form, text) => {
    form.querySelector("[data-said]").textContent = text;
    return false;
  };
  /* A form is filled in here, then sent as any other. */
  const before = (selector, fill) => {
    const form = document.querySelector(selector);
    form?.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (form.dataset.working) return;
      form.dataset.working = "yes";
      say(form, "");
      try {
        if (await fill(form)) form.submit();
      } catch (error) {
        say(form, form.dataset.failed);
        throw error; // for the console of whoever looks into it
      } finally {
        delete form.dataset.working;
      }
    });
    return form;
  };
  const ownVaults = async () => {
    const own = await keys.session(data.session);
    if (!own) throw new Error("no key in this browser");
    return Promise.all((data.keys || []).map((entry) => keys.openVault(entry, own)));
  };

  before("form[data-trusted-new]", async (form) => {
    const made = await keys.newSession(form.elements.session_id.value, data.person);
    form.elements.agreement_key.value = made.agreementPublic;
    form.elements.signing_key.value = made.signingPublic;
    form.elements.signature.value = await keys.sign(made, data.challenge);
    return true;
  });

  const unlock = before("form[data-trusted-unlock]", async (form) => {
    for (const id of data.sessions) {
      const own = await keys.session(id);
      if (!own) continue;
      form.elements.session_id.value = id;
      form.elements.signature.value = await keys.sign(own, data.challenge);
      return true;
    }
    return false;
  });
  if (unlock) {
    const held = await Promise.all([...data.sessions, ...data.waiting].map((id) => keys.session(id)));
    const found = held.find(Boolean)?.id;
    unlock.hidden = !data.sessions.includes(found);
    for (const link of document.querySelectorAll("[data-waiting-session]")) link.hidden = link.dataset.waitingSession !== found;
    for (const part of document.querySelectorAll("[data-no-session]")) part.hidden = Boolean(found);
  }

  /* Of this browser the digits come from its own key, whatever the server says; of another from the key that is wrapped for. */
  for (const shown of document.querySelectorAll("[data-fingerprint-of]")) {
    const own = await keys.session(shown.dataset.fingerprintOf);
    if (own) shown.textContent = await keys.fingerprint(own.agreementPublic, own.signingPublic);
    else if (!shown.dataset.agreement) shown.textContent = shown.dataset.elsewhere;
    else shown.textContent = await keys.fingerprint(shown.dataset.agreement, shown.dataset.signing);
  }

  before("form[data-trusted-approve]", async (form) => {
    if (!form.elements.same.checked) return say(form, form.dataset.compare);
    const to = data.recipient;
    const wraps = [];
    for (const vault of await ownVaults()) wraps.push(await keys.wrapFor(vault, to));
    await keys.noteCompared(to.id, to.agreement);
    form.elements.wraps.value = JSON.stringify(wraps);
    return true;
  });

  const paper = document.querySelector("form[data-recovery-new]");
  if (paper) {
    let made;
    const show = async () => {
      made = await recovery.make(paper.elements.recovery_id.value, data.person);
      paper.querySelector("[data-recovery-paper]").textContent = made.paper;
      paper.elements.written.checked = false;
    };
    await show();
    paper.querySelector("[data-recovery-again]").addEventListener("click", show);
    before("form[data-recovery-new]", async (form) => {
      if (!form.elements.written.checked) return say(form, form.dataset.write);
      const to = { kind: "recovery", id: form.elements.recovery_id.value, person: data.person, agreement: made.agreement };
      const wraps = [];
      for (const vault of await ownVaults()) wraps.push(await keys.wrapFor(vault, to));
      await keys.noteCompared(to.id, to.agreement);
      form.elements.agreement_key.value = made.agreement;
      form.elements.wrapped_key.value = made.wrapped;
      form.elements.verifier.value = made.verifier;
      form.elements.wraps.value = JSON.stringify(wraps);
      return true;
    });
  }

  before("form[data-recovery-use]", async (form) => {
    const typed = form.querySelector("[data-recovery-typed]");
    const secret = await recovery.read(typed.value);
    if (!secret) return say(form, form.dataset.misread);
    const own = await keys.session(data.session);
    if (!own) return say(form, form.dataset.failed);
    const wraps = [];
    try {
      const privateKey = await recovery.open(secret, data.recovery.id, data.person, data.recovery.wrapped);
      const from = { kind: "recovery", id: data.recovery.id, person: data.person, agreement: data.recovery.agreement };
      for (const entry of data.keys) {
        const key = await keys.unwrap(entry, from, privateKey);
        const vault = { id: entry.vault, version: entry.version, key, links: entry.links };
        wraps.push(await keys.wrapFor(vault, keys.asRecipient(own)));
      }
    } catch {
      wraps.length = 0; // it is another's: the server counts it, and says so
    }
    form.elements.verifier.value = await recovery.verifier(secret, data.recovery.id, data.person);
    form.elements.wraps.value = JSON.stringify(wraps);
    typed.value = "";
    return true;
  });
})();

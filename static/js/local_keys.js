/* The keys of local vaults, in this browser: what is secret is encrypted and opened here, and the server has ciphertext
   only. The form of each envelope, and what it protects from whom, stands in accounts/vault/local/envelopes.py. */
"use strict";

window.stewardKeys = (() => {
  const BLOCK = 64; // plain text is padded to a multiple
  const subtle = window.isSecureContext && window.crypto?.subtle;
  const utf8 = new TextEncoder();
  const fresh = (length) => crypto.getRandomValues(new Uint8Array(length));

  const encode = (bytes) => {
    let text = "";
    for (const byte of new Uint8Array(bytes)) text += String.fromCharCode(byte);
    return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
  };
  const decode = (text) =>
    Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (character) => character.charCodeAt(0));
  const joined = (...parts) => {
    const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    parts.reduce((at, part) => (all.set(part, at), at + part.length), 0);
    return all;
  };

  /* What this browser keeps: the key pairs of its sessions, whose private halves cannot be exported, and which public
     keys of others were compared here. */
  const store = (name, mode, act) =>
    new Promise((resolve, reject) => {
      const asked = indexedDB.open("steward", 1);
      asked.onupgradeneeded = () => {
        asked.result.createObjectStore("sessions", { keyPath: "id" });
        asked.result.createObjectStore("compared", { keyPath: "id" });
      };
      asked.onerror = () => reject(asked.error);
      asked.onsuccess = () => {
        const work = asked.result.transaction(name, mode);
        const answer = act(work.objectStore(name));
        work.oncomplete = () => (asked.result.close(), resolve(answer.result));
        work.onerror = () => (asked.result.close(), reject(work.error));
      };
    });
  const session = (id) => store("sessions", "readonly", (rows) => rows.get(id));
  const compared = async (id) => (await store("compared", "readonly", (rows) => rows.get(id)))?.agreement;
  const noteCompared = (id, agreement) => store("compared", "readwrite", (rows) => rows.put({ id, agreement }));

  const publicOf = async (key) => encode(await subtle.exportKey("raw", key));
  const newSession = async (id, person) => {
    const agreement = await subtle.generateKey({ name: "ECDH", namedCurve: "P-256" }, false, ["deriveBits"]);
    const signing = await subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign", "verify"]);
    const made = { id, person, agreement: agreement.privateKey, signing: signing.privateKey };
    made.agreementPublic = await publicOf(agreement.publicKey);
    made.signingPublic = await publicOf(signing.publicKey);
    await store("sessions", "readwrite", (rows) => rows.put(made));
    return made;
  };
  const sign = async (own, challenge) => {
    const text = utf8.encode(`steward-trusted-session:1:${own.id}:${challenge}`);
    return encode(await subtle.sign({ name: "ECDSA", hash: "SHA-256" }, own.signing, text));
  };

  /* 24 digits, some 80 bits: too many for anybody to make another key that shows the same. */
  const fingerprint = async (agreement, signing) => {
    const text = utf8.encode(`steward-fingerprint:1:${agreement}:${signing}`);
    const view = new DataView(await subtle.digest("SHA-256", text));
    return [0, 4, 8, 12, 16, 20].map((at) => String(view.getUint32(at) % 10000).padStart(4, "0")).join(" ");
  };

  const bits = async (secret, info, salt = new Uint8Array()) => {
    const base = await subtle.importKey("raw", secret, "HKDF", false, ["deriveBits"]);
    const asked = { name: "HKDF", hash: "SHA-256", salt, info: utf8.encode(info) };
    return new Uint8Array(await subtle.deriveBits(asked, base, 256));
  };
  const cipher = async (secret, info, salt) =>
    subtle.importKey("raw", await bits(secret, info, salt), "AES-GCM", false, ["encrypt", "decrypt"]);
  const encrypt = async (key, plain, context) => {
    const iv = fresh(12);
    const about = { name: "AES-GCM", iv, additionalData: utf8.encode(context) };
    return `${encode(iv)}.${encode(await subtle.encrypt(about, key, plain))}`;
  };
  const decrypt = async (key, nonce, text, context) => {
    const about = { name: "AES-GCM", iv: decode(nonce), additionalData: utf8.encode(context) };
    return new Uint8Array(await subtle.decrypt(about, key, decode(text)));
  };

  /* A vault key for one recipient: { kind, id, person, agreement }. */
  const wrapContext = (vault, version, to) => `steward-local-key:1:${vault}:${version}:${to.kind}:${to.id}:${to.person}`;
  const shared = async (privateKey, publicText) => {
    const key = await subtle.importKey("raw", decode(publicText), { name: "ECDH", namedCurve: "P-256" }, false, []);
    return new Uint8Array(await subtle.deriveBits({ name: "ECDH", public: key }, privateKey, 256));
  };
  const wrapFor = async (vault, to) => {
    const once = await subtle.generateKey({ name: "ECDH", namedCurve: "P-256" }, false, ["deriveBits"]);
    const point = await publicOf(once.publicKey);
    const context = wrapContext(vault.id, vault.version, to);
    const salt = joined(decode(point), decode(to.agreement));
    const key = await cipher(await shared(once.privateKey, to.agreement), context, salt);
    return {
      vault: vault.id,
      kind: to.kind,
      recipient: to.id,
      envelope: `stw-lk1.${point}.${await encrypt(key, vault.key, context)}`,
      endorsement: await endorse(vault, to),
    };
  };
  const unwrap = async (entry, to, privateKey) => {
    const [form, point, nonce, text] = entry.envelope.split(".");
    if (form !== "stw-lk1") throw new Error("unknown form");
    const context = wrapContext(entry.vault, entry.version, to);
    const salt = joined(decode(point), decode(to.agreement));
    return decrypt(await cipher(await shared(privateKey, point), context, salt), nonce, text, context);
  };

  /* Whose public key this is, said by somebody who has the vault key. */
  const endorsementKey = async (vault) => {
    const raw = await bits(vault.key, `steward-local-endorse:1:${vault.id}:${vault.version}`);
    return subtle.importKey("raw", raw, { name: "HMAC", hash: "SHA-256" }, false, ["sign", "verify"]);
  };
  const endorsed = (to) => utf8.encode(`${to.kind}:${to.id}:${to.person}:${to.agreement}`);
  const endorse = async (vault, to) => encode(await subtle.sign("HMAC", await endorsementKey(vault), endorsed(to)));
  const isEndorsed = async (vault, to) =>
    subtle.verify("HMAC", await endorsementKey(vault), decode(to.endorsement), endorsed(to));

  const newVault = (id) => ({ id, version: 1, key: fresh(32), links: [] });
  const asRecipient = (own) => ({ kind: "session", id: own.id, person: own.person, agreement: own.agreementPublic });
  const openVault = async (entry, own) => ({
    id: entry.vault,
    version: entry.version,
    links: entry.links,
    key: await unwrap(entry, asRecipient(own), own.agreement),
  });

  const linkContext = (vault, version) => `steward-local-link:1:${vault}:${version}`;
  const atVersion = async (vault, version) => {
    let now = vault;
    while (now.version > version) {
      const link = vault.links.find((each) => each.version === now.version);
      const [, nonce, text] = link.envelope.split(".");
      const context = linkContext(vault.id, now.version);
      const key = await decrypt(await cipher(now.key, context), nonce, text, context);
      now = { id: vault.id, version: now.version - 1, key, links: [] };
    }
    if (now.version !== version) throw new Error("no key of this version");
    return now;
  };

  /* The next key, for those alone whom somebody with the key before has endorsed. */
  const nextVault = async (vault, recipients) => {
    const next = { id: vault.id, version: vault.version + 1, key: fresh(32), links: vault.links };
    const context = linkContext(vault.id, next.version);
    const link = `stw-ll1.${await encrypt(await cipher(next.key, context), vault.key, context)}`;
    const wraps = [];
    for (const to of recipients) if (await isEndorsed(vault, to)) wraps.push(await wrapFor(next, to));
    return { vault: next, said: { version: next.version, link, wraps } };
  };

  const secretContext = (vault, place) =>
    `steward-local:1:${vault.id}:${place.item}:${place.name}:${place.serial}:${vault.version}`;
  const secretKey = (vault) => cipher(vault.key, `steward-local-secret:1:${vault.id}:${vault.version}`);
  const seal = async (vault, place, text) => {
    const plain = utf8.encode(text);
    const padded = new Uint8Array(Math.ceil((plain.length + 1) / BLOCK) * BLOCK);
    padded.set(plain);
    padded[plain.length] = 0x80;
    return `stw-lv1.${vault.version}.${await encrypt(await secretKey(vault), padded, secretContext(vault, place))}`;
  };
  const open = async (vault, place, envelope) => {
    const [form, version, nonce, text] = envelope.split(".");
    if (form !== "stw-lv1") throw new Error("unknown form");
    const its = await atVersion(vault, Number(version));
    const padded = await decrypt(await secretKey(its), nonce, text, secretContext(its, place));
    return new TextDecoder("utf-8", { fatal: true }).decode(padded.subarray(0, padded.lastIndexOf(0x80)));
  };

  return Object.freeze({
    possible: Boolean(subtle && window.indexedDB),
    encode, decode, joined, fresh, bits, cipher, encrypt, decrypt,
    session, newSession, sign, fingerprint, compared, noteCompared, publicOf,
    newVault, openVault, nextVault, wrapFor, unwrap, asRecipient, seal, open,
  });
})();

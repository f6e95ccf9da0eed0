/* The recovery key: 184 random bits with a check sum, as 40 letters and digits to be written on paper. */
"use strict";

window.stewardRecovery = (() => {
  const keys = window.stewardKeys;
  const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"; // without what looks like another
  const SECRET_BYTES = 23;
  const CURVE = { name: "ECDH", namedCurve: "P-256" };

  const sum = async (secret) => {
    const text = new TextEncoder().encode("steward-recovery:1:");
    return new Uint8Array(await crypto.subtle.digest("SHA-256", keys.joined(text, secret))).subarray(0, 2);
  };
  const written = async (secret) => {
    const all = [...keys.joined(secret, await sum(secret))].map((byte) => byte.toString(2).padStart(8, "0")).join("");
    const letters = all.match(/.{5}/g).map((five) => ALPHABET[parseInt(five, 2)]).join("");
    return letters.match(/.{5}/g).join("-");
  };
  /* Null where it is not one: a letter that was misread shows before anything is sent. */
  const read = async (text) => {
    const letters = text.toUpperCase().replace(/O/g, "0").replace(/[IL]/g, "1").replace(/[\s-]/g, "");
    if (letters.length !== 40 || [...letters].some((letter) => !ALPHABET.includes(letter))) return null;
    const all = [...letters].map((letter) => ALPHABET.indexOf(letter).toString(2).padStart(5, "0")).join("");
    const bytes = Uint8Array.from(all.match(/.{8}/g), (eight) => parseInt(eight, 2));
    const secret = bytes.slice(0, SECRET_BYTES);
    const wanted = await sum(secret);
    return wanted[0] === bytes[23] && wanted[1] === bytes[24] ? secret : null;
  };

  const context = (id, person) => `steward-recovery:1:wrap:${id}:${person}`;
  const verifier = async (secret, id, person) =>
    keys.encode(await keys.bits(secret, `steward-recovery:1:verify:${id}:${person}`));

  const make = async (id, person) => {
    const secret = keys.fresh(SECRET_BYTES);
    const pair = await crypto.subtle.generateKey(CURVE, true, ["deriveBits"]);
    const plain = new Uint8Array(await crypto.subtle.exportKey("pkcs8", pair.privateKey));
    const about = context(id, person);
    return {
      paper: await written(secret),
      agreement: await keys.publicOf(pair.publicKey),
      wrapped: `stw-lr1.${await keys.encrypt(await keys.cipher(secret, about), plain, about)}`,
      verifier: await verifier(secret, id, person),
    };
  };
  const open = async (secret, id, person, wrapped) => {
    const [, nonce, text] = wrapped.split(".");
    const about = context(id, person);
    const plain = await keys.decrypt(await keys.cipher(secret, about), nonce, text, about);
    return crypto.subtle.importKey("pkcs8", plain, CURVE, false, ["deriveBits"]);
  };
  return Object.freeze({ make, read, open, verifier });
})();

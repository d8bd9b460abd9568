// A shared link: the key is in the fragment and stays here. The box is fetched with a POST when the
// button is pressed, decrypted by the browser, and what was inside goes to this desk's own check.
const form = document.querySelector("#share");
const button = document.querySelector("#open");
const told = document.querySelector("#told");
const language = document.querySelector("#language");

function tell(key) {
  told.textContent = document.querySelector(`[data-text=${key}]`).textContent;
  told.dataset.told = key;
  told.hidden = false;
  told.focus();
  button.disabled = false;
}

function bytes(text) {
  const base64 = text.replaceAll("-", "+").replaceAll("_", "/");
  return Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
}

function keyInFragment() {
  const text = location.hash.slice(1);
  if (!/^[A-Za-z0-9_-]{43}$/.test(text)) return null;
  return bytes(text);
}

async function opened(key, id) {
  let answer;
  try {
    answer = await fetch(`/s/${id}/box`, { method: "POST", cache: "no-store" });
  } catch {
    return tell("net");
  }
  if (answer.status === 404) return tell("gone");
  if (!answer.ok) return tell("busy");
  let text;
  try {
    const { box, expires } = await answer.json();
    const sealed = bytes(box);
    const bound = new TextEncoder().encode(`sinpyo-share-1\n${id}\n${expires}`);
    const imported = await crypto.subtle.importKey("raw", key, "AES-GCM", false, ["decrypt"]);
    const how = { name: "AES-GCM", iv: sealed.slice(0, 12), additionalData: bound };
    const plain = await crypto.subtle.decrypt(how, imported, sealed.slice(12));
    text = new TextDecoder("utf-8", { fatal: true }).decode(plain);
  } catch {
    return tell("key");
  }
  form.elements.credential.value = text;
  form.submit();
}

language.addEventListener("click", (event) => {
  event.preventDefault();
  location.assign(`${location.pathname}${language.getAttribute("href")}${location.hash}`);
});

form.addEventListener("submit", (event) => {
  event.preventDefault();
  told.hidden = true;
  const key = keyInFragment();
  if (!key) return tell("nokey");
  if (!globalThis.crypto?.subtle) return tell("old");
  button.disabled = true;
  opened(key, form.dataset.id);
});

// Coming back from the verdict: nothing of it stays in the form.
addEventListener("pageshow", () => {
  form.elements.credential.value = "";
  button.disabled = false;
});

// The desk without a net. It shows what the module says and computes nothing.
const desk = document.getElementById("desk");
const at = (id) => document.getElementById(id);
const say = (name, values = {}) => {
  let text = desk.dataset["text" + name[0].toUpperCase() + name.slice(1)] ?? "";
  for (const [key, value] of Object.entries(values)) text = text.replaceAll("{" + key + "}", value);
  return text;
};
const locale = desk.dataset.locale;
const day = new Intl.DateTimeFormat(locale === "ko" ? "ko-KR" : "en-GB",
  { dateStyle: "medium", timeStyle: "short", timeZone: "Asia/Seoul" });
const when = (moment) => day.format(new Date(moment)) + " KST";

let verifier = null;
let camera = null;

function element(name, text, state) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  if (state) made.className = state;
  return made;
}

function rows(lines) {
  const table = element("table");
  for (const line of lines) {
    const row = table.insertRow();
    const head = element("th", line.label);
    head.scope = "row";
    row.append(head, element("td", line.value));
  }
  return table;
}

function showAge(age) {
  const list = at("ages");
  list.replaceChildren(element("li", say("made", { when: when(age.made) })));
  if (age.expired) list.append(element("li", say("expired", { when: when(age.valid_until) })));
  for (const pack of age.packs) {
    const due = new Date(pack.valid_until) < new Date();
    const values = { issuer: pack.issuer, when: when(pack.issued), due: when(pack.valid_until) };
    list.append(element("li", say(due ? "packDue" : "pack", values)));
  }
  if (age.packs.length === 0) list.append(element("li", say("noPack")));
}

function showVerdict({ sections, age }) {
  const place = at("verdict");
  place.replaceChildren();
  place.dataset.overall = sections.overall;
  const state = { accept: "yes", reject: "no", unknown: "unknown" }[sections.overall];
  const head = element("h2");
  head.append(element("span", sections.title, "chip " + state));
  const list = element("ul", undefined, "verdict");
  for (const line of sections.questions) {
    const item = element("li", undefined, line.state);
    item.append(element("strong", line.label), document.createTextNode(" " + line.value));
    list.append(item);
  }
  place.append(head, element("p", sections.summary), list);
  for (const action of sections.actions) place.append(element("p", action));
  for (const [heading, lines] of sections.credentials) {
    place.append(element("h3", heading), rows(lines));
  }
  const more = element("details");
  more.append(element("summary", say("checks")));
  const checks = element("ul");
  for (const line of sections.checks) checks.append(element("li", line.label + " " + line.value, line.state));
  more.append(checks, rows(sections.notes));
  place.append(more);
  place.hidden = false;
  place.focus();
  showAge(age);
}

function judge(text) {
  try {
    showVerdict(verifier.verify(text, new Date(), locale));
    at("hint").textContent = "";
  } catch (error) {
    at("verdict").hidden = true;
    at("hint").textContent = say("failed", { code: error.code ?? "error" });
  }
}

// Loaded when the first picture is to be read, and only where the browser cannot do it.
async function frames() {
  const { Decoder } = await import(desk.dataset.glue);
  return Decoder.load(desk.dataset.decoder);
}

async function look() {
  const { Camera, decoder } = await import(desk.dataset.scan);
  camera ??= new Camera(at("camera"), await decoder(frames));
  at("hint").textContent = say("looking");
  at("start").hidden = true;
  at("stop").hidden = false;
  at("verdict").hidden = true;
  const begin = performance.now();
  try {
    await camera.start(async (texts) => {
      judge(texts[0]);
      // Camera's permission included; for those who measure.
      at("verdict").dataset.took = Math.round(performance.now() - begin);
      return true;
    });
  } catch {
    at("hint").textContent = say("noCamera");
  } finally {
    at("start").hidden = false;
    at("stop").hidden = true;
  }
}

async function readFile(file) {
  if (file.type.startsWith("image/")) {
    const { decoder, ofPicture } = await import(desk.dataset.scan);
    const texts = await ofPicture(file, await decoder(frames)).catch(() => []);
    return texts[0];
  }
  // A credential is small; a disc image dropped by mistake is not read.
  return file.size <= 8 * 1024 * 1024 ? file.text() : undefined;
}

async function check(event) {
  event.preventDefault();
  const [file] = at("file").files;
  let text = at("text").value;
  if (!text.trim() && file) text = await readFile(file);
  if (text === undefined) at("hint").textContent = say(file.type.startsWith("image/") ? "noCode" : "unreadableFile");
  else if (text.trim()) judge(text);
}

async function prepare() {
  const state = at("state");
  if (!desk.dataset.module) {
    state.textContent = say("noModule");
    return;
  }
  state.textContent = say("preparing");
  try {
    if ("serviceWorker" in navigator) {
      await navigator.serviceWorker.register(desk.dataset.worker, { scope: "/offline" });
      await navigator.serviceWorker.ready;
      // The first visit is not yet under the worker's care: what is fetched below must be kept.
      if (!navigator.serviceWorker.controller) {
        await new Promise((done) => {
          navigator.serviceWorker.addEventListener("controllerchange", done, { once: true });
          if (navigator.serviceWorker.controller) done();
        });
      }
    }
  } catch { /* Without a worker the page works as long as it is open. */ }
  try {
    const { Verifier } = await import(desk.dataset.glue);
    const made = await Verifier.load(desk.dataset.module);
    const answer = await fetch(desk.dataset.bundle);
    if (!answer.ok) throw new Error("HTTP " + answer.status);
    const known = made.unpack(new Uint8Array(await answer.arrayBuffer()));
    verifier = made;
    // How old it is now, by this machine's clock.
    showAge({ ...known.age, expired: new Date(known.age.valid_until) < new Date() });
    state.textContent = say(answer.headers.has("x-kept") ? "readyOffline" : "ready", { when: when(known.age.made) });
    at("start").disabled = false;
    at("check").disabled = false;
    desk.dataset.ready = "1";
  } catch (error) {
    state.textContent = say(error.code ? "broken" : "never", { code: error.code ?? "" });
  }
}

at("start").addEventListener("click", look);
at("stop").addEventListener("click", () => camera?.stop());
at("paste").addEventListener("submit", check);
prepare();

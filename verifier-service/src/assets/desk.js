// The desk: camera, drop, paste, progress. Every page works without it, by forms.
const $ = (selector, root = document) => root.querySelector(selector);
const text = (key) => document.querySelector(`[data-text="${key}"]`)?.textContent ?? '';

// ---- one document or many ------------------------------------------------------------------
const single = $('#one');
const many = $('#many');
const LIMITS = single ? JSON.parse(single.dataset.limits) : null;

function complain(key) {
  say(text(key));
}

function say(sentence) {
  const place = $('#complaint');
  if (!place) return;
  place.hidden = false;
  place.querySelector('strong').textContent = sentence;
  place.focus();
}

// ---- sending -------------------------------------------------------------------------------
// By script, so that a net that goes away in the middle costs nothing: what was chosen or typed
// stays in the form and can be sent again. Without a script the form goes its usual way.
let sending = null;

function send(form) {
  if (sending) return;
  $('#complaint').hidden = true;
  $('#unsent').hidden = true;
  const bar = $('#sending');
  const progress = bar.querySelector('progress');
  progress.value = 0;
  bar.hidden = false;
  sending = new XMLHttpRequest();
  sending.upload.addEventListener('progress', (event) => {
    if (event.lengthComputable) progress.value = event.loaded / event.total;
  });
  sending.addEventListener('loadend', () => { sending = null; bar.hidden = true; });
  sending.addEventListener('load', (event) => answered(event.target, form));
  sending.addEventListener('error', () => unsent(form, 'unsent'));
  sending.open('POST', form.action);
  sending.send(new FormData(form));
}

function unsent(form, key) {
  $('#unsent').hidden = false;
  $('#unsent strong').textContent = text(key);
  const again = $('#resend');
  again.onclick = () => send(form);
  again.focus();
}

function answered(request, form) {
  if (request.responseURL && request.responseURL !== form.action) return location.assign(request.responseURL);
  const isPage = request.getResponseHeader('content-type')?.startsWith('text/html');
  if (request.status === 413 && !isPage) return complain('too-large');
  // Too busy, or something between us and the service answered: as good as not sent.
  if (!isPage || request.status >= 500 || request.status === 429) return unsent(form, 'busy');
  // Parsed, nothing in it runs; it is this service's own page.
  const page = new DOMParser().parseFromString(request.responseText, 'text/html');
  const told = page.querySelector('[role=alert]:not([hidden])');
  if (told && request.status >= 400) return say(told.textContent.trim());
  // The answer is here: it is shown without asking again, at the address where it stays.
  const place = request.getResponseHeader('content-location');
  if (place) history.pushState(null, '', place);
  document.title = page.title;
  document.body.replaceWith(page.body);
  scrollTo(0, 0);
  const heading = $('h1');
  heading.tabIndex = -1;
  heading.focus();
  measured();
}

// Back from a shown answer leads to the form again.
addEventListener('popstate', () => location.reload());

for (const form of document.querySelectorAll('form[data-send]')) {
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const files = [...(form.querySelector('input[type=file]')?.files ?? [])];
    const limits = JSON.parse(form.dataset.limits);
    const total = files.reduce((sum, file) => sum + file.size, 0);
    if (limits.one && total > limits.one) return complain('too-large');
    if (total > limits.all) return complain('batch-too-large');
    if (files.length > limits.files) return complain('batch-too-many');
    send(form);
  });
}

// The newer of text and file counts: what was refused before must not stand in its way.
function submitText(value) {
  $('#file').value = '';
  $('#credential').value = value;
  single.requestSubmit();
}

function submitFiles(files) {
  files = files.filter((file) => file.size > 0 && !file.name.startsWith('.'));
  if (files.length === 0) return complain('nothing');
  const total = files.reduce((sum, file) => sum + file.size, 0);
  const zip = files.length === 1 && /\.zip$/i.test(files[0].name);
  if (files.length === 1 && !zip) {
    if (files[0].size > LIMITS.one) return complain('too-large');
    const carrier = new DataTransfer();
    carrier.items.add(files[0]);
    $('#credential').value = '';
    $('#file').files = carrier.files;
    return single.requestSubmit();
  }
  if (total > LIMITS.all) return complain('batch-too-large');
  if (files.length > LIMITS.files) return complain('batch-too-many');
  const carrier = new DataTransfer();
  files.forEach((file) => carrier.items.add(file));
  $('#files').files = carrier.files;
  many.requestSubmit();
}

// Files of a dropped folder, bounded in number before anything is read.
async function filesOf(entry, found, limit) {
  if (found.length > limit) return;
  if (entry.isFile) {
    found.push(await new Promise((done, failed) => entry.file(done, failed)));
  } else if (entry.isDirectory) {
    const reader = entry.createReader();
    for (;;) {
      const part = await new Promise((done, failed) => reader.readEntries(done, failed));
      if (part.length === 0) break;
      for (const inner of part) await filesOf(inner, found, limit);
    }
  }
}

if (single) {
  const zone = $('#drop');
  addEventListener('dragover', (event) => { event.preventDefault(); zone.classList.add('over'); });
  addEventListener('dragleave', () => zone.classList.remove('over'));
  addEventListener('drop', async (event) => {
    event.preventDefault();
    zone.classList.remove('over');
    const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
    if (entries.length === 0) {
      // A picture out of another page comes as a file that lies in no folder.
      const loose = [...event.dataTransfer.files];
      if (loose.length > 0) return submitFiles(loose);
      const dropped = event.dataTransfer.getData('text');
      return dropped ? submitText(dropped) : complain('nothing');
    }
    const found = [];
    for (const entry of entries) await filesOf(entry, found, LIMITS.files);
    submitFiles(found);
  });
  addEventListener('paste', (event) => {
    const files = [...event.clipboardData.files];
    if (files.length > 0) { event.preventDefault(); return submitFiles(files); }
    if (event.target.matches('textarea, input')) return;
    const pasted = event.clipboardData.getData('text');
    if (pasted.trim()) submitText(pasted);
  });
  $('#file').addEventListener('change', (event) => {
    if (event.target.files.length > 0) submitFiles([...event.target.files]);
  });
  // A printed badge's link carries the badge behind the #, which no server log ever sees.
  if (location.hash.length > 20) {
    const link = location.href;
    history.replaceState(null, '', location.pathname);
    submitText(link);
  }
}

// ---- camera --------------------------------------------------------------------------------
const scan = $('#scan');
if (scan && navigator.mediaDevices?.getUserMedia) {
  scan.hidden = false;
  const video = $('#camera');
  let stream = null;

  const stop = () => {
    stream?.getTracks().forEach((track) => track.stop());
    stream = null;
    $('#viewfinder').hidden = true;
    scan.hidden = false;
  };

  // The browser's own detector, else our decoder in this page, else the server's.
  async function reader() {
    const formats = await globalThis.BarcodeDetector?.getSupportedFormats?.().catch(() => []);
    if (formats?.includes('qr_code')) {
      const detector = new BarcodeDetector({ formats: ['qr_code'] });
      return async () => (await detector.detect(video)).map((code) => code.rawValue);
    }
    const canvas = document.createElement('canvas');
    const pen = canvas.getContext('2d', { willReadFrequently: true });
    return async () => {
      const scale = Math.min(1, 800 / Math.max(video.videoWidth, video.videoHeight));
      const width = canvas.width = Math.round(video.videoWidth * scale);
      const height = canvas.height = Math.round(video.videoHeight * scale);
      pen.drawImage(video, 0, 0, width, height);
      const { data } = pen.getImageData(0, 0, width, height);
      const grey = new Uint8Array(width * height);
      for (let at = 0, from = 0; at < grey.length; at += 1, from += 4) {
        grey[at] = (data[from] * 77 + data[from + 1] * 151 + data[from + 2] * 28) >> 8;
      }
      if (globalThis.sinpyo?.decodeGrey) return globalThis.sinpyo.decodeGrey(width, height, grey);
      const answer = await fetch(`/api/decode?width=${width}&height=${height}`, {
        method: 'POST', headers: { 'content-type': 'application/octet-stream' }, body: grey,
      });
      if (answer.status === 503 || answer.status === 429) return [];
      if (!answer.ok) throw new Error(String(answer.status));
      return (await answer.json()).texts;
    };
  }

  scan.addEventListener('click', async () => {
    $('#complaint').hidden = true;
    try {
      stream = await navigator.mediaDevices.getUserMedia({
        video: { facingMode: 'environment', width: { ideal: 1280 } },
      });
    } catch {
      return complain('camera-refused');
    }
    const start = Date.now();
    scan.hidden = true;
    $('#viewfinder').hidden = false;
    video.srcObject = stream;
    await video.play();
    const read = await reader();
    while (stream) {
      let texts = [];
      try { texts = await read(); } catch { stop(); return complain('offline'); }
      const found = texts.find((one) => one.trim().length > 0);
      if (found && stream) {
        stop();
        sessionStorage.setItem('scan-start', String(start));
        return submitText(found);
      }
      await new Promise((done) => setTimeout(done, 60));
    }
  });
  $('#stop').addEventListener('click', () => { stop(); scan.focus(); });
}

// From the camera's permission to the verdict on the screen.
function measured() {
  if (!$('[data-verdict]')) return;
  const start = Number(sessionStorage.getItem('scan-start'));
  sessionStorage.removeItem('scan-start');
  if (start > 0) document.documentElement.dataset.scanMs = String(Date.now() - start);
}
measured();

// ---- position ------------------------------------------------------------------------------
// An officer in the field has a phone in the hand: nobody types degrees there.
const locate = $('#locate');
if (locate && navigator.geolocation) {
  locate.hidden = false;
  locate.addEventListener('click', () => {
    $('#no-fix').hidden = true;
    navigator.geolocation.getCurrentPosition(({ coords }) => {
      $('#lat').value = coords.latitude.toFixed(6);
      $('#lon').value = coords.longitude.toFixed(6);
      // Rounded up: a position is never made better than it is.
      $('#accuracy_m').value = String(Math.ceil(coords.accuracy));
      $('#agl_m').focus();
    }, () => { $('#no-fix').hidden = false; }, { enableHighAccuracy: true, timeout: 20000, maximumAge: 0 });
  });
}

// ---- live progress -------------------------------------------------------------------------
const live = $('[data-live]');
if (live) {
  const lost = $('#lost');
  let shown = live.dataset.state;
  const ask = async () => {
    try {
      const answer = await fetch(live.dataset.live, { headers: { accept: 'application/json' } });
      if (!answer.ok) throw new Error(String(answer.status));
      const { state, final } = await answer.json();
      if (lost) lost.hidden = true;
      if (final) return location.reload();
      if (state !== shown) {
        shown = state;
        document.querySelectorAll('#steps li').forEach((step) => {
          if (step.dataset.step === state) step.setAttribute('aria-current', 'step');
          else step.removeAttribute('aria-current');
        });
        $('#said').textContent = $('#steps [aria-current]')?.textContent ?? '';
      }
    } catch {
      // The net is away for a moment: nothing is lost, the answer waits at the service.
      if (lost) lost.hidden = false;
    }
    setTimeout(ask, 700);
  };
  setTimeout(ask, 500);
}

// ---- table of a batch or collection ----------------------------------------------------------
const table = $('#table');
if (table) {
  const follow = async () => {
    let finished = false;
    try {
      const answer = await fetch(table.dataset.from);
      $('#lost').hidden = true;
      if (answer.ok) {
        const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html').body;
        finished = fresh.querySelector('[data-finished="true"]') !== null;
        table.replaceChildren(...fresh.childNodes);
        const bar = $('#progress');
        if (bar) {
          bar.value = Number(table.querySelector('[data-done]')?.dataset.done ?? 0);
          $('#done').textContent = String(bar.value);
          if (finished) return location.reload();
        }
      }
    } catch {
      $('#lost').hidden = false;
    }
    if (!finished) setTimeout(follow, table.dataset.slow ? 3000 : 300);
  };
  if (table.dataset.from) setTimeout(follow, 200);
  document.querySelectorAll('input[name=filter]').forEach((choice) =>
    choice.addEventListener('change', () => { table.dataset.filter = choice.value; }));
}

// Listened for at the top: the page below may have been exchanged.
document.addEventListener('click', async (event) => {
  if (event.target.closest?.('#print')) return print();
  const button = event.target.closest?.('button[data-copy]');
  if (!button) return;
  await navigator.clipboard.writeText(button.dataset.copy);
  button.textContent = button.dataset.done;
});

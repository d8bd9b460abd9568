// Keeps the desk: pages, scripts, module and the last luggage. KEPT and BUNDLE stand above.
"use strict";
const NAME = "sinpyo-offline-v1";
// A server that hangs must not hang the desk.
const PATIENCE = 4000;

self.addEventListener("install", (event) => {
  event.waitUntil((async () => {
    const cache = await caches.open(NAME);
    await cache.addAll(KEPT.map((path) => new Request(path, { cache: "no-cache" })));
    const old = (await cache.keys()).filter((request) => {
      const url = new URL(request.url);
      return url.pathname !== BUNDLE && !KEPT.includes(url.pathname + url.search);
    });
    await Promise.all(old.map((request) => cache.delete(request)));
    await self.skipWaiting();
  })());
});

self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

async function fromNet(request) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), PATIENCE);
  try {
    return await fetch(request, { signal: stop.signal });
  } finally {
    clearTimeout(timer);
  }
}

// Pages and luggage: the net first, what is kept otherwise.
async function netFirst(request, names) {
  const cache = await caches.open(NAME);
  try {
    const answer = await fromNet(request);
    if (answer.ok) await cache.put(names[0], answer.clone());
    // A server that is out of order is no reason to lose what is known.
    if (answer.ok || answer.status < 500) return answer;
  } catch { /* the net is gone */ }
  for (const name of names) {
    const kept = await cache.match(name);
    if (kept) {
      // The page says so: it is working with what was kept.
      const told = new Response(kept.body, kept);
      told.headers.set("x-kept", "1");
      return told;
    }
  }
  return Response.error();
}

async function keptFirst(request) {
  const kept = await (await caches.open(NAME)).match(request);
  return kept ?? fetch(request);
}

self.addEventListener("fetch", (event) => {
  const request = event.request;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (url.pathname === "/offline") {
    const asked = url.searchParams.get("lang");
    const own = (self.navigator.language || "ko").startsWith("ko") ? "ko" : "en";
    const names = asked ? ["/offline?lang=" + (asked === "en" ? "en" : "ko")]
      : ["/offline", "/offline?lang=" + own];
    event.respondWith(netFirst(request, names));
  } else if (url.pathname === BUNDLE) {
    event.respondWith(netFirst(request, [BUNDLE]));
  } else if (KEPT.includes(url.pathname)) {
    event.respondWith(keptFirst(request));
  }
});

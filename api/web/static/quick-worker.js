"use strict";
// Keeps the one page of 随手调 and what it needs, so that it opens without a network; everything else goes through.
const SHELF = "fengqiao-quick-1";
const KEPT = ["/console/quick", "/static/quick.js", "/static/console.css", "/static/icon.svg"];

self.addEventListener("install", (event) => event.waitUntil(
  caches.open(SHELF).then((shelf) => shelf.addAll(KEPT)).then(() => self.skipWaiting())));
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  const path = new URL(event.request.url).pathname;
  if (event.request.method === "GET" && KEPT.includes(path)) event.respondWith(freshOrKept(event.request, path));
});

async function freshOrKept(request, path) {
  const shelf = await caches.open(SHELF);
  try {
    const fresh = await fetch(request);
    if (fresh.ok && !fresh.redirected) await shelf.put(path, fresh.clone());
    return fresh;
  } catch (error) {
    const kept = await shelf.match(path);
    if (kept) return kept;
    throw error;
  }
}

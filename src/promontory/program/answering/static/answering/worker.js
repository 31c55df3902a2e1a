// Keeps the kiosk's page and files: the network first, what was kept when there is none.
const KEPT = "promontory-kiosk";
self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  const { method, url } = event.request;
  const { pathname, origin } = new URL(url);
  if (method !== "GET" || origin !== location.origin || !/^\/(k|a)\//.test(pathname)) return;
  event.respondWith((async () => {
    const kept = await caches.open(KEPT);
    try {
      const fresh = await fetch(event.request);
      if (fresh.ok) await kept.put(event.request, fresh.clone());
      return fresh;
    } catch (error) {
      const found = await kept.match(event.request);
      if (found) return found;
      throw error;
    }
  })());
});

/* Promontory's only script of its own: it makes working pages quicker, never possible.
   Everything here has a plain link, form or page behind it. */
(() => {
  "use strict";
  const root = document.documentElement;
  const one = (selector, within) => (within || document).querySelector(selector);
  const all = (selector, within) => Array.from((within || document).querySelectorAll(selector));

  /* Theme: system → light → dark → system; the cookie lets the server send the right page at once. */
  const themes = ["system", "light", "dark"];
  function remember(name, value) {
    document.cookie = `${name}=${value};path=/;max-age=31536000;samesite=lax`;
  }
  function setTheme(theme) {
    if (theme === "system") delete root.dataset.theme;
    else root.dataset.theme = theme;
    all("[data-theme-name]").forEach((place) => { place.textContent = place.dataset[theme]; });
  }

  /* The side panel is a dialog: focus is kept, Escape closes, focus returns. */
  const panel = one("#panel");
  function openPanel() {
    if (panel && !panel.open) panel.showModal();
    const title = one("h2", panel);
    if (title) { title.tabIndex = -1; title.focus({ preventScroll: true }); }
  }
  if (panel) {
    document.body.addEventListener("htmx:afterSwap", (event) => {
      if (event.detail.target === panel) openPanel();
    });
    panel.addEventListener("click", (event) => { if (event.target === panel) panel.close(); });
    panel.addEventListener("close", () => panel.replaceChildren());
  }
  /* A part of the page that could not be fetched says so, in the page's live region. */
  function sayTrouble() {
    const place = one("#messages");
    const words = one("#trouble");
    if (place && words) place.replaceChildren(words.content.cloneNode(true));
  }
  document.body.addEventListener("htmx:responseError", sayTrouble);
  document.body.addEventListener("htmx:sendError", sayTrouble);

  document.addEventListener("click", (event) => {
    const themeButton = event.target.closest("[data-theme-next]");
    if (themeButton) {
      const now = root.dataset.theme || "system";
      const next = themes[(themes.indexOf(now) + 1) % themes.length];
      setTheme(next);
      remember("theme", next);
    }
    if (event.target.closest("[data-keys]")) help();
    if (event.target.closest("[data-print]")) window.print();
    const copy = event.target.closest("[data-copy]");
    if (copy && navigator.clipboard) {
      navigator.clipboard.writeText(new URL(copy.dataset.copy, location).href).then(() => {
        one("[data-copy-word]", copy).textContent = copy.dataset.copied;
      });
    }
    all("details.menu[open]").forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
  });

  /* Keys: / search, g + letter go to, ? help, Escape closes a menu. */
  function help() { const dialog = one("#keys"); if (dialog && !dialog.open) dialog.showModal(); }
  function search() {
    const field = one("[data-search]") || one("input[type=search]");
    if (field) { field.focus(); field.select(); return; }
    const link = one("[data-search-page]");
    if (link) location.assign(link.href);
  }
  const keysSwitch = one("#keys-on");
  const keysOn = () => !keysSwitch || keysSwitch.checked;
  if (keysSwitch) {
    keysSwitch.checked = !document.cookie.includes("keys=off");
    keysSwitch.addEventListener("change", () => remember("keys", keysSwitch.checked ? "on" : "off"));
  }
  let going = 0;
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      all("details.menu[open]").forEach((menu) => { menu.open = false; one("summary", menu).focus(); });
      return;
    }
    if (!keysOn() || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.target.closest("input, select, textarea, [contenteditable], dialog")) return;
    if (going && Date.now() - going < 1500) {
      going = 0;
      const link = all("[data-go]").find((each) => each.dataset.go === event.key.toLowerCase());
      if (link) { event.preventDefault(); location.assign(link.href); }
      return;
    }
    if (event.key === "g") going = Date.now();
    else if (event.key === "/") { event.preventDefault(); search(); }
    else if (event.key === "?") { event.preventDefault(); help(); }
  });

  /* What needs this script is shown by it. */
  all("[data-with-script]").forEach((each) => { each.hidden = false; });
  setTheme(root.dataset.theme || "system");
})();

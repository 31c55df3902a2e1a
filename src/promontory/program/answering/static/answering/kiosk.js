// One person after the other. What was answered waits here until the server has said that it is
// kept; each answer has its own number, so that sending it again does no harm.
(() => {
  "use strict";
  const root = document.getElementById("kiosk");
  const { queue, worker, again, language } = root.dataset;
  const copy = (id) => document.getElementById(id).content.cloneNode(true);
  const IDLE = 60_000;
  let memory = [];
  let answers = {};
  let id = "";
  let timer = 0;
  let sending = false;

  const waiting = () => {
    try { return JSON.parse(localStorage.getItem(queue) || "[]"); } catch { return memory; }
  };
  const store = (list) => {
    memory = list;
    try { localStorage.setItem(queue, JSON.stringify(list)); } catch { /* kept in memory */ }
  };
  const number = () => crypto.randomUUID ? crypto.randomUUID()
    : Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");

  async function send() {
    const list = waiting().slice(0, 100);
    if (!list.length || sending) return;
    sending = true;
    try {
      const reply = await fetch(queue, {
        method: "POST", body: JSON.stringify({ answers: list }), credentials: "omit",
        headers: { "Content-Type": "application/json" },
      });
      if (reply.ok) {
        const { kept, refused } = await reply.json();
        const done = new Set([...kept, ...refused]);
        // Only what was sent as it stands now: the same person may have gone on meanwhile.
        store(waiting().filter((each) => !(done.has(each.id)
          && list.some((sent) => JSON.stringify(sent) === JSON.stringify(each)))));
      }
      if (reply.ok && waiting().length) setTimeout(send, 250);
    } catch { /* no network: the next try comes by itself */ }
    sending = false;
  }

  function keep(complete) {
    if (!id || !Object.values(answers).some((v) => v !== null && v !== "")) return;
    const said = { id, answers: { ...answers }, complete, language, at: new Date().toISOString() };
    store([...waiting().filter((each) => each.id !== id), said]);
    send();
  }

  function show(...nodes) {
    root.replaceChildren(...nodes);
    window.scrollTo(0, 0);
    clearTimeout(timer);
  }

  function start() {
    answers = {}; id = "";
    show(copy("start"));
  }

  function begin() {
    answers = {}; id = number();
    step(0);
  }

  function step(n) {
    const sections = [...copy("steps").children];
    const next = sections.slice(n).find(({ dataset }) => !dataset.after
      || dataset.values.split(" ").includes(String(answers[dataset.after] ?? "")));
    if (!next) {
      keep(true);
      id = "";
      const thanks = copy("thanks");
      thanks.querySelector("[data-offline]").hidden = navigator.onLine;
      show(thanks);
      timer = setTimeout(start, again * 1000);
      return;
    }
    next.dataset.at = sections.indexOf(next);
    show(next);
    // Not on the first score: no answer may stand out before one is chosen.
    next.tabIndex = -1;
    (next.querySelector("textarea") || next).focus({ preventScroll: true });
    idle();
  }

  function idle() {
    clearTimeout(timer);
    timer = setTimeout(() => { keep(false); start(); }, IDLE);
  }

  function forward() {
    const at = root.querySelector("section");
    const field = at.querySelector("textarea, input:checked");
    const value = field ? field.value.trim() : "";
    if (!value && "required" in at.dataset) {
      at.querySelector(".fault").textContent = document.getElementById("fault").content.textContent;
      return;
    }
    answers[at.dataset.key] = value || null;
    keep(false);
    step(Number(at.dataset.at) + 1);
  }

  root.addEventListener("click", (event) => {
    const { do: what } = event.target.closest("[data-do]")?.dataset || {};
    if (what === "start") begin();
    if (what === "next") forward();
    if (what === "restart") { keep(false); start(); }
  });
  for (const act of ["input", "pointerdown", "keydown"]) {
    root.addEventListener(act, () => root.querySelector("section") && idle());
  }
  addEventListener("online", send);
  setInterval(send, 20_000);
  if (navigator.serviceWorker) navigator.serviceWorker.register(worker, { scope: "/k/" }).catch(() => {});
  send();
  start();
})();

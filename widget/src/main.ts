/** `window.promontory`, the one name a page sees. It never throws into the page. */

import { begin, keep, post, unique } from "./outbox";
import { define, open } from "./panel";
import type { AskOptions, Person, Reply, Session } from "./wire";

type Listener = (detail?: unknown) => void;

const TRIES = 3;
const page: any = window;
const script = (document.currentScript ??
  document.querySelector("script[data-site]")) as HTMLScriptElement;
const site = script.dataset["site"];

const listeners: Record<string, Listener[]> = {};
let person: Person = {};
let attributes: Record<string, unknown> = {};
let isBusy = false;
let dismiss: ((silently?: boolean) => void) | undefined;

/** A listener that throws does so by itself, as any handler of the page. */
const emit = (name: string, detail?: unknown): void =>
  listeners[name]?.forEach((listener) => setTimeout(listener, 0, detail));

const nameOf = ({ customer, email }: Person) => customer ?? email;

/** Whatever was refused is said, then handed on. */
const heard = (reply: Reply): Reply => {
  if (reply.error || reply.why) emit("refused", reply);
  return reply;
};

const sessionOf = (reply: Reply): Session => {
  const ask = reply.ask!;
  const say = (path: string, more?: object) =>
    keep(path, { site, token: ask.token, ...more }).then(heard);
  return {
    ask,
    shown: () => say("shown"),
    dismiss: () => say("dismiss"),
    answer: (answers, complete = true) => {
      emit("answered", { answers, complete });
      return say("answer", { answers, complete, id: unique() });
    },
  };
};

const mayAsk = async ({ touchpoint, delay = 0 }: AskOptions): Promise<Reply> => {
  if (delay) await new Promise((wake) => setTimeout(wake, delay * 1e3));
  const who = person;
  const language = document.documentElement.lang || navigator.language;
  // The path alone: what stands after it in an address may be private.
  const words = {
    site,
    touchpoint,
    attributes,
    language,
    page: location.origin + location.pathname,
    ...who,
  };
  const reply = heard(await post("ask", words, TRIES));
  // Somebody else signed in meanwhile.
  return nameOf(who) == nameOf(person) ? reply : {};
};

const commands: Record<string, (...given: any[]) => unknown> = {
  identify(who?: Person | null) {
    const next = { ...who };
    if (nameOf(next) != nameOf(person)) dismiss?.(true);
    person = next;
  },
  attributes(more: object) {
    attributes = { ...attributes, ...more };
  },
  track(touchpoint: string, more?: object) {
    return keep("event", {
      site,
      ...person,
      touchpoint,
      id: unique(),
      occurred_at: new Date(),
      ...more,
    }).then(heard);
  },
  async ask(options: AskOptions = {}) {
    const { container } = options;
    const place = typeof container == "string" ? document.querySelector(container) : container;
    if (isBusy || (container && !place)) return;
    isBusy = true;
    const reply = await mayAsk(options);
    isBusy = !!reply.ask;
    if (isBusy)
      dismiss = open(sessionOf(reply), place ?? undefined, emit, () => {
        isBusy = false;
        dismiss = undefined;
      });
  },
  async headless(options: AskOptions = {}, then?: Listener) {
    const reply = await mayAsk(options);
    const found = reply.ask ? sessionOf(reply) : { ask: null, ...reply };
    then?.(found);
    return found;
  },
  dismiss: () => dismiss?.(),
  on: (name: string, listener: Listener) => (listeners[name] ??= []).push(listener),
};

const promontory = async (name: string, ...given: unknown[]): Promise<unknown> => {
  try {
    return await commands[name]!(...given);
  } catch (error) {
    console.warn("promontory:", name, error);
  }
};

// A script loaded twice asks once.
if (!page.promontory?.site) {
  const queued: unknown[][] = page.promontory?.q ?? [];
  page.promontory = Object.assign(promontory, { site });
  define();
  begin(new URL("v1/", script.src).href);
  queued.forEach((each) => promontory(...(each as [string])));
}

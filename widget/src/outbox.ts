/** Talk to the server. What was said is kept until it has arrived, where the browser lets us over a reload too. */

import type { Reply } from "./wire";

type Words = Record<string, unknown>;

const PREFIX = "promontory:";
const MOST_STORED = 100;

let address = "";
const lanes: Record<string, Promise<Reply>> = {};
let waiting = 0;

/** Wait that many milliseconds, or until the network is back. */
const pause = (milliseconds: number): Promise<unknown> =>
  new Promise((wake) => {
    setTimeout(wake, milliseconds);
    addEventListener("online", wake, { once: true });
  });

/** Ask until the server has answered in its own words, or `tries` are used up. Never rejects. */
export const post = async (path: string, words: Words, tries = 1 / 0): Promise<Reply> => {
  for (let turn = 0; ;) {
    try {
      // A plain string is text/plain, which needs no preflight; no cookie goes with it.
      const response = await fetch(address + path, {
        method: "POST",
        body: JSON.stringify(words),
        keepalive: true,
        credentials: "omit",
        signal: AbortSignal.timeout?.(15e3),
      });
      if (response.status < 500 && response.status != 429) return await response.json();
    } catch {
      // No network, no permission, a timeout or somebody else's page: the same again, later.
    }
    if (++turn >= tries) return { error: { code: "unreachable", message: "" } };
    await pause(Math.min(3e5, 5e2 * 2 ** turn) * (1 + Math.random()));
  }
};

const store = (key: string, text?: string): void => {
  try {
    text ? localStorage.setItem(key, text) : localStorage.removeItem(key);
  } catch {
    // Storage is denied or full: memory has to do.
  }
};

const deliver = async (key: string, path: string, words: Words): Promise<Reply> => {
  // One lane an invitation, so that its answers arrive in order and wait for nobody else's.
  const lane = (words["token"] ?? path) as string;
  waiting++;
  const reply: Reply = await (lanes[lane] = Promise.resolve(lanes[lane]).then(() =>
    post(path, words),
  ));
  waiting--;
  store(key);
  return reply;
};

/** Send something that must arrive. The storage is the page's too: we take a small part of it. */
export const keep = (path: string, words: Words): Promise<Reply> => {
  const key = PREFIX + Date.now() + unique();
  if (waiting < MOST_STORED) store(key, JSON.stringify([path, words]));
  return deliver(key, path, words);
};

/** Begin at this address, with what an earlier page could not send. */
export const begin = (at: string): void => {
  address = at;
  try {
    for (const key of Object.keys(localStorage).sort())
      if (key.startsWith(PREFIX)) {
        const [path, words] = JSON.parse(localStorage.getItem(key) as string);
        deliver(key, path, words);
      }
  } catch {
    // Storage is denied, or somebody else wrote there.
  }
};

/** Return 128 random bits in hex; pages without HTTPS have no randomUUID. */
export const unique = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    (byte + 256).toString(16).slice(1),
  ).join("");

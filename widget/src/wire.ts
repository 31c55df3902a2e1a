/** What goes over the wire, and what a page may say: the types of docs/reference/widget.md. */

export type Value = number | string | null;
export type Answers = Record<string, Value>;

export interface Option {
  key: string;
  text: string;
  /** The answer it stands for; without it, its key is the answer. */
  value?: number;
}

export interface Question {
  key: string;
  kind: "scale" | "yes_no" | "choice" | "text";
  text: string;
  required?: boolean;
  low?: number;
  high?: number;
  low_label?: string;
  high_label?: string;
  options?: Option[];
  show_if?: { question: string; values: Value[] } | null;
}

export interface Ask {
  token: string;
  version: number;
  language: string;
  dir: "ltr" | "rtl";
  expires: string;
  promise: string;
  questions: Question[];
  texts: Record<"next" | "send" | "dismiss" | "thanks" | "optional" | "error" | "privacy", string>;
}

/** A refusal says why; whatever else is in a reply depends on what was asked. */
export interface Reply {
  ask?: Ask | null;
  why?: string;
  again_after?: number;
  kept?: boolean;
  error?: { code: string; message: string };
}

export interface Person {
  customer?: string;
  email?: string;
  signature?: string;
  language?: string;
}

export interface AskOptions {
  touchpoint?: string;
  container?: string | Element;
  delay?: number;
}

/** What the panel, or a page's own interface, does with somebody who may be asked. */
export interface Session {
  ask: Ask;
  shown(): Promise<Reply>;
  answer(answers: Answers, complete?: boolean): Promise<Reply>;
  dismiss(): Promise<Reply>;
}

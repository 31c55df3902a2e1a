/** The panel: asks what the server chose, in a shadow of its own, and never takes the focus. */

import css from "./panel.css";
import type { Answers, Question, Session, Value } from "./wire";

const TAG = "promontory-ask";
const STANDS_AFTER = 1e3;
const THANKS_FOR = 6e3;

interface Panel extends HTMLElement {
  gone(): void;
}

/** Give the element its name; once a page. */
export const define = (): void =>
  customElements.define(
    TAG,
    class extends HTMLElement {
      declare gone: () => void;

      // A page that goes from view to view may take us away without asking.
      disconnectedCallback() {
        this.gone();
      }
    },
  );

type Child = Node | string | undefined | null | false;

/** Make an element; text is only ever set as text. */
const make = (tag: string, given: Record<string, unknown> = {}, ...children: Child[]): any => {
  const made: any = document.createElement(tag);
  for (const name in given)
    name in made ? (made[name] = given[name]) : made.setAttribute(name, given[name]);
  made.append(...children.filter(Boolean));
  return made;
};

const dress = (root: ShadowRoot): void => {
  try {
    // A constructed sheet is allowed by a style-src without 'unsafe-inline'.
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    root.adoptedStyleSheets = [sheet];
  } catch {
    root.append(make("style", {}, css));
  }
};

/** What may be chosen, as pairs of answer and text. */
const choices = ({ kind, options, low = 0, high = 1, ...ends }: Question): [Value, string][] =>
  options?.length
    ? options.map(({ key, text, value }) => [value ?? key, text])
    : kind == "yes_no"
      ? [
          [1, ends.high_label!],
          [0, ends.low_label!],
        ]
      : Array.from({ length: high - low + 1 }, (_, i) => [low + i, `${low + i}`]);

/** Show the panel in `container`, or in the corner. Returns what takes it away as a dismissal does. */
export const open = (
  session: Session,
  container: Element | undefined,
  emit: (name: string, detail?: unknown) => void,
  closed: () => void,
): ((silently?: boolean) => void) => {
  const { language: lang, dir, texts, promise, questions } = session.ask;
  const [first, second] = questions as [Question, Question?];
  const chosen: Answers = {};
  const written: Answers = {};
  const parts: Record<string, HTMLElement> = {};
  let begun = first.kind == "text";
  let asked: Question | undefined = first;
  let byKey = false;
  let isNew = false;
  let saved = false;
  let standing: ReturnType<typeof setTimeout>;
  let before: any;

  /** Keep what was chosen, though not yet sent. Words are sent by their writer only. */
  const save = (): void => {
    clearTimeout(standing);
    if (isNew) session.answer({ ...chosen }, false);
    saved ||= isNew;
    isNew = false;
  };
  const refresh = (): void => {
    for (const { key, show_if: on } of questions)
      parts[key]!.hidden =
        (!begun && key != first.key) ||
        (!!on && (parts[on.question]!.hidden || !on.values.includes(chosen[on.question]!)));
    send.textContent = begun || !second ? texts.send : texts.next;
    const next = questions.find(({ key }) => !parts[key]!.hidden && !(key in chosen));
    if (asked != next) status.textContent = (asked = next) ? asked.text : "";
  };

  const part = (question: Question, i: number): HTMLElement => {
    const { key, kind, text, required, low_label, high_label } = question;
    const legend = make("legend", {}, text, !required && make("small", {}, ` (${texts.optional})`));
    if (kind == "text")
      return make(
        "fieldset",
        {},
        legend,
        make("textarea", {
          rows: 3,
          maxLength: 5000,
          dir: "auto",
          required,
          "aria-label": text,
          oninput: ({ target }: any) => (written[key] = target.value.trim() || null),
        }),
      );
    const isScale = kind == "scale";
    const rows = choices(question).map(([value, said], j, { length }) => {
      const end = isScale && (j ? j == length - 1 && high_label : low_label);
      return make(
        "label",
        {},
        make("input", {
          type: "radio",
          name: i,
          onchange: () => {
            chosen[key] = value;
            begun = isNew = true;
            clearTimeout(standing);
            // Arrow keys pass over answers that are not meant: those stand when the focus leaves.
            if (!byKey) standing = setTimeout(save, STANDS_AFTER);
            refresh();
          },
        }),
        make("span", {}, said, end && make("i", { class: "v" }, " ", end)),
      );
    });
    return make(
      "fieldset",
      { role: "radiogroup", "aria-required": !!required },
      legend,
      make("div", { class: kind == "choice" ? "list" : "row" }, ...rows),
      isScale &&
        make(
          "small",
          { class: "ends", "aria-hidden": true },
          make("span", {}, low_label),
          make("span", {}, high_label),
        ),
    );
  };

  const close = (): void => {
    clearTimeout(standing);
    const had = root.activeElement;
    host.remove();
    if (had) before?.focus();
  };
  const dismiss = (silently?: boolean): void => {
    byKey ? (isNew = false) : save();
    if (!silently && !saved) {
      session.dismiss();
      emit("dismissed");
    }
    close();
  };
  const submit = (): void => {
    const missing = questions.find(
      ({ key, required }) =>
        required && !parts[key]!.hidden && (chosen[key] ?? written[key]) == null,
    );
    for (const question of questions) parts[question.key]!.ariaInvalid = `${question == missing}`;
    alert.textContent = missing ? texts.error : "";
    if (missing) return parts[missing.key]!.querySelector<HTMLElement>("input,textarea")!.focus();
    if (!begun && second) {
      begun = true;
      return refresh();
    }
    isNew = false;
    saved = true;
    clearTimeout(standing);
    // Null takes back what was said before another answer hid the question.
    for (const { key } of questions) if (parts[key]!.hidden) chosen[key] = written[key] = null;
    session.answer({ ...chosen, ...written }).then(({ error }) => {
      if (error) status.textContent = error.message || texts.error;
    });
    if (root.activeElement) section.focus();
    body.remove();
    status.className = "";
    status.textContent = texts.thanks;
    if (!container) setTimeout(() => byKey || host.matches(":hover") || close(), THANKS_FOR);
  };

  const status = make("p", { role: "status", class: "v" });
  const alert = make("p", { role: "alert" });
  // No form: a sandboxed frame may not submit one, though nothing is sent by it.
  const send = make("button", { class: "s", onclick: submit });
  const fieldsets = questions.map((question, i) => (parts[question.key] = part(question, i)));
  const body = make(
    "div",
    {},
    ...fieldsets,
    alert,
    send,
    make("small", {}, texts.privacy, " · ", promise),
  );
  const section = make(
    "section",
    { tabIndex: -1, "aria-label": first.text },
    body,
    status,
    make("button", { class: "x", "aria-label": texts.dismiss, onclick: () => dismiss() }, "✕"),
  );
  const host = make(TAG, { lang, dir, inline: !!container }) as Panel;
  const root = host.attachShadow({ mode: "open" });
  dress(root);
  root.append(section);
  refresh();

  // The page's own shortcuts would take what is typed here for theirs.
  for (const type of ["keydown", "keypress", "keyup"])
    root.addEventListener(type, (event: any) => {
      byKey = true;
      event.stopPropagation();
      if (type != "keydown" || event.isComposing) return;
      if (event.key == "Escape") dismiss();
      if (event.key == "Enter" && event.target.type == "radio") submit();
    });
  root.addEventListener(
    "focusout",
    ({ target, relatedTarget }: any) => target.name == relatedTarget?.name || save(),
  );
  root.addEventListener("pointerdown", () => (byKey = false));
  host.addEventListener("focusin", (event) => (before = event.relatedTarget ?? before));
  const hide = (): false | void => document.hidden && !byKey && save();
  document.addEventListener("visibilitychange", hide);
  // Shown is what somebody could see: scrolled to, and in a window that is not in the background.
  const eye = new IntersectionObserver((seen) => {
    if (!seen.at(-1)!.isIntersecting) return;
    eye.disconnect();
    session.shown();
    emit("shown");
  });
  host.gone = () => {
    document.removeEventListener("visibilitychange", hide);
    closed();
  };
  (container ?? document.body).append(host);
  eye.observe(host);
  // A live region speaks what changes in it once it is there.
  setTimeout(() => (status.textContent = first.text), 100);
  return dismiss;
};

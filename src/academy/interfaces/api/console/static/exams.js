// The list of exams.

import { ask } from "./api.js";
import { el } from "./dom.js";
import { day, t } from "./text.js";

const AT_ONCE = 24;

/** Show the exams, newest first. How many pages of one wait is told when it is opened: the list does not know. */
export function showExams(main) {
  document.title = `${t("exams")} · Academy`;
  const gone = new AbortController();
  const list = el("ul", { class: "exams" });
  const none = el("p", { class: "muted", role: "status", text: t("loading") });
  const more = el("button", { class: "quiet", type: "button", text: t("more"), hidden: true });
  const classes = classNames();
  let cursor = "";
  more.addEventListener("click", load);
  main.append(el("h1", { text: t("exams") }), list, none, more);
  load();

  async function load() {
    more.disabled = true;
    try {
      const [page, names] = await Promise.all([
        ask("GET", `/exams?limit=${AT_ONCE}${cursor ? `&cursor=${cursor}` : ""}`),
        classes,
      ]);
      if (gone.signal.aborted) return;
      cursor = page.next_cursor;
      more.hidden = !cursor;
      list.append(...page.items.map((exam) => row(exam, names)));
      none.textContent = t("noExams");
      none.hidden = list.childElementCount > 0;
    } catch (error) {
      none.textContent = error.message;
      none.hidden = false;
    }
    more.disabled = false;
  }

  return { leave: () => gone.abort() };
}

function row(exam, names) {
  const address = `/exams/${encodeURIComponent(exam.id)}`;
  return el(
    "li",
    { class: "exam" },
    el("a", { class: "title", href: address, "data-link": true, text: exam.title }),
    el("span", { class: "muted", text: names.get(exam.class_id) ?? "" }),
    el("span", { class: "muted when", text: exam.held_on ? day(exam.held_on) : t("noDay") }),
  );
}

/** Return the names of all classes by id. A list of exams without them is still a list. */
async function classNames() {
  const names = new Map();
  let cursor = "";
  try {
    do {
      const page = await ask("GET", `/classes?include_inactive=true&limit=100${cursor ? `&cursor=${cursor}` : ""}`);
      for (const each of page.items) names.set(each.id, each.name);
      cursor = page.next_cursor;
    } while (cursor);
  } catch {
    // The exams say themselves when the server is away.
  }
  return names;
}

// Whose page it is: the students whom the reader takes for likely, and everybody who may have sat the exam.

import { ask } from "./api.js";
import { el } from "./dom.js";
import { t } from "./text.js";

const SHOWN = 8;

/** Return everybody in the class of an exam, and who else was expected where there is a key; those without a score first, by name. */
export async function rosterOf(exam, hasKey) {
  const found = new Map();
  let cursor = "";
  const where = `class_id=${encodeURIComponent(exam.class_id)}&limit=100`;
  do {
    const page = await ask("GET", `/students?${where}${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ""}`);
    for (const each of page.items) found.set(each.id, { id: each.id, name: each.name, identifier: each.identifier ?? "" });
    cursor = page.next_cursor;
  } while (cursor);
  const without = hasKey ? await withoutScore(exam.id) : []; // Without a key nobody has a score yet.
  for (const each of without) {
    const known = found.get(each.student_id) ?? { id: each.student_id, name: each.name, identifier: "" };
    found.set(known.id, { ...known, missing: true });
  }
  const rank = (each) => (each.missing ? 0 : 1);
  return [...found.values()].sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name));
}

async function withoutScore(examId) {
  return (await ask("GET", `/exams/${encodeURIComponent(examId)}/results`)).without;
}

/** Make the student's part of the form. `match` is the page's, `roster` a promise of `rosterOf`; `on` as for a field. */
export function studentSection(sheet, match, roster, on) {
  let chosen = null; // an id, "" for nobody's
  const people = new Map(match.candidates.map((each) => [each.student_id, { id: each.student_id, name: each.name }]));
  const likely = el("div", { class: "choices people" });
  const search = el("input", { type: "search", name: "student", autocomplete: "off", oninput: find, onkeydown: entered });
  const results = el("div", { class: "choices people", "aria-live": "polite" });
  const aside = personButton({ id: "", name: t("setAside") }, "quiet");
  const node = el(
    "fieldset",
    { class: "section", tabindex: -1, "data-field": "student", onfocusin: on.entered, onclick: on.entered },
    el("legend", { text: t("whose") }),
    el("p", { class: "muted small", text: /\d/.test(match.identifier) ? t("identifierRead", match.identifier) : t("noIdentifier") }),
    likely,
    el("label", {}, t("findStudent"), search),
    results,
    aside,
  );
  likely.append(...[...people.values()].map((each) => personButton(each)));
  likely.hidden = !people.size;
  find();
  roster.then(number, () => {});

  /** Add the identifiers, by which people of one name are told apart. */
  function number(all) {
    for (const button of likely.children) {
      const identifier = all.find((each) => each.id === button.dataset.student)?.identifier;
      if (identifier) button.append(el("span", { class: "note", text: identifier }));
    }
  }

  function personButton(person, kind = "") {
    const number = person.identifier ? el("span", { class: "note", text: person.identifier }) : null;
    const missing = person.missing ? el("span", { class: "note", text: t("noScoreYet") }) : null;
    return el(
      "button",
      { class: `choice person ${kind}`, type: "button", "data-student": person.id, "aria-pressed": String(chosen === person.id), onclick: () => choose(person.id) },
      el("span", { text: person.name }),
      number,
      missing,
    );
  }

  async function find() {
    try {
      const text = search.value.trim().toLowerCase();
      const all = await roster;
      if (text !== search.value.trim().toLowerCase()) return;
      const fits = (each) => each.name.toLowerCase().includes(text) || each.identifier.includes(text);
      // Without a word only those are offered whose sheet is not there yet.
      const offered = all.filter((each) => !people.has(each.id) && (text ? fits(each) : each.missing));
      results.replaceChildren(...offered.slice(0, SHOWN).map((each) => personButton(each)));
      const rest = offered.length - SHOWN;
      if (text && !offered.length) results.append(el("p", { class: "muted small", text: t("nobodyFound") }));
      else if (rest > 0) results.append(el("p", { class: "muted small", text: t("moreFound", rest) }));
    } catch (error) {
      results.replaceChildren(el("p", { class: "error small", text: error.message }));
    }
  }

  /** Enter in the search takes the first who fits; another one decides. */
  function entered(event) {
    const first = results.querySelector("[data-student]");
    if (event.key !== "Enter" || event.isComposing || !search.value || !first) return;
    event.preventDefault();
    if (chosen !== first.dataset.student) choose(first.dataset.student);
    node.focus();
  }

  function choose(id) {
    chosen = chosen === id ? null : id;
    for (const each of node.querySelectorAll("[data-student]")) {
      each.setAttribute("aria-pressed", String(each.dataset.student === chosen));
    }
    node.classList.toggle("settled", chosen !== null);
    on.changed();
  }

  return {
    node,
    place: sheet.student,
    get settled() {
      return chosen !== null;
    },
    get value() {
      return chosen;
    },
    /** Take a key: a digit chooses by place, a letter begins a search. */
    key(key) {
      if (key === "Process" || /^\p{L}$/u.test(key)) search.focus();
      const person = [likely, results].flatMap((each) => [...each.querySelectorAll("[data-student]")])[Number(key) - 1];
      if (!/^[1-9]$/.test(key) || !person) return false;
      choose(person.dataset.student);
      return true;
    },
  };
}

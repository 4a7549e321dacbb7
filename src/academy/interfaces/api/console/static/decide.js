// The form for one page of the review: the picture, what is doubtful, and what the person says.

import { choiceSection, fieldName } from "./choices.js";
import { el } from "./dom.js";
import { Picture } from "./picture.js";
import { studentSection } from "./student.js";
import { moment, t } from "./text.js";

/**
 * Make the form. `page` is the page as the API shows it; `known` has `sheet`, `roster()`, the picture's `url`, `scanNumber`, the
 * names of the `doubtful` fields, `settled` for a page that waits for nobody any more, and `alone` where no other does;
 * `on` has `decide(said)`, `later()`, `before()` and `pictureGone()`.
 */
export function decideForm(page, known, on) {
  const title = t("pageOf", { page: page.page, scan: known.scanNumber });
  const picture = new Picture(t("pictureOf", title), on.pictureGone);
  const hint = el("p", { class: "small hint", role: "status" });
  const settle = el("button", { class: "primary", type: "button", text: t("decide"), onclick: send });
  const later = el("button", { class: "quiet", type: "button", text: t(!known.settled ? "later" : known.alone ? "closePage" : "nextPage"), onclick: on.later });
  const parts = el("div", { class: "sections" });
  const reasons = reasonsOf(page, known.settled);
  const node = el(
    "section",
    { class: "card review", "aria-label": title },
    el("div", { class: "about" }, el("h2", { text: title }), page.match.name ? el("p", { class: "whose", text: page.match.name }) : null, ...reasons),
    picture.node,
    el(
      "div",
      { class: "decide" },
      parts,
      hint,
      el("div", { class: "row" }, settle, handButton(), asideButton(), later),
      el("p", { class: "muted small keys", text: t("keys") }),
      logOf(page, known),
    ),
  );
  let blankIsSaid = false;
  let sections = sectionsOf(false);
  let current = null;
  parts.append(...sections.map((each) => each.node));
  settle.hidden = !sections.length;
  enter(sections[0]);
  picture.show(known.url);

  function sectionsOf(byHand) {
    const made = [];
    const begin = (make) => {
      const section = make({ entered: () => enter(section), changed: () => (hint.textContent = "") });
      made.push(section);
    };
    if (known.settled ? byHand : page.match.reason) begin((each) => studentSection(known.sheet, page.match, known.roster(), each));
    const read = new Map(page.fields.map((field) => [field.field, field]));
    for (const field of byHand ? known.sheet.answers : known.doubtful) {
      // Whose page it is says the same as the digits of an identifier.
      if (known.sheet.purpose(field) !== "identifier") {
        begin((each) => choiceSection(known.sheet, field, read.get(field) ?? null, each));
      }
    }
    return made;
  }

  /**
   * A page that was not read, or on which nothing is marked, can be graded by hand: what is not chosen is blank.
   * On one that is settled anything can be changed: what is not chosen stays.
   */
  function handButton() {
    const key = known.settled ? "change" : "byHand";
    if (!known.settled && !page.problem && (known.doubtful.length || page.match.reason)) return null;
    const button = el("button", { class: "quiet", type: "button", text: t(key), onclick: begin });
    function begin() {
      button.remove();
      sections = sectionsOf(true);
      blankIsSaid = !known.settled;
      parts.replaceChildren(el("p", { class: "rule small", text: t(`${key}Rule`) }), ...sections.map((each) => each.node));
      settle.hidden = false;
      go(sections[0]);
    }
    return button;
  }

  /** Where no student is asked for, a page can be set aside all the same. */
  function asideButton() {
    if (known.settled || page.match.reason) return null;
    return el("button", { class: "quiet", type: "button", text: t("setAside"), onclick: () => on.decide({ fields: {}, student: "" }) });
  }

  function enter(section) {
    if (section === current && section) return;
    current = section ?? null;
    for (const each of sections) each.node.classList.toggle("current", each === current);
    picture.look(page.problem ? null : (current?.place ?? null));
  }

  function go(section) {
    enter(section);
    section?.node.focus({ preventScroll: true });
    section?.node.scrollIntoView({ block: "nearest" });
  }

  function send() {
    const fields = {};
    const said = { fields };
    for (const section of sections) {
      if (!section.field && section.settled) said.student = section.value;
      else if (section.field && (section.settled || blankIsSaid)) fields[section.field] = section.value ?? [];
    }
    // What nobody wrote has no answers.
    if (said.student === "") on.decide({ fields: {}, student: "" });
    else if (!Object.keys(fields).length && said.student === undefined) hint.textContent = t("chooseFirst");
    else on.decide(said);
  }

  /** Go on: to the next part that is open, else the page is decided. */
  function next() {
    const open = sections.filter((each) => !each.settled);
    const after = open.find((each) => sections.indexOf(each) > sections.indexOf(current)) ?? open[0];
    if (!open.length || blankIsSaid || known.settled) send();
    else if (after === current) hint.textContent = t("chooseFirst");
    else go(after);
  }

  return {
    node,
    picture,
    focus: () => (current ? go(current) : node.querySelector("button.quiet:not(.small)")?.focus()),
    /** Take a key; return whether it meant something here. */
    key(key) {
      const at = sections.indexOf(current);
      const side = { ArrowDown: at + 1, ArrowUp: at - 1 }[key];
      if (side !== undefined) {
        if (!sections[side]) return false;
        go(sections[side]);
      } else if (key === "ArrowRight") on.later();
      else if (key === "ArrowLeft") on.before();
      else if (key === "Enter") next();
      else return current?.key(key) ?? false;
      return true;
    },
  };
}

function reasonsOf(page, settled) {
  const reasons = [page.problem, page.match.reason, ...(page.score?.reasons ?? [])].filter(Boolean);
  const told = new Map([...reasons, ...page.warnings].map((each) => [each.code, each.message]));
  if (page.problem && !settled) told.set("", t("mayBeSetAside"));
  return [...told.values()].map((text) => el("p", { class: "reason small", text }));
}

/** Who decided what before, oldest first. */
function logOf(page, { sheet, settled }) {
  if (!page.decisions.length) return null;
  const items = page.decisions.map((each) => {
    const what = each.field === null ? t("whose") : fieldName(sheet, each.field);
    const said = each.field === null ? (each.student === "" ? t("setAside") : "") : (each.marked?.join(", ") || t("blankMark"));
    const taken = each.field === null ? each.student === null : each.marked === null;
    return el("li", { text: [moment(each.at), each.by_name, what, taken ? t("takenBack") : said].filter(Boolean).join(" · ") });
  });
  return el("details", { open: settled }, el("summary", { class: "small", text: t("decisionLog", items.length) }), el("ol", { class: "small log" }, ...items));
}

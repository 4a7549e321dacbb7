// One doubtful field: what the machine read, and what a person says instead.

import { el } from "./dom.js";
import { t } from "./text.js";

/** Return what people call a field of a sheet. */
export function fieldName(sheet, field) {
  const digit = sheet.digit(field);
  return digit ? t("digitOf", digit) : t("questionNo", field);
}

/**
 * Make the field's part of the form. `read` has `state`, `marked` and `confidence`, null for one that was not read.
 * `on` has `entered()` when a person begins with it and `changed()` when they have chosen.
 */
export function choiceSection(sheet, field, read, on) {
  const choices = sheet.choices(field);
  let chosen = null; // nothing said yet; [] says that nothing is marked
  const several = el("input", { type: "checkbox", checked: (read?.marked.length ?? 0) > 1, onchange: changed });
  const buttons = new Map();
  const row = el("div", { class: "choices" });
  for (const choice of choices) row.append(button(choice, choice, () => choose(choice)));
  row.append(button("", t("blankMark"), () => choose("")));
  const node = el(
    "fieldset",
    { class: "section", tabindex: -1, "data-field": field, onfocusin: on.entered, onclick: on.entered },
    el("legend", { text: fieldName(sheet, field) }),
    el("p", { class: "muted small", text: said(read) }),
    row,
    el("label", { class: "check" }, several, t("several")),
  );
  draw();

  function button(choice, text, onclick) {
    const note = read?.marked.includes(choice) ? el("span", { class: "note", text: t(read.decided ? "decidedNote" : "readNote") }) : null;
    const made = el("button", { class: "choice", type: "button", onclick, "data-choice": choice }, el("span", { text }), note);
    buttons.set(choice, made);
    return made;
  }

  function choose(choice) {
    if (!choice) chosen = [];
    else if (!several.checked) chosen = [choice];
    else if (chosen?.includes(choice)) chosen = chosen.filter((each) => each !== choice);
    else chosen = choices.filter((each) => each === choice || chosen?.includes(each));
    changed();
  }

  function changed() {
    if (!several.checked && chosen?.length > 1) chosen = chosen.slice(0, 1);
    draw();
    on.changed();
  }

  function draw() {
    for (const [choice, made] of buttons) {
      const on = choice ? Boolean(chosen?.includes(choice)) : chosen?.length === 0;
      made.setAttribute("aria-pressed", String(on));
    }
    node.classList.toggle("settled", chosen !== null);
  }

  return {
    node,
    field,
    place: sheet.place(field),
    get settled() {
      return chosen !== null;
    },
    get value() {
      return chosen;
    },
    /** Take a key: a choice by its name or, on sheets that name them otherwise, by its place; 0 says blank where it is no choice. */
    key(key) {
      const named = choices.find((each) => each.toLowerCase() === key.toLowerCase());
      const choice = named ?? (/^[1-9]$/.test(key) ? choices[Number(key) - 1] : undefined);
      if (choice !== undefined) choose(choice);
      else if (key === "0" || key === "Delete" || key === "Backspace") choose("");
      else return false;
      return true;
    },
  };
}

function said(read) {
  if (!read || read.state === null) return t("notRead");
  const marks = read.marked.length ? read.marked.join(", ") : t("blankMark");
  if (read.decided) return t("decidedAs", marks);
  const sure = read.confidence === null ? "" : ` · ${t("certainty", Math.round(100 * read.confidence))}`;
  return `${t("machineRead", marks)} · ${t(`mark_${read.state}`)}${sure}`;
}

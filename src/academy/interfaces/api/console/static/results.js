// How an exam went once nothing waits any more, and what can be made of it.

import { ask, follow } from "./api.js";
import { el, notice } from "./dom.js";
import { points, t } from "./text.js";

/** Make the results of an exam; `gone` ends what is under way. */
export function resultsPanel(exam, results, gone) {
  const boxes = el("div"); // one for each order: what one made stays while another is under way
  const row = el(
    "div",
    { class: "row" },
    order("exportScores", `/classes/${encodeURIComponent(exam.class_id)}/exports/scores`, (result) => [fileLink(result.document)]),
    order("makeNotes", `/exams/${encodeURIComponent(exam.id)}/notes`, (result) => notes(result.notes, results.students)),
  );
  const { mean, highest, lowest } = results.exam;
  const figures = mean === null ? "" : t("figures", { mean: points(mean), highest: points(highest), lowest: points(lowest) });
  return el(
    "section",
    { class: "card results", "aria-label": t("results") },
    el("h2", { text: t("results") }),
    el("p", { class: "muted", text: figures }),
    results.students.length ? table(results) : el("p", { class: "muted", text: t("noResults") }),
    results.without.length ? el("p", { class: "small", text: t("without", results.without.map((each) => each.name).join(", ")) }) : null,
    results.students.length ? row : null,
    boxes,
  );

  /** A button that orders a job, shows how far it is and then what it made. */
  function order(key, path, linksOf) {
    const button = el("button", { class: "quiet", type: "button", text: t(key), onclick: begin });
    const done = el("div", { class: "made", "aria-live": "polite" });
    boxes.append(done);
    async function begin() {
      const bar = el("progress", { max: 100, value: 0, "aria-label": t(key) });
      button.disabled = true;
      done.replaceChildren(bar);
      try {
        const job = await ended(await ask("POST", path, {}, { once: true }), bar);
        if (job) done.replaceChildren(el("ul", { class: "files" }, ...linksOf(job.result).map((each) => el("li", {}, each))));
      } catch (error) {
        done.replaceChildren(el("p", { class: "error", text: error.message }));
      }
      button.disabled = false;
    }
    return button;
  }

  async function ended(job, bar) {
    let last = job;
    const heard = (now) => {
      last = now;
      if (now.progress) bar.value = now.progress.percent;
    };
    await follow(job.id, heard, gone);
    if (gone.aborted) return null;
    if (last.status !== "succeeded") throw new Error(last.failure?.message ?? last.status_text);
    return last;
  }
}

function table(results) {
  const graded = results.students.some((each) => each.grade !== null);
  const keys = ["rank", "name", "score", "rightCount", ...(graded ? ["grade"] : [])];
  const body = results.students.map((each) => {
    const counted = each.questions.filter((question) => question.outcome !== "void");
    const right = counted.filter((question) => question.outcome === "right").length;
    // A person may have noted another score than the sheet gives.
    const other = each.noted !== null && each.noted !== each.total ? ` (${t("noted", points(each.noted))})` : "";
    return el(
      "tr",
      { "data-student": each.student_id },
      el("td", { text: each.rank }),
      el("th", { scope: "row", text: each.name }),
      el("td", { text: `${points(each.total)} / ${points(each.maximum)}${other}` }),
      el("td", { text: `${right} / ${counted.length}` }),
      graded ? el("td", { text: each.grade ?? "–" }) : null,
    );
  });
  const head = keys.map((key) => el("th", { scope: "col", text: t(key) }));
  return el("div", { class: "wide" }, el("table", {}, el("thead", {}, el("tr", {}, ...head)), el("tbody", {}, ...body)));
}

function notes(made, students) {
  const names = new Map(students.map((each) => [each.student_id, each.name]));
  return made.map((each) => {
    const name = names.get(each.student_id) ?? "";
    return each.document ? fileLink(each.document) : el("span", { class: "muted", text: `${name}: ${t(`note_${each.reason}`)}` });
  });
}

/** A file that a job made: its address is asked for when it is wanted, for it ends after some minutes. */
function fileLink(made) {
  return el("button", { class: "quiet file", type: "button", text: t("download", made.file_name), onclick: fetchIt });

  async function fetchIt() {
    try {
      const { url } = await ask("GET", `/documents/${encodeURIComponent(made.id)}/url`);
      const elsewhere = new URL(url).origin !== location.origin;
      el("a", { href: url, download: made.file_name, rel: "noopener", target: elsewhere ? "_blank" : null }).click();
    } catch (error) {
      notice(error.message, "bad");
    }
  }
}

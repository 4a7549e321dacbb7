// One exam: its scans, the review, and the results once nothing waits.

import { ask } from "./api.js";
import { el } from "./dom.js";
import { resultsPanel } from "./results.js";
import { reviewPanel } from "./review.js";
import { scansPanel } from "./scans.js";
import { Sheet } from "./sheet.js";
import { rosterOf } from "./student.js";
import { day, t } from "./text.js";

export function showExam(main, id) {
  const gone = new AbortController();
  const path = `/exams/${encodeURIComponent(id)}`;
  const title = el("h1", { text: t("loading") });
  const facts = el("p", { class: "muted facts" });
  const said = el("p", { class: "card", role: "status", hidden: true });
  const results = el("div");
  let scans = null;
  let review = null;
  let people = null;
  let showing = 0;
  main.append(el("p", {}, el("a", { href: "/exams", "data-link": true, text: t("backToExams") })), title, facts);
  start();

  async function start() {
    try {
      const exam = await ask("GET", path);
      if (gone.signal.aborted) return;
      title.textContent = exam.title;
      document.title = `${exam.title} · Academy`;
      facts.textContent = exam.held_on ? day(exam.held_on) : t("noDay");
      nameClass(exam);
      await open(exam);
    } catch (error) {
      if (gone.signal.aborted) return;
      if (!facts.textContent) title.textContent = t(error.status === 404 ? "noExam" : "exams");
      say(error.message);
    }
  }

  async function nameClass(exam) {
    try {
      const { name } = await ask("GET", `/classes/${encodeURIComponent(exam.class_id)}`);
      facts.textContent = `${name} · ${facts.textContent}`;
    } catch {
      // The page does without.
    }
  }

  async function open(exam) {
    const sheet = await sheetOf();
    if (gone.signal.aborted) return;
    if (!sheet) {
      say(t("noSheet"));
      return;
    }
    scans = scansPanel(id, look, (scan, page) => review.pick(scan, page));
    const roster = () => (people ??= rosterOf(exam, sheet.has_key).catch(forget));
    review = reviewPanel(exam, new Sheet(sheet.specification), roster, (queue) => told(exam, sheet, queue));
    if (!sheet.has_key) main.append(el("p", { class: "rule", text: t("noKey") }));
    main.append(review.node, said, results, scans.node);
    const count = await scans.start();
    if (count) await review.start();
    else say(t("noScans"));
  }

  async function sheetOf() {
    try {
      return await ask("GET", `${path}/sheet`);
    } catch (error) {
      if (error.status === 404) return null;
      throw error;
    }
  }

  function forget(error) {
    people = null; // The next page asks again.
    throw error;
  }

  async function look() {
    people = null; // Who has no score yet is told with the students.
    try {
      await review.start();
    } catch (error) {
      if (!gone.signal.aborted) say(error.message);
    }
  }

  function told(exam, sheet, queue) {
    scans.showUnread(queue.items);
    said.hidden = true;
    results.replaceChildren();
    const turn = ++showing;
    if (!queue.waiting && queue.pages) finish(exam, sheet, () => turn === showing && !gone.signal.aborted);
  }

  /** Nothing waits: show how it went, unless another look at the queue has come between. */
  async function finish(exam, sheet, current) {
    if (!sheet.has_key) return;
    try {
      const found = await ask("GET", `${path}/results`);
      if (current()) results.replaceChildren(resultsPanel(exam, found, gone.signal));
    } catch (error) {
      if (current()) say(error.message);
    }
  }

  function say(text) {
    if (!said.isConnected) main.append(said);
    said.textContent = text;
    said.hidden = false;
  }

  return {
    leave() {
      gone.abort();
      scans?.leave();
      review?.leave();
    },
  };
}

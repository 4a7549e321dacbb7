// The review of an exam: one page after another, until nothing waits for a person.

import { ask } from "./api.js";
import { decideForm } from "./decide.js";
import { el, notice } from "./dom.js";
import { itemOf, Overlays, pathOf, same } from "./overlays.js";
import { keyed, onceOnly } from "./pressing.js";
import { t } from "./text.js";

/**
 * Make the review. `exam` and `sheet` are those of the API and of sheet.js, `roster()` promises who may have sat it;
 * `onQueue(queue)` gets each state of the queue.
 */
export function reviewPanel(exam, sheet, roster, onQueue) {
  const gone = new AbortController();
  const left = el("p", { class: "left", role: "status", tabindex: -1 });
  const undo = el("button", { class: "quiet small", type: "button", text: t("undo"), hidden: true, onclick: takeBack });
  const alert = el("div", { role: "alert" });
  const stage = el("div");
  onceOnly(stage, () => shown?.form);
  const node = el("div", { class: "queue", hidden: true }, el("div", { class: "row" }, left, undo), alert, stage);
  const overlays = new Overlays();
  let items = [];
  let shown = null; // {item, page, form}
  let last = null; // what was decided last, to be taken back
  let working = false;
  document.addEventListener("keydown", (event) => shown && keyed(event, shown.form), { signal: gone.signal });

  /** Look at the queue again; what is on show stays, unless nothing waits on it any more. */
  async function refresh() {
    const queue = await ask("GET", `/exams/${encodeURIComponent(exam.id)}/review?limit=100`);
    if (gone.signal.aborted) return;
    items = queue.items;
    overlays.note(items);
    left.textContent = t("leftOver", { pages: queue.waiting, fields: queue.fields });
    const over = !queue.waiting && !shown?.item.picked;
    node.hidden = over && undo.hidden;
    if (over) clear();
    onQueue(queue);
  }

  function clear() {
    shown?.form?.picture.leave();
    shown = null;
    stage.replaceChildren();
  }

  /** Show a page of the queue. `page` is what the API says of it, fetched if it is not at hand. */
  async function open(item, page = null) {
    const found = page ?? (await ask("GET", pathOf(item)));
    if (gone.signal.aborted) return;
    clear();
    const known = {
      sheet,
      roster,
      scanNumber: item.scan_number,
      doubtful: item.fields.map((each) => each.field),
      settled: !found.waits,
      alone: !items.length,
      url: overlays.of(item),
    };
    const form = decideForm(found, known, { decide, later: () => turn(1), before: () => turn(-1), pictureGone });
    shown = { item, page: found, form };
    stage.replaceChildren(form.node);
    const next = items[(items.findIndex((each) => same(each, item)) + 1) % items.length];
    if (next && overlays.of(next)) new Image().src = overlays.of(next);
  }

  async function pictureGone() {
    const { item, form } = shown;
    form.picture.show(await overlays.again(item));
  }

  /** Go to the next page of the queue or the one before; what is left for later comes round again. */
  async function turn(by) {
    if (working) return;
    const at = items.findIndex((each) => same(each, shown.item));
    if (at >= 0 && items.length === 1) {
      notice(t("onlyOne"));
      return;
    }
    alert.replaceChildren();
    if (!items.length) return end();
    await trying(async () => {
      await open(items[at < 0 ? 0 : (at + by + items.length) % items.length]);
      shown?.form.focus();
    });
  }

  function end() {
    clear();
    left.focus();
  }

  async function decide(said) {
    if (working) return;
    const { item, page } = shown;
    await trying(async () => {
      const wish = { ...said, seen: page.decisions.length };
      // A person who leaves at once has decided all the same.
      const answer = await ask("POST", `${pathOf(item)}/decisions`, wish, { once: true, keepalive: true });
      alert.replaceChildren();
      undo.hidden = false;
      last = { item, said, seen: answer.decisions.length };
      await goOn(item, answer.waits ? answer : null);
    }, item);
  }

  /** After a decision: the same page while it still waits, else the one that came after it. */
  async function goOn(item, page) {
    const wanted = page ? [item] : items.slice(items.findIndex((each) => same(each, item)) + 1);
    await refresh();
    const next = wanted.map((each) => items.find((one) => same(one, each))).find(Boolean) ?? items[0];
    if (!next) return end();
    await open(next, page && same(next, item) ? page : null);
    shown?.form.focus();
  }

  /** Take the last decision back, and show its page again. */
  async function takeBack() {
    if (working) return;
    const { item, said, seen } = last;
    const fields = Object.fromEntries(Object.keys(said.fields).map((name) => [name, null]));
    const wish = { fields, seen, ...(said.student === undefined ? {} : { student: null }) };
    await trying(async () => {
      const page = await ask("POST", `${pathOf(item)}/decisions`, wish, { once: true });
      alert.replaceChildren();
      undo.hidden = true;
      await goOn(item, page.waits ? page : null);
    }, item);
  }

  /** Do something that may fail; where somebody else was first on `item` their page is shown. */
  async function trying(work, item = null) {
    working = true;
    stage.setAttribute("aria-busy", "true");
    try {
      await work();
    } catch (error) {
      if (gone.signal.aborted) return;
      if (error.code === "decision_taken") await trying(() => showTaken(item));
      else if (error.status === 404 && work !== leaveGone) await trying(leaveGone);
      else alert.replaceChildren(el("p", { class: "error", text: error.message }));
    } finally {
      working = false;
      stage.removeAttribute("aria-busy");
    }
  }

  /** A page that is there no more: somebody took its scan away, or the whole exam. */
  async function leaveGone() {
    undo.hidden = true;
    clear();
    await refresh();
    node.hidden = false;
    alert.replaceChildren(el("p", { class: "rule", text: t("takenAway") }));
    if (items.length) await open(items[0]);
    shown?.form.focus();
  }

  async function picked(scan, number) {
    node.hidden = false;
    const page = await ask("GET", pathOf({ scan_id: scan.id, page: number }));
    const item = itemOf(scan, page);
    overlays.note([item]);
    alert.replaceChildren();
    await open(items.find((each) => same(each, item)) ?? item, page);
    shown?.form.focus();
  }

  async function showTaken(item) {
    undo.hidden = true;
    const page = await ask("GET", pathOf(item));
    await refresh();
    const fresh = items.find((each) => same(each, item)) ?? { ...item, fields: [] };
    node.hidden = false;
    await open(fresh, page);
    alert.replaceChildren(el("p", { class: "rule", text: t(page.waits ? "takenOpen" : "takenDone") }));
    shown?.form.focus();
  }

  return {
    node,
    /** Look at the queue, and begin with its first page where none is on show. */
    async start() {
      await refresh();
      if (items.length && !shown && !working) await open(items[0]);
    },
    /** Show a page of a scan, whether it waits or not. */
    async pick(scan, number) {
      if (!working) await trying(() => picked(scan, number));
    },
    leave() {
      gone.abort();
      clear();
    },
  };
}

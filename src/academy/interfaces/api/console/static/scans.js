// The scans of an exam: sending another one, how far each is, and which pages could not be read.

import { ask, follow, Problem } from "./api.js";
import { el } from "./dom.js";
import { filePicker } from "./picker.js";
import { sendDocument } from "./sending.js";
import { t } from "./text.js";

const KINDS = "application/pdf,image/jpeg,image/png,image/tiff,.pdf,.jpg,.jpeg,.png,.tif,.tiff";

/** Make the part of the page about scans; `onRead()` is called whenever one has been read, `onPick(scan, page)` to look at a page. */
export function scansPanel(examId, onRead, onPick) {
  const gone = new AbortController();
  const path = `/exams/${encodeURIComponent(examId)}/scans`;
  const summary = el("summary", {}, el("h2", { text: t("scans") }), el("span", { class: "muted small" }));
  const list = el("ul", { class: "scans" });
  const unread = el("ul", { class: "unread", hidden: true });
  const form = sendForm(examId, gone.signal, added);
  const node = el("details", { class: "card scan-panel" }, summary, list, unread, form);
  const rows = new Map();
  const heard = new Set(); // jobs that have ended
  let following = "";

  async function added(scan) {
    place(scan);
    await listen();
  }

  function place(scan) {
    const fresh = scanRow(scan, onPick);
    const old = rows.get(scan.id);
    if (old) old.node.replaceWith(fresh.node);
    else list.append(fresh.node);
    rows.set(scan.id, fresh);
    const scans = [...rows.values()].map((each) => each.scan);
    const pages = scans.reduce((sum, each) => sum + each.pages, 0);
    summary.lastChild.textContent = t("scanCount", { scans: scans.length, pages });
    if (scan.state !== "read") node.open = true;
  }

  /** Follow the readings one after the other: browsers allow few connections to one server. */
  async function listen() {
    const busy = [...rows.values()].find(({ scan }) => scan.state === "reading" && !heard.has(scan.job_id));
    if (following || !busy || gone.signal.aborted) return;
    following = busy.scan.job_id;
    try {
      await follow(following, (job) => rows.get(busy.scan.id)?.progress(job), gone.signal);
      if (gone.signal.aborted) return;
      heard.add(following);
      place(await ask("GET", `/scans/${encodeURIComponent(busy.scan.id)}`));
      onRead();
    } catch (error) {
      busy.fail(error.message);
      return;
    } finally {
      following = "";
    }
    await listen();
  }

  return {
    node,
    async start() {
      const found = await ask("GET", path);
      if (gone.signal.aborted) return 0;
      found.items.forEach(place);
      node.open ||= !found.items.length;
      listen();
      return found.items.length;
    },
    /** Name the pages that could not be read, with the reason. */
    showUnread(items) {
      const told = items.flatMap((item) => item.reasons.filter((each) => each.stage).map((each) => ({ item, each })));
      unread.replaceChildren(
        ...told.map(({ item, each }) =>
          el("li", {}, el("strong", { text: t("pageOf", { page: item.page, scan: item.scan_number }) }), ` ${each.message}`),
        ),
      );
      unread.hidden = !told.length;
    },
    leave: () => gone.abort(),
  };
}

function scanRow(scan, onPick) {
  const state = el("span", { class: `state ${STATES[scan.state]}`, text: t(`scan_${scan.state}`) });
  const bar = el("progress", { max: 100, value: 0, "aria-label": `${t("progress")}: ${scan.file_name}` });
  const step = el("span", { class: "muted small" });
  const busy = el("div", { class: "busy", hidden: scan.state !== "reading" }, bar, step);
  const failed = el("p", { class: "error small", text: scan.failure?.message ?? "", hidden: !scan.failure });
  const head = el("div", { class: "facts" }, el("strong", { text: `${scan.number}. ${scan.file_name}` }), state);
  return {
    scan,
    node: el("li", { "data-scan": scan.id }, head, busy, failed, pagesOf(scan, onPick)),
    progress(job) {
      if (job.progress) bar.value = job.progress.percent;
      step.textContent = job.progress
        ? `${job.progress.percent.toFixed(0)} % · ${t(`step_${job.progress.step}`)}`
        : job.status_text;
    },
    fail(message) {
      failed.textContent = message;
      failed.hidden = false;
    },
  };
}

/** The numbers of a scan's pages, made when they are wanted. */
function pagesOf(scan, onPick) {
  if (!scan.pages) return null;
  const row = el("div", { class: "numbers", role: "group", "aria-label": t("pagesOf", scan.number) });
  const number = (page) =>
    el("button", { class: "quiet small", type: "button", text: page, "aria-label": t("pageOf", { page, scan: scan.number }), onclick: () => onPick(scan, page) });
  const fill = () => row.children.length || row.append(...Array.from({ length: scan.pages }, (_, at) => number(at + 1)));
  return el("details", { ontoggle: fill }, el("summary", { class: "small", text: t("pageCount", scan.pages) }), row);
}

const STATES = { reading: "processing", read: "ready", failed: "failed" };

function sendForm(examId, gone, onAdded) {
  let stop = null;
  const picker = filePicker(KINDS, () => say(""));
  const send = el("button", { class: "primary", type: "submit", text: t("sendScan") });
  const halt = el("button", { class: "quiet", type: "button", text: t("stop"), hidden: true, onclick: () => stop?.abort() });
  const bar = el("progress", { max: 1, value: 0, "aria-label": t("sending"), hidden: true });
  const said = el("p", { class: "small", role: "status" });
  const form = el("form", { class: "send-scan", onsubmit: submit }, picker.node, bar, said, el("div", { class: "row" }, send, halt));
  picker.node.append(el("span", { class: "muted small kinds", text: t("scanKinds") }));
  gone.addEventListener("abort", () => stop?.abort());

  async function submit(event) {
    event.preventDefault();
    let id = "";
    stop = new AbortController();
    busy(true);
    say("");
    try {
      const fields = { purpose: "scan", subject: `exam:${examId}` };
      const began = (document) => (id = document.id);
      await sendDocument(picker.file, fields, { began, progress }, stop.signal);
      if (stop.signal.aborted) throw new Problem(0, "stopped", t("uploadStopped"));
      const { scan } = await ask("POST", `/exams/${encodeURIComponent(examId)}/scans`, { document_id: id }, { once: true });
      form.reset();
      picker.shown();
      say(t("scanSent"));
      onAdded(scan);
    } catch (error) {
      say(error.message, "error");
      // What came to nothing is taken away; where the server is out of reach it sweeps by itself.
      if (id) await ask("DELETE", `/documents/${encodeURIComponent(id)}`, undefined, { keepalive: true }).catch(() => {});
    } finally {
      busy(false);
    }
  }

  function progress(share) {
    bar.value = share;
    say(`${t("sending")} ${(100 * share).toFixed(0)} %`);
  }

  function say(text, kind = "") {
    said.textContent = text;
    said.className = `small ${kind}`;
  }

  function busy(is) {
    for (const node of [picker.input, send]) node.disabled = is;
    halt.hidden = bar.hidden = !is;
    form.setAttribute("aria-busy", String(is));
  }

  return form;
}

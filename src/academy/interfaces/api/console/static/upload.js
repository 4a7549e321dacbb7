// The form that sends a file.

import { MODES } from "./card.js";
import { el } from "./dom.js";
import { filePicker } from "./picker.js";
import { sendVideo } from "./sending.js";
import { t } from "./text.js";

/** Make the form. `on` has `began(id)`, `done(id, answer)` and `broke(id)`; each upload ends with one of the latter two. */
export function uploadPanel(gone, on) {
  let stop = null;
  let typed = false; // Only a title that somebody typed outlives the choice of another file.
  let about = ""; // The video of which `said` speaks.
  const picker = filePicker("video/*,audio/*", named);
  const title = el("input", { name: "title", maxlength: 200, required: true });
  const mode = el("select", { name: "mode", "aria-describedby": "about-mode" }, ...MODES.map((value) => el("option", { value, text: t(value) })));
  const explained = el("p", { class: "muted small", id: "about-mode" });
  const send = el("button", { class: "primary", type: "submit", text: t("send") });
  const halt = el("button", { class: "quiet", type: "button", text: t("stop"), hidden: true });
  const bar = el("progress", { max: 1, value: 0, "aria-label": t("sending"), hidden: true });
  const said = el("p", { class: "small", role: "status" });
  const form = el(
    "form",
    { class: "card upload", onsubmit: submit },
    el("h2", { text: t("upload") }),
    picker.node,
    el("label", {}, t("title"), title),
    el("label", {}, t("mode"), mode),
    el("div", { class: "row" }, send, halt),
    explained,
    bar,
    said,
  );
  const explain = () => (explained.textContent = t(`about_${mode.value}`));
  title.addEventListener("input", () => (typed = title.value !== ""));
  mode.addEventListener("change", explain);
  halt.addEventListener("click", () => stop?.abort());
  gone.addEventListener("abort", () => stop?.abort());
  explain();

  function named(picked) {
    if (!typed) title.value = picked.name.replace(/\.[^.]+$/, "");
    say("");
  }

  function say(text, kind = "", id = "") {
    about = id;
    said.textContent = text;
    said.className = `small ${kind}`;
  }

  async function submit(event) {
    event.preventDefault();
    let id = "";
    const began = (video) => on.began((id = video.id));
    stop = new AbortController();
    busy(true);
    say("");
    try {
      const fields = { title: title.value, access_mode: mode.value };
      const answer = await sendVideo(picker.file, fields, { began, progress }, stop.signal);
      clear();
      say(t("uploaded"), "", id);
      on.done(id, answer);
    } catch (error) {
      say(error.message, "error");
      if (id) on.broke(id);
    } finally {
      busy(false);
    }
  }

  function clear() {
    form.reset();
    typed = false;
    picker.shown();
    explain();
  }

  function progress(share) {
    bar.value = share;
    say(`${t("sending")} ${(100 * share).toFixed(0)} %`);
  }

  function busy(on) {
    for (const node of [picker.input, title, mode, send]) node.disabled = on;
    halt.hidden = bar.hidden = !on;
    form.setAttribute("aria-busy", String(on));
  }

  return {
    node: form,
    /** A video is through or gone: what was said of its upload is over. */
    settled(id) {
      if (about === id) say("");
    },
    /** Ask for another file for a video that came to nothing. */
    again(video) {
      if (send.disabled) return;
      clear();
      title.value = video.title;
      typed = true;
      mode.value = video.access_mode;
      explain();
      form.scrollIntoView({ block: "center" });
      picker.input.focus({ preventScroll: true });
      picker.input.click();
    },
  };
}

// One video of the list: its picture, how it stands, and what may be done with it.

import { ask } from "./api.js";
import { el, notice } from "./dom.js";
import { clock, t } from "./text.js";

export const BUSY = ["UPLOADED", "PROCESSING"];
export const MODES = ["free_review", "proctored", "blocked"];
const CANCELLED = "cancelled";

/** Make a card. `on` has `go(path)`, `changed(video)`, `removed(id)` and `uploadAgain(video)`. */
export function card(video, manages, on) {
  const ready = video.playable;
  const stopped = video.failure?.code === CANCELLED;
  const standing = stopped ? "CANCELLED" : video.state;
  const state = el("span", { class: `state ${standing.toLowerCase()}`, text: t(standing) });
  const bar = el("progress", { max: 100, value: 0, "aria-label": t("progress") });
  const step = el("span", { class: "muted small" });
  const busy = el("div", { class: "busy", hidden: !BUSY.includes(video.state) }, bar, step);
  const thumb = el("div", { class: "thumb" }, poster(video));
  const address = `/watch/${encodeURIComponent(video.id)}`;
  const head = ready
    ? el("a", { href: address, "data-link": true, class: "title", text: video.title })
    : el("span", { class: "title", text: video.title });
  const facts = el("div", { class: "facts" }, state);
  if (video.duration) facts.append(el("span", { class: "muted", text: clock(video.duration) }));
  if (video.access_mode !== "free_review") {
    facts.append(el("span", { class: `mode ${video.access_mode}`, text: t(video.access_mode) }));
  }
  const body = el("div", { class: "body" }, head, facts, busy);
  if (video.failure && !stopped) body.append(el("p", { class: "error small", text: video.failure.message }));
  if (manages) body.append(actions(video, stopped, on));
  const node = el("li", { class: ready ? "video ready" : "video" }, thumb, body);
  if (ready) thumb.addEventListener("click", () => on.go(address));
  return {
    node,
    video,
    progress(job) {
      const now = job.progress;
      busy.hidden = false;
      if (!now) {
        step.textContent = job.status_text;
        return;
      }
      state.textContent = t("PROCESSING");
      state.className = "state processing";
      bar.value = now.percent;
      const left = now.remaining_seconds === null ? "" : ` · ${t("left", clock(now.remaining_seconds))}`;
      step.textContent = `${now.percent.toFixed(0)} % · ${t(`step_${now.step}`)} ${now.step_index}/${now.step_count}${left}`;
    },
  };
}

function poster(video) {
  if (!video.poster_url) return null;
  const image = el("img", { alt: "", loading: "lazy", decoding: "async", src: video.poster_url });
  // A card without a picture is still a card.
  image.addEventListener("error", () => image.remove());
  return image;
}

function actions(video, stopped, on) {
  const row = el("div", { class: "actions" });
  const path = `/videos/${video.id}`;
  const button = (key, work) => row.append(actionButton(key, video, work));
  if (video.state === "FAILED") {
    // What cannot heal by itself needs another file.
    if (stopped || video.failure?.retryable) {
      button("retry", async () => on.changed((await ask("POST", `${path}/retry`, {}, { once: true })).video));
    } else button("uploadAgain", async () => on.uploadAgain(video));
  }
  if (BUSY.includes(video.state)) {
    button("cancel", async () => on.changed(await ask("POST", `${path}/cancel`, {}, { once: true })));
  }
  row.append(modeSelect(video, on));
  button("remove", async () => {
    if (!window.confirm(t("removeSure", video.title))) return;
    await ask("DELETE", path);
    on.removed(video.id);
  });
  return row;
}

function actionButton(key, video, work) {
  return el("button", {
    class: "quiet small",
    type: "button",
    text: t(key),
    "aria-label": `${t(key)}: ${video.title}`,
    async onclick(event) {
      event.target.disabled = true;
      try {
        await work();
      } catch (error) {
        notice(error.message, "bad");
      }
      event.target.disabled = false;
    },
  });
}

function modeSelect(video, on) {
  return el(
    "select",
    {
      class: "quiet small",
      title: t(`about_${video.access_mode}`),
      "aria-label": `${t("mode")}: ${video.title}`,
      async onchange(event) {
        try {
          on.changed(await ask("PATCH", `/videos/${video.id}`, { access_mode: event.target.value }));
        } catch (error) {
          notice(error.message, "bad");
          event.target.value = video.access_mode;
        }
      },
    },
    ...MODES.map((value) => el("option", { value, text: t(value), selected: value === video.access_mode })),
  );
}

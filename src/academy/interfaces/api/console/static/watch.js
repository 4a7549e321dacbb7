// One video: its player when it can be watched, otherwise how far it is.

import { ask, follow } from "./api.js";
import { el, notice } from "./dom.js";
import { Heart } from "./heart.js";
import { Player } from "./player.js";
import { clock, t } from "./text.js";
import { showViewers } from "./viewers.js";

const REOPEN_BEFORE = 5 * 60 * 1000;

export function showVideo(main, id, role) {
  const gone = new AbortController();
  let player = null;
  let heart = null;
  let reopening = 0;
  const title = el("h1", { text: t("loading") });
  const stage = el("div", { class: "stage" });
  const under = el("div", { class: "under" });
  main.append(el("p", {}, el("a", { href: "/watch", "data-link": true, text: t("back") })), title, stage, under);
  show();

  async function show() {
    try {
      const video = await ask("GET", `/videos/${encodeURIComponent(id)}`);
      if (gone.signal.aborted) return;
      title.textContent = video.title;
      document.title = `${video.title} · Academy`;
      if (video.playable) await play(video);
      else if (video.access_mode === "blocked") wait(t("verdict_blocked"));
      else if (video.job_id && ["UPLOADED", "PROCESSING"].includes(video.state)) await converting(video);
      else wait(video.failure?.message ?? t("notReady"));
    } catch (error) {
      if (gone.signal.aborted) return;
      if (error.status === 404) missing();
      else {
        title.textContent = t("playFailed");
        wait(error.message);
      }
    }
  }

  function missing() {
    document.title = `${t("noLecture")} · Academy`;
    title.textContent = t("noLecture");
    stage.replaceChildren();
  }

  function wait(text) {
    stage.replaceChildren(el("p", { class: "card", role: "status", text }));
  }

  async function converting(video) {
    const bar = el("progress", { max: 100, value: 0, "aria-label": t("progress") });
    const said = el("p", { class: "muted", text: t(video.state) });
    stage.replaceChildren(el("div", { class: "card busy" }, bar, said));
    await follow(
      video.job_id,
      (job) => {
        if (job.progress) bar.value = job.progress.percent;
        said.textContent = job.progress
          ? `${job.progress.percent.toFixed(0)} % · ${t(`step_${job.progress.step}`)}`
          : job.status_text;
      },
      gone.signal,
    );
    if (!gone.signal.aborted) await show();
  }

  async function play(video) {
    const opened = await ask("POST", `/videos/${encodeURIComponent(id)}/playback`, {});
    if (gone.signal.aborted) return;
    player = new Player(opened, (code) => (code === "expired" ? reopen() : notice(t("playFailed"), "bad")));
    const verdict = el("p", { class: "verdict", role: "status" });
    const share = el("progress", { max: 1, value: 0, "aria-label": t("watched") });
    const numbers = el("span", { class: "muted", id: "watched" });
    stage.replaceChildren(player.node);
    under.replaceChildren(verdict, el("div", { class: "row seen" }, share, numbers));
    if (opened.mode === "proctored") under.prepend(el("p", { class: "rule", text: t("proctoredRule") }));
    if (opened.resume_at > 3) notice(t("resumed", clock(opened.resume_at)));
    let known = { watched_seconds: 0, completed: false };
    let shown = 0; // Stays while a beat is on its way.
    // Between two answers the page counts by itself what the server has not heard of yet.
    const draw = () => {
      const more = known.completed ? 0 : heart.fresh;
      const seconds = (shown = Math.max(shown, Math.min(opened.duration, known.watched_seconds + more)));
      share.value = seconds / opened.duration;
      const part = `${t("watched")} ${clock(seconds)} / ${clock(opened.duration)}`;
      numbers.textContent = known.completed ? `${part} · ✓ ${t("completed")}` : part;
      numbers.classList.toggle("done", known.completed);
    };
    heart = new Heart(player, opened, (answer) => {
      verdict.textContent = said(answer.code);
      verdict.dataset.code = answer.code;
      if (answer.code === "lost") return;
      [known, shown] = [answer, 0];
      draw();
    });
    player.video.addEventListener("timeupdate", draw);
    reopening = setTimeout(reopen, Date.parse(opened.expires_at) - Date.now() - REOPEN_BEFORE);
    if (["owner", "teacher"].includes(role)) showViewers(under, id, gone.signal);
  }

  /** Only a student's viewing is looked at, and only once something was played. */
  function said(code) {
    if (code !== "ok") return t(`verdict_${code}`);
    if (!player.video.played.length) return "";
    return t(role === "student" ? "verdict_ok" : "placeKept");
  }

  /** Signed addresses end; get new ones and go on where we are. */
  async function reopen() {
    clearTimeout(reopening);
    try {
      const opened = await ask("POST", `/videos/${encodeURIComponent(id)}/playback`, {});
      player.replace(opened);
      heart.replace(opened);
      reopening = setTimeout(reopen, Date.parse(opened.expires_at) - Date.now() - REOPEN_BEFORE);
    } catch (error) {
      notice(error.message, "bad");
    }
  }

  return {
    leave() {
      gone.abort();
      clearTimeout(reopening);
      heart?.stop();
      player?.destroy();
    },
  };
}

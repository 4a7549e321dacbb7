// The bar under the picture: buttons, menus, the seek bar with its previews, keys.

import { el, icon } from "./dom.js";
import { Previews } from "./previews.js";
import { clock, t } from "./text.js";

const { Hls } = window;
const RATES = [0.5, 0.75, 1, 1.25, 1.5, 1.75, 2];
const STEP = 5;
const AUTO = -1;

export class Controls {
  #player;
  #video;
  #hls = null;
  #previews;
  #stop = new AbortController();
  #hiding;

  constructor(player, opened) {
    this.#player = player;
    this.#video = player.video;
    this.#previews = new Previews(opened.sprites_url);
    this.#build(opened);
    this.#listen();
    this.refresh();
  }

  /** Show what is allowed and how it stands. */
  refresh() {
    const video = this.#video;
    const [at, all] = [video.currentTime, this.#player.duration];
    if (!this.seek.matches(":active")) this.seek.value = at;
    this.seek.setAttribute("aria-valuetext", `${clock(at)} / ${clock(all)}`);
    const percent = (seconds) => `${(100 * seconds) / (all || 1)}%`;
    const loaded = video.buffered.length ? video.buffered.end(video.buffered.length - 1) : 0;
    this.seek.style.setProperty("--at", percent(Number(this.seek.value)));
    this.seek.style.setProperty("--loaded", percent(loaded));
    this.seek.style.setProperty("--limit", percent(this.#player.limit));
    this.time.textContent = `${clock(at)} / ${clock(all)}`;
    this.#draw(this.toggle, video.paused ? "play" : "pause", t(video.paused ? "play" : "pause"));
    const silent = video.muted || video.volume === 0;
    this.#draw(this.sound, silent ? "silent" : "sound", t(silent ? "unmute" : "mute"));
    this.#draw(this.full, "full", t(document.fullscreenElement ? "exitFullscreen" : "fullscreen"));
    this.#player.node.classList.toggle("paused", video.paused);
  }

  /** Offer the rungs of a stream. */
  follow(hls) {
    this.#hls = hls;
    hls.on(Hls.Events.MANIFEST_PARSED, () => this.#offerLevels());
    hls.on(Hls.Events.LEVEL_SWITCHED, () => this.#offerLevels());
  }

  replace(opened) {
    this.#previews.replace(opened.sprites_url);
  }

  destroy() {
    this.#stop.abort();
    clearTimeout(this.#hiding);
  }

  #build(opened) {
    const button = (name, work) => el("button", { class: `control ${name}`, type: "button", onclick: work });
    this.big = el("button", { class: "big", type: "button", "aria-label": t("play"), onclick: () => this.#toggle() }, icon("play"));
    this.toggle = button("toggle", () => this.#toggle());
    this.sound = button("sound", () => (this.#video.muted = !this.#video.muted));
    this.full = button("full", () => this.#fullscreen());
    this.time = el("span", { class: "time" });
    this.seek = el("input", {
      class: "seek", type: "range", min: 0, max: opened.duration, step: 0.1, value: opened.resume_at, "aria-label": t("seek"),
    });
    this.volume = el("input", {
      class: "volume", type: "range", min: 0, max: 1, step: 0.05, value: 1, "aria-label": t("volume"),
    });
    const rates = RATES.filter((rate) => opened.mode !== "proctored" || rate <= 1);
    this.speed = el(
      "select",
      { class: "control speed", "aria-label": t("speed") },
      ...rates.map((rate) => el("option", { value: rate, text: `${rate}×`, selected: rate === 1 })),
    );
    this.quality = el("select", { class: "control quality", id: "quality", "aria-label": t("quality") });
    const row = el("div", { class: "buttons" }, this.toggle, this.sound, this.volume, this.time);
    row.append(el("span", { class: "grow" }), this.speed, this.quality, this.full);
    const line = el("div", { class: "line" }, this.seek, this.#previews.node);
    const bar = el("div", { class: "bar" }, line, row);
    this.node = el("div", { class: "controls" }, this.big, bar);
  }

  #listen() {
    const on = (target, names, work) =>
      names.split(" ").forEach((name) => target.addEventListener(name, work, { signal: this.#stop.signal }));
    const video = this.#video;
    on(video, "timeupdate play pause seeked volumechange progress loadedmetadata ended", () => this.refresh());
    on(video, "click", () => this.#toggle());
    on(video, "ratechange", () => (this.speed.value = video.playbackRate));
    on(this.seek, "input", () => this.#scrub());
    on(this.seek, "change", () => this.#player.seek(Number(this.seek.value)));
    on(this.seek, "pointermove", (event) => this.#hover(event));
    on(this.seek, "pointerleave blur", () => this.#previews.hide());
    on(this.volume, "input", () => {
      video.volume = Number(this.volume.value);
      video.muted = false;
    });
    on(this.speed, "change", () => (video.playbackRate = Number(this.speed.value)));
    on(this.quality, "change", () => (this.#hls.nextLevel = Number(this.quality.value)));
    on(document, "fullscreenchange", () => this.refresh());
    on(document, "keydown", (event) => this.#key(event));
    on(this.#player.node, "pointermove pointerdown focusin", () => this.#wake());
  }

  #draw(button, name, label) {
    if (button.dataset.icon !== name) {
      button.dataset.icon = name;
      button.replaceChildren(icon(name));
    }
    button.setAttribute("aria-label", label);
    button.title = label;
  }

  #toggle() {
    // A browser may refuse to play before somebody has touched the page; the button stays for the next try.
    if (this.#video.paused) this.#video.play().catch(() => {});
    else this.#video.pause();
  }

  #fullscreen() {
    if (document.fullscreenElement) document.exitFullscreen();
    else this.#player.node.requestFullscreen?.();
  }

  #offerLevels() {
    const hls = this.#hls;
    const now = hls.levels[hls.currentLevel];
    const chosen = hls.autoLevelEnabled ? AUTO : hls.nextLevel;
    const name = (level) => `${Math.min(level.width, level.height)}p`;
    const auto = now && hls.autoLevelEnabled ? t("autoNow", name(now)) : t("auto");
    const options = hls.levels.map((level, index) => ({ index, level })).filter(({ level }) => level.height);
    options.sort((a, b) => b.level.bitrate - a.level.bitrate);
    this.quality.replaceChildren(
      el("option", { value: AUTO, text: auto, selected: chosen === AUTO }),
      ...options.map(({ index, level }) => el("option", { value: index, text: name(level), selected: chosen === index })),
    );
    this.quality.hidden = options.length === 0;
    if (now) this.#player.node.dataset.rung = name(now);
  }

  #scrub() {
    const wanted = Math.min(Number(this.seek.value), this.#player.limit);
    this.seek.value = wanted;
    this.seek.style.setProperty("--at", `${(100 * wanted) / (this.#player.duration || 1)}%`);
    this.#previews.show(wanted, wanted / (this.#player.duration || 1));
  }

  #hover(event) {
    const box = this.seek.getBoundingClientRect();
    const share = Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
    this.#previews.show(share * this.#player.duration, share);
  }

  #key(event) {
    const tag = event.target.tagName;
    if (event.ctrlKey || event.metaKey || event.altKey || tag === "SELECT" || tag === "TEXTAREA") return;
    if (tag === "INPUT" || (tag === "BUTTON" && event.key === " ")) return;
    const video = this.#video;
    const keys = {
      " ": () => this.#toggle(),
      k: () => this.#toggle(),
      ArrowLeft: () => this.#player.seek(video.currentTime - STEP),
      ArrowRight: () => this.#player.seek(video.currentTime + STEP),
      m: () => (video.muted = !video.muted),
      f: () => this.#fullscreen(),
    };
    if (keys[event.key]) {
      event.preventDefault();
      keys[event.key]();
      this.#wake();
    }
  }

  #wake() {
    this.#player.node.classList.remove("idle");
    clearTimeout(this.#hiding);
    this.#hiding = setTimeout(() => {
      if (!this.#video.paused && !this.node.contains(document.activeElement)) this.#player.node.classList.add("idle");
    }, 2500);
  }
}

// The player: hls.js under our own controls, previews on the seek bar, and the rules of proctored viewing.

import { Controls } from "./controls.js";
import { el } from "./dom.js";

const { Hls } = window;
const AHEAD = 0.5;

/** Plays what `opened` names. `onBroken` gets "expired" when the addresses no longer work, else "failed". */
export class Player {
  #opened;
  #onBroken;
  #furthest;
  #hls = null;
  #controls;

  constructor(opened, onBroken) {
    this.#opened = opened;
    this.#onBroken = onBroken;
    // Until the server has spoken a proctored viewer is where they left off.
    this.#furthest = opened.resume_at;
    this.video = el("video", { playsinline: true, poster: opened.poster_url, tabindex: -1 });
    this.node = el("div", { class: "player", id: "player" });
    this.node.append(this.video);
    this.#controls = new Controls(this, opened);
    this.node.append(this.#controls.node);
    this.video.addEventListener("seeking", () => this.#keepBehind());
    this.video.addEventListener("ratechange", () => this.#keepSlow());
    this.video.addEventListener("timeupdate", () => {
      if (!this.video.seeking && this.video.currentTime <= this.#furthest + 2) {
        this.#furthest = Math.max(this.#furthest, this.video.currentTime);
      }
    });
    this.#load(opened.resume_at);
  }

  get proctored() {
    return this.#opened.mode === "proctored";
  }

  get duration() {
    return this.#opened.duration;
  }

  /** The furthest second that may be sought. */
  get limit() {
    return this.proctored ? this.#furthest : this.duration;
  }

  get hls() {
    return this.#hls;
  }

  /** Go to a second, as far as it is allowed. */
  seek(seconds) {
    this.video.currentTime = Math.min(Math.max(0, seconds), this.limit, this.duration);
  }

  /** Do what the server said to a heartbeat. */
  obey(answer) {
    if (this.proctored) this.#furthest = Math.max(this.#furthest, answer.allowed_position);
    if (answer.code === "seek_not_allowed") {
      this.#furthest = answer.allowed_position;
      this.video.currentTime = answer.allowed_position;
    } else if (answer.code === "rate_not_allowed") {
      this.video.playbackRate = 1;
    } else if (answer.code === "blocked") {
      this.video.pause();
      this.#hls?.stopLoad();
    }
    this.#controls.refresh();
  }

  /** Go on with fresh addresses. */
  replace(opened) {
    const [at, playing] = [this.video.currentTime, !this.video.paused];
    this.#opened = opened;
    this.#load(at);
    this.#controls.replace(opened);
    if (playing) this.video.play().catch(() => {});
  }

  destroy() {
    this.#controls.destroy();
    this.#hls?.destroy();
    this.video.removeAttribute("src");
  }

  #load(at) {
    this.#hls?.destroy();
    if (!Hls.isSupported()) {
      // Safari on iOS plays such streams by itself.
      this.video.src = this.#opened.master_url;
      this.video.addEventListener("loadedmetadata", () => (this.video.currentTime = at), { once: true });
      return;
    }
    this.#hls = new Hls({ startPosition: at, capLevelToPlayerSize: false, maxBufferLength: 30, backBufferLength: 60 });
    this.#hls.on(Hls.Events.ERROR, (_name, data) => this.#failed(data));
    this.#controls.follow(this.#hls);
    this.#hls.loadSource(this.#opened.master_url);
    this.#hls.attachMedia(this.video);
  }

  #failed(data) {
    if (!data.fatal) return;
    if (data.response?.code === 403) this.#onBroken("expired");
    else if (data.type === Hls.ErrorTypes.MEDIA_ERROR) this.#hls.recoverMediaError();
    else this.#onBroken("failed");
  }

  #keepBehind() {
    if (this.proctored && this.video.currentTime > this.#furthest + AHEAD) this.video.currentTime = this.#furthest;
  }

  #keepSlow() {
    if (this.proctored && this.video.playbackRate > 1) this.video.playbackRate = 1;
  }
}

// Heartbeats: what was played since the last one, and what the server says to it.

import { ask } from "./api.js";

/** Beats while a player plays; `onAnswer` gets each verdict, or `{code: "lost"}` when none came. */
export class Heart {
  #player;
  #opened;
  #onAnswer;
  #from = 0;
  #furthest = 0;
  #last = 0;
  #queue = Promise.resolve();
  #timer;
  #stop = new AbortController();

  constructor(player, opened, onAnswer) {
    this.#player = player;
    this.#opened = opened;
    this.#onAnswer = onAnswer;
    this.#from = this.#last = this.#furthest = opened.resume_at;
    const video = player.video;
    const on = (name, work, target = video) =>
      target.addEventListener(name, work, { signal: this.#stop.signal });
    on("play", () => (this.#from = this.#last = video.currentTime));
    on("timeupdate", () => {
      if (!video.seeking) this.#last = video.currentTime;
    });
    on("seeking", () => this.#jump());
    on("ratechange", () => this.#beat());
    on("pause", () => this.#beat());
    on("ended", () => this.#beat());
    on("visibilitychange", () => document.hidden && this.#beat(true), document);
    on("pagehide", () => this.#beat(true), window);
    this.#timer = setInterval(() => {
      if (!video.paused && !video.seeking) this.#beat();
    }, opened.heartbeat_seconds * 1000);
    // Asks what is allowed before anything is played.
    this.#send({ position: this.#from, played_from: this.#from, rate: 1 });
  }

  /** Seconds played since the last beat that were not played before, as far as this page knows. */
  get fresh() {
    return Math.max(0, this.#last - Math.max(this.#from, this.#furthest));
  }

  /** Go on in another session. */
  replace(opened) {
    this.#beat();
    this.#queue.then(() => (this.#opened = opened));
  }

  /** Send what is left and end. */
  stop() {
    this.#beat(true);
    clearInterval(this.#timer);
    this.#stop.abort();
  }

  #jump() {
    this.#beat();
    this.#from = this.#last = this.#player.video.currentTime;
  }

  #beat(leaving = false) {
    if (this.#last <= this.#from) return;
    const beat = { position: this.#last, played_from: this.#from, rate: this.#player.video.playbackRate };
    this.#from = this.#last;
    this.#send(beat, leaving);
  }

  #send(beat, leaving = false) {
    const work = async () => {
      try {
        const answer = await ask("POST", `/playback/${this.#opened.session_id}/beats`, beat, { keepalive: leaving });
        this.#player.obey(answer);
        if (answer.code === "ok") this.#furthest = Math.max(this.#furthest, beat.position);
        this.#onAnswer(answer);
      } catch {
        this.#onAnswer({ code: "lost" });
      }
    };
    // One after the other: the server reckons with the time between two. A page that goes away cannot wait.
    if (leaving) work();
    else this.#queue = this.#queue.then(work);
  }
}

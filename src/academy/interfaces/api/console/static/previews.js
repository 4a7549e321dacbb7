// Preview pictures over the seek bar: a WebVTT track names a rectangle of a sheet for each stretch of time.

import { el } from "./dom.js";
import { clock } from "./text.js";

const CUE = /([\d:.]+) --> ([\d:.]+)[^\n]*\n(\S+)#xywh=(\d+),(\d+),(\d+),(\d+)/g;

export class Previews {
  #cues = null;
  #url;

  constructor(url) {
    this.#url = url;
    this.picture = el("div", { class: "picture" });
    this.time = el("span");
    this.node = el("div", { class: "preview", "aria-hidden": "true", hidden: true }, this.picture, this.time);
  }

  replace(url) {
    this.#url = url;
    this.#cues = null;
  }

  /** Show the picture of a second at a share (0 to 1) of the bar. */
  async show(seconds, share) {
    this.node.hidden = false;
    this.node.style.setProperty("--share", share);
    this.time.textContent = clock(seconds);
    this.#cues ??= this.#load();
    const cues = await this.#cues;
    const cue = cues.find((each) => seconds < each.end) ?? cues.at(-1);
    this.picture.hidden = !cue;
    if (!cue) return;
    this.picture.style.width = `${cue.width}px`;
    this.picture.style.height = `${cue.height}px`;
    this.picture.style.backgroundImage = `url("${cue.url}")`;
    this.picture.style.backgroundPosition = `-${cue.x}px -${cue.y}px`;
  }

  hide() {
    this.node.hidden = true;
  }

  async #load() {
    try {
      const answer = await fetch(this.#url);
      if (!answer.ok) return [];
      const text = await answer.text();
      return [...text.matchAll(CUE)].map((m) => ({
        end: seconds(m[2]),
        url: new URL(m[3], this.#url).href,
        x: Number(m[4]),
        y: Number(m[5]),
        width: Number(m[6]),
        height: Number(m[7]),
      }));
    } catch {
      return []; // The time alone is shown.
    }
  }
}

function seconds(text) {
  return text.split(":").reduce((sum, part) => sum * 60 + Number(part), 0);
}

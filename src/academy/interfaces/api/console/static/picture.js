// The picture of a page: near one field, the whole page, or large.

import { el } from "./dom.js";
import { t } from "./text.js";

const NEAREST = 3; // screen pixels of one of the picture
const VIEWS = ["near", "whole", "large"];
const LARGE = 2.2;

/** A picture that is moved to where the person has to look. `onBroken` is called when it does not load, once for each page. */
export class Picture {
  #image;
  #here = el("div", { class: "here", hidden: true });
  #paper;
  #frame;
  #watch = new ResizeObserver(() => this.#draw());
  #buttons = new Map();
  #place = null;
  #view = "near";
  #broken = false;
  #failed = el("p", { class: "muted", text: t("noPicture"), hidden: true });

  constructor(alt, onBroken) {
    this.#image = el("img", { alt, decoding: "async" });
    this.#paper = el("div", { class: "paper" }, this.#image, this.#here);
    this.#frame = el("div", { class: "frame", tabindex: 0, role: "group", "aria-label": alt }, this.#paper);
    const row = el("div", { class: "row views", role: "group", "aria-label": t("pictureViews") });
    for (const view of VIEWS) {
      const button = el("button", { class: "quiet small", type: "button", text: t(`view_${view}`), onclick: () => this.#choose(view) });
      this.#buttons.set(view, button);
      row.append(button);
    }
    this.node = el("div", { class: "sheet-picture" }, this.#frame, this.#failed, row);
    this.#image.addEventListener("load", () => this.#draw());
    this.#image.addEventListener("error", () => {
      if (this.#broken) this.show("");
      else if (this.node.isConnected) onBroken();
      this.#broken = true;
    });
    this.#image.addEventListener("click", () => this.#choose(this.#view === "large" ? this.#first() : "large"));
    this.#watch.observe(this.#frame);
  }

  /** Load the picture at an address; without one say that there is none. */
  show(url) {
    this.#failed.hidden = Boolean(url);
    this.#frame.hidden = !url;
    if (url) this.#image.src = url;
  }

  /** Look at a place `{box, mark}` in shares of the page; null: nobody knows where on the picture the sheet lies. */
  look(place) {
    this.#place = place;
    this.#here.hidden = !place;
    if (place) {
      const { left, top, right, bottom } = place.mark;
      const sides = { left, top, width: right - left, height: bottom - top };
      for (const [side, share] of Object.entries(sides)) this.#here.style[side] = `${100 * share}%`;
    }
    this.#choose(this.#first());
  }

  leave() {
    this.#watch.disconnect();
  }

  #first() {
    return this.#place ? "near" : "whole";
  }

  #choose(view) {
    this.#view = view;
    this.#buttons.get("near").hidden = !this.#place;
    for (const [name, button] of this.#buttons) button.setAttribute("aria-pressed", String(name === view));
    this.#frame.dataset.view = view;
    this.#draw();
  }

  #draw() {
    const { naturalWidth: width, naturalHeight: height } = this.#image;
    const [wide, tall] = [this.#frame.clientWidth, this.#frame.clientHeight];
    if (!width || !wide) return;
    const box = this.#place?.box ?? { left: 0, top: 0, right: 1, bottom: 1 };
    const scale = this.#scale(box, width, height, wide, tall);
    this.#paper.style.width = `${width * scale}px`;
    this.#paper.style.height = `${height * scale}px`;
    this.#frame.scrollLeft = ((box.left + box.right) / 2) * width * scale - wide / 2;
    this.#frame.scrollTop = ((box.top + box.bottom) / 2) * height * scale - tall / 2;
  }

  #scale(box, width, height, wide, tall) {
    if (this.#view === "large") return (LARGE * wide) / width;
    if (this.#view === "whole") return Math.min(wide / width, tall / height);
    return Math.min(NEAREST, wide / ((box.right - box.left) * width), tall / ((box.bottom - box.top) * height));
  }
}

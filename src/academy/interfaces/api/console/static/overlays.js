// The addresses of overlays: each picture is loaded once, as long as its address is good.

import { ask } from "./api.js";

const GOOD_MS = 50 * 60_000; // the server says an hour

/** Return what names a page of a scan. */
export function keyOf(item) {
  return `${item.scan_id}/${item.page}`;
}

/** Return where the API has a page of a scan. */
export function pathOf(item) {
  return `/scans/${encodeURIComponent(item.scan_id)}/pages/${item.page}`;
}

export class Overlays {
  #known = new Map();

  /** Take the addresses of a queue's items; one that is still good is kept, for the browser has its picture. */
  note(items) {
    for (const item of items) {
      if (!(this.#known.get(keyOf(item))?.until > Date.now())) this.#keep(item, item.overlay_url);
    }
  }

  /** Return the address of a page's picture, "" without one. */
  of(item) {
    return this.#known.get(keyOf(item))?.url ?? item.overlay_url ?? "";
  }

  /** Return another address of one whose picture did not load, "" when that was tried before. */
  async again(item) {
    let url = "";
    try {
      if (!this.#known.get(keyOf(item))?.again) url = (await ask("GET", pathOf(item))).overlay_url ?? "";
    } catch {
      // The page can be decided without.
    }
    this.#keep(item, url, true);
    return url;
  }

  #keep(item, url, again = false) {
    this.#known.set(keyOf(item), { url: url ?? "", until: Date.now() + GOOD_MS, again });
  }
}

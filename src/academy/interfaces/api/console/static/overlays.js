// The addresses of overlays: each picture is loaded once, as long as its address is good.

import { ask } from "./api.js";

const GOOD_MS = 50 * 60_000; // the server says an hour

/** Return what names a page of a scan. */
function keyOf(item) {
  return `${item.scan_id}/${item.page}`;
}

export function same(one, other) {
  return Boolean(other) && keyOf(one) === keyOf(other);
}

/** Return a page that a person picked, `page` as the API shows it, like an item of the queue. */
export function itemOf(scan, page) {
  const fields = page.fields.filter((each) => each.doubtful);
  return { scan_id: scan.id, scan_number: scan.number, page: page.page, fields, overlay_url: page.overlay_url, picked: true };
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

  /** Return another address of one whose picture did not load, "" where there is none. */
  async again(item) {
    try {
      const url = (await ask("GET", pathOf(item))).overlay_url ?? "";
      this.#keep(item, url);
      return url;
    } catch {
      return ""; // The page can be decided without, and its picture is asked for again when it is next on show.
    }
  }

  #keep(item, url) {
    this.#known.set(keyOf(item), { url: url ?? "", until: Date.now() + GOOD_MS });
  }
}

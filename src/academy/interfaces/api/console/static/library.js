// The list of videos, and how far the conversion is.

import { ask, follow } from "./api.js";
import { BUSY, card } from "./card.js";
import { el } from "./dom.js";
import { t } from "./text.js";
import { uploadPanel } from "./upload.js";

const LISTEN_TO = 2; // Browsers allow few connections to one server; the others are looked up now and then.
const LOOK_AGAIN = 5000;

export function showLibrary(main, manages, go) {
  document.title = `${t("lectures")} · Academy`;
  const gone = new AbortController();
  const list = el("ul", { class: "videos" });
  const none = el("p", { class: "muted", text: t("loading") });
  const more = el("button", { class: "quiet", type: "button", text: t("more"), hidden: true });
  const cards = new Map();
  const listening = new Set();
  const sending = new Set(); // Uploads of this page: the form shows them, no card does.
  const panel = manages ? uploadPanel(gone.signal, { began: (id) => sending.add(id), done, broke }) : null;
  let cursor = "";

  main.append(el("h1", { text: t("lectures") }));
  if (panel) main.append(panel.node);
  main.append(list, none, more);
  more.addEventListener("click", () => load(cursor));

  function done(id, answer) {
    sending.delete(id);
    place(answer.video, true);
  }

  /** Show what the server made of an upload that did not succeed; one that it never got whole is taken away. */
  async function broke(id) {
    sending.delete(id);
    try {
      const video = await ask("GET", `/videos/${id}`);
      if (video.state === "PENDING") await ask("DELETE", `/videos/${id}`, undefined, { keepalive: true });
      else if (!gone.signal.aborted) place(video, true);
    } catch {
      // Out of reach: the list says next time that this upload did not finish.
    }
  }

  function place(video, first = false) {
    if (sending.has(video.id)) return;
    const fresh = card(video, manages, { go, removed, changed: (now) => place(now), uploadAgain: (failed) => panel.again(failed) });
    const old = cards.get(video.id);
    if (old) old.node.replaceWith(fresh.node);
    else if (first) list.prepend(fresh.node);
    else list.append(fresh.node);
    cards.set(video.id, fresh);
    if (!BUSY.includes(video.state)) panel?.settled(video.id);
    none.hidden = cards.size > 0;
    listen();
  }

  function removed(id) {
    cards.get(id)?.node.remove();
    cards.delete(id);
    panel?.settled(id);
    none.textContent = t("none");
    none.hidden = cards.size > 0;
  }

  async function load(from) {
    try {
      const page = await ask("GET", `/videos?limit=24${from ? `&cursor=${from}` : ""}`);
      cursor = page.next_cursor;
      more.hidden = !cursor;
      if (!gone.signal.aborted) page.items.forEach((video) => place(video));
      none.textContent = t("none");
      none.hidden = cards.size > 0;
    } catch (error) {
      none.textContent = error.message;
      none.hidden = false;
    }
  }

  /** Look at the first page again; what is no longer there was deleted. */
  async function refresh() {
    try {
      const page = await ask("GET", "/videos?limit=24");
      const there = new Set(page.items.map((video) => video.id));
      for (const [id, old] of cards) {
        const known = page.items.find((video) => video.id === id);
        if (!known && (!page.next_cursor || old.video.state === "DELETING")) {
          removed(id);
        } else if (known && known.updated_at !== old.video.updated_at) place(known);
      }
      page.items.filter((video) => !cards.has(video.id)).reverse().forEach((video) => place(video, true));
      none.hidden = there.size > 0;
    } catch {
      // The next look may succeed; the page stays as it is.
    }
  }

  function listen() {
    for (const { video } of cards.values()) {
      if (!manages || listening.size >= LISTEN_TO) return;
      if (BUSY.includes(video.state) && video.job_id && !listening.has(video.job_id)) hear(video);
    }
  }

  async function hear(video) {
    listening.add(video.job_id);
    try {
      await follow(video.job_id, (job) => cards.get(video.id)?.progress(job), gone.signal);
      if (!gone.signal.aborted) place(await ask("GET", `/videos/${video.id}`));
    } catch (error) {
      if (error.status === 404) await refresh();
    } finally {
      listening.delete(video.job_id);
    }
    listen();
  }

  const looking = setInterval(() => {
    if (!document.hidden && [...cards.values()].some(({ video }) => BUSY.includes(video.state))) refresh();
  }, LOOK_AGAIN);
  load("");
  return {
    leave() {
      gone.abort();
      clearInterval(looking);
    },
  };
}

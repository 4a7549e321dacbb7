// The list of videos, uploading, and how far the conversion is.

import { ask, follow, upload } from "./api.js";
import { el, notice } from "./dom.js";
import { posterOf } from "./posters.js";
import { bytes, clock, t } from "./text.js";

const LISTEN_TO = 2; // Browsers allow few connections to one server; the others are looked up now and then.
const LOOK_AGAIN = 5000;
const BUSY = ["UPLOADED", "PROCESSING"];

export function showLibrary(main, manages, go) {
  document.title = `${t("lectures")} · Academy`;
  const gone = new AbortController();
  const list = el("ul", { class: "videos" });
  const none = el("p", { class: "muted", text: t("loading") });
  const more = el("button", { class: "quiet", type: "button", text: t("more"), hidden: true });
  const cards = new Map();
  const listening = new Set();
  let cursor = "";

  main.append(el("h1", { text: t("lectures") }));
  if (manages) main.append(uploadPanel(gone.signal, (done) => place(done.video, true)));
  main.append(list, none, more);
  more.addEventListener("click", () => load(cursor));

  function place(video, first = false) {
    const fresh = card(video, manages, go, changed);
    const old = cards.get(video.id);
    if (old) old.node.replaceWith(fresh.node);
    else if (first) list.prepend(fresh.node);
    else list.append(fresh.node);
    cards.set(video.id, fresh);
    none.hidden = cards.size > 0;
    listen();
  }

  async function changed(video) {
    if (video) {
      place(video);
      return;
    }
    await refresh();
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
          old.node.remove();
          cards.delete(id);
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

function card(video, manages, go, changed) {
  const ready = video.playable;
  const state = el("span", { class: `state ${video.state.toLowerCase()}`, text: t(video.state) });
  const bar = el("progress", { max: 100, value: 0, "aria-label": t("progress") });
  const step = el("span", { class: "muted small" });
  const busy = el("div", { class: "busy", hidden: !BUSY.includes(video.state) }, bar, step);
  const thumb = el("div", { class: "thumb" });
  const head = ready
    ? el("a", { href: `/watch/${encodeURIComponent(video.id)}`, "data-link": true, class: "title", text: video.title })
    : el("span", { class: "title", text: video.title });
  const facts = el("div", { class: "facts" }, state);
  if (video.duration) facts.append(el("span", { class: "muted", text: clock(video.duration) }));
  if (video.access_mode !== "free_review") {
    facts.append(el("span", { class: `mode ${video.access_mode}`, text: t(video.access_mode) }));
  }
  const body = el("div", { class: "body" }, head, facts, busy);
  if (video.failure) body.append(el("p", { class: "error small", text: video.failure.message }));
  if (manages) body.append(actions(video, changed));
  const node = el("li", { class: ready ? "video ready" : "video" }, thumb, body);
  if (ready) {
    thumb.addEventListener("click", () => go(`/watch/${encodeURIComponent(video.id)}`));
    posterOf(video, thumb);
  }
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

function actions(video, changed) {
  const row = el("div", { class: "actions" });
  const button = (key, work) =>
    row.append(
      el("button", {
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
      }),
    );
  const path = `/videos/${video.id}`;
  if (video.state === "FAILED" && video.size) {
    button("retry", async () => changed((await ask("POST", `${path}/retry`, {}, { once: true })).video));
  }
  if (BUSY.includes(video.state)) {
    button("cancel", async () => changed(await ask("POST", `${path}/cancel`, {}, { once: true })));
  }
  const mode = el(
    "select",
    {
      class: "quiet small",
      "aria-label": `${t("mode")}: ${video.title}`,
      async onchange(event) {
        try {
          changed(await ask("PATCH", path, { access_mode: event.target.value }));
        } catch (error) {
          notice(error.message, "bad");
          event.target.value = video.access_mode;
        }
      },
    },
    ...["free_review", "proctored", "blocked"].map((value) =>
      el("option", { value, text: t(value), selected: value === video.access_mode }),
    ),
  );
  row.append(mode);
  button("remove", async () => {
    if (!window.confirm(t("removeSure", video.title))) return;
    await ask("DELETE", path);
    changed(null);
  });
  return row;
}

function uploadPanel(gone, onDone) {
  let stop = null;
  const file = el("input", { type: "file", accept: "video/*,audio/*", name: "file", required: true });
  const chosen = el("span");
  const title = el("input", { name: "title", maxlength: 200, required: true });
  const mode = el(
    "select",
    { name: "mode" },
    ...["free_review", "proctored", "blocked"].map((value) => el("option", { value, text: t(value) })),
  );
  const send = el("button", { class: "primary", type: "submit", text: t("send") });
  const halt = el("button", { class: "quiet", type: "button", text: t("stop"), hidden: true });
  const bar = el("progress", { max: 1, value: 0, "aria-label": t("sending"), hidden: true });
  const said = el("p", { class: "small", role: "status" });
  const form = el(
    "form",
    { class: "card upload", onsubmit: submit },
    el("h2", { text: t("upload") }),
    el("label", { class: "drop" }, chosen, file),
    el("label", {}, t("title"), title),
    el("label", {}, t("mode"), mode),
    el("div", { class: "row" }, send, halt),
    bar,
    said,
  );
  const drop = form.querySelector(".drop");
  for (const kind of ["dragover", "dragleave", "drop"]) {
    drop.addEventListener(kind, (event) => {
      event.preventDefault();
      drop.classList.toggle("over", kind === "dragover");
      if (kind === "drop" && event.dataTransfer.files.length) {
        file.files = event.dataTransfer.files;
        named();
      }
    });
  }
  const named = () => {
    const picked = file.files[0];
    if (picked && !title.value) title.value = picked.name.replace(/\.[^.]+$/, "");
    chosen.replaceChildren(
      el("strong", { text: picked?.name ?? t("chooseFile") }),
      el("span", { class: "muted", text: picked ? ` ${bytes(picked.size)}` : ` ${t("dropHere")}` }),
    );
  };
  file.addEventListener("change", named);
  named();
  halt.addEventListener("click", () => stop?.abort());
  gone.addEventListener("abort", () => stop?.abort());

  async function submit(event) {
    event.preventDefault();
    stop = new AbortController();
    busy(true);
    said.className = "small";
    try {
      const fields = { title: title.value, access_mode: mode.value };
      const done = await upload(file.files[0], fields, progress, stop.signal);
      form.reset();
      named();
      said.textContent = t("uploaded");
      onDone(done);
    } catch (error) {
      said.textContent = error.message;
      said.className = "small error";
    } finally {
      busy(false);
    }
  }

  function progress(share) {
    bar.value = share;
    said.textContent = `${t("sending")} ${(100 * share).toFixed(0)} %`;
  }

  function busy(on) {
    for (const node of [file, title, mode, send]) node.disabled = on;
    halt.hidden = bar.hidden = !on;
  }

  return form;
}

// Who watched how much of a video: students first, kept up to date.

import { ask } from "./api.js";
import { el } from "./dom.js";
import { t } from "./text.js";

const LOOK_AGAIN = 5000;

/** Append the table to `under` and keep it fresh until `gone`. */
export async function showViewers(under, id, gone) {
  const table = el("div");
  under.append(el("h2", { text: t("viewers") }), table);
  while (!gone.aborted) {
    try {
      if (!document.hidden) table.replaceChildren(drawn(await everybody(id)));
    } catch {
      // The next look may succeed; what was seen stays.
    }
    await new Promise((later) => setTimeout(later, LOOK_AGAIN));
  }
}

async function everybody(id) {
  const found = [];
  let cursor = "";
  do {
    const page = await ask("GET", `/videos/${encodeURIComponent(id)}/viewers?limit=100${cursor ? `&cursor=${cursor}` : ""}`);
    found.push(...page.items);
    cursor = page.next_cursor;
  } while (cursor);
  const rank = (each) => (each.role === "student" ? 0 : 1);
  return found.sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name));
}

function drawn(people) {
  if (!people.length) return el("p", { class: "muted", text: t("noViewers") });
  const head = ["name", "role", "progress"].map((key) => el("th", { text: t(key) }));
  return el("table", {}, el("thead", {}, el("tr", {}, ...head)), el("tbody", {}, ...people.map(row)));
}

function row(each) {
  const percent = `${(100 * each.share).toFixed(0)} %`;
  const meter = el("progress", { max: 1, value: each.share, "aria-label": t("progress") });
  const done = each.completed ? el("span", { class: "done", text: `✓ ${t("completed")}` }) : null;
  return el(
    "tr",
    {},
    el("td", { text: each.name || each.viewer.slice(0, 8) }),
    el("td", { class: "muted", text: each.role ? t(`role_${each.role}`) : "–" }),
    el("td", {}, el("div", { class: "share" }, meter, el("span", { text: percent }), done)),
  );
}

// Sign in, the address bar, and which view is shown.

import { ask, session, signIn } from "./api.js";
import { el, notice } from "./dom.js";
import { showExam } from "./exam.js";
import { showExams } from "./exams.js";
import { showLibrary } from "./library.js";
import { chooseLanguage, language, t } from "./text.js";
import { showVideo } from "./watch.js";

const main = document.querySelector("#main");
let user = null;
let leave = () => {};

function translateFrame() {
  document.documentElement.lang = language;
  for (const node of document.querySelectorAll("[data-text]")) node.textContent = t(node.dataset.text);
  const toggle = document.querySelector("#language");
  toggle.textContent = t("other");
  toggle.lang = language === "ko" ? "en" : "ko";
  document.querySelector("#sign-out").hidden = !user;
  showPages();
  const member = user?.memberships[0];
  document.querySelector("#who").textContent = member
    ? `${member.name} · ${user.name || user.username} (${t(`role_${member.role}`)})`
    : "";
}

function manages() {
  return ["owner", "teacher"].includes(user?.memberships[0]?.role);
}

/** Students and parents have the lectures alone; their header names no other pages. */
function showPages() {
  const pages = document.querySelector("#pages");
  pages.hidden = !manages();
  pages.setAttribute("aria-label", t("pages"));
  const [, page] = location.pathname.split("/");
  for (const link of pages.querySelectorAll("a")) {
    if (link.getAttribute("href") === `/${page}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
}

/** Show the view that the address names. */
function show() {
  leave();
  leave = () => {};
  translateFrame();
  main.replaceChildren();
  if (!user) {
    showSignIn();
    return;
  }
  const [, page, part = ""] = location.pathname.split("/");
  const id = readable(part);
  const view = page === "exams" ? exams(id) : lectures(id);
  leave = view.leave;
}

/** Return what part of an address says; what no browser writes is taken as it is, and names nothing. */
function readable(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function lectures(id) {
  return id ? showVideo(main, id, user.memberships[0]?.role) : showLibrary(main, manages(), go);
}

function exams(id) {
  if (manages()) return id ? showExam(main, id) : showExams(main);
  document.title = `${t("exams")} · Academy`;
  const back = el("a", { href: "/watch", "data-link": true, text: t("lectures") });
  main.append(el("h1", { text: t("exams") }), el("p", { class: "card", role: "status", text: t("managersOnly") }), el("p", {}, back));
  return { leave() {} };
}

function go(path) {
  history.pushState(null, "", path);
  show();
  main.focus({ preventScroll: true });
  window.scrollTo(0, 0);
}

function showSignIn() {
  document.title = `${t("signIn")} · Academy`;
  // The link that `academy up` prints carries a demo login behind the #, which browsers send to nobody.
  const [name = "", password = ""] = readable(location.hash.slice(1)).split(":");
  if (location.hash) history.replaceState(null, "", location.pathname);
  const failed = el("p", { class: "error", role: "alert", hidden: true });
  const button = el("button", { class: "primary", type: "submit", text: t("signIn") });
  const form = el(
    "form",
    { class: "card sign-in", onsubmit: submit },
    el("h1", { text: "Academy" }),
    el("p", { class: "muted", text: t("welcome") }),
    el("label", {}, t("username"), el("input", { name: "username", autocomplete: "username", required: true, value: name })),
    el(
      "label",
      {},
      t("password"),
      el("input", { name: "password", type: "password", autocomplete: "current-password", required: true, value: password }),
    ),
    failed,
    button,
  );
  if (["127.0.0.1", "localhost"].includes(location.hostname)) {
    form.append(el("p", { class: "muted small", text: t("demoHint") }));
  }
  main.append(form);
  form.elements[name ? "password" : "username"].focus();

  async function submit(event) {
    event.preventDefault();
    button.disabled = true;
    failed.hidden = true;
    try {
      user = await signIn(form.elements.username.value, form.elements.password.value);
      show();
    } catch (error) {
      failed.textContent = error.message;
      failed.hidden = false;
      button.disabled = false;
    }
  }
}

function sending() {
  return main.querySelector("form[aria-busy=true]") !== null;
}

/** Return whether the person would rather let an upload end than leave. */
function stays() {
  return sending() && !window.confirm(t("stopSending"));
}

window.addEventListener("beforeunload", (event) => {
  if (sending()) event.preventDefault();
});

document.querySelector("#language").addEventListener("click", () => {
  if (stays()) return;
  chooseLanguage(language === "ko" ? "en" : "ko");
  show();
});

document.querySelector("#sign-out").addEventListener("click", async () => {
  if (stays()) return;
  try {
    await ask("POST", "/auth/logout");
  } catch {
    // The token is forgotten here in any case, and it ends by itself there.
  }
  session.token = null;
  sessionStorage.clear();
  user = null;
  go("/watch");
});

// Not by the address: a part of it behind the # is a login, and going there would make the page anew.
document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault();
  main.focus();
});

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[data-link]");
  if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    if (!stays()) go(link.getAttribute("href"));
  }
});

session.onEnd = () => {
  user = null;
  notice(t("sessionOver"), "bad");
  show();
};
window.addEventListener("popstate", show);

async function start() {
  translateFrame();
  if (session.token && !location.hash) {
    try {
      user = await ask("GET", "/auth/me");
    } catch (error) {
      if (error.status !== 401) notice(error.message, "bad");
    }
  }
  show();
}

start();

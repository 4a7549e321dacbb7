// The language of the pages, and how words, times and sizes read in it.

import { EXAM_WORDS } from "./exam_words.js";
import { WORDS } from "./words.js";

const KEPT = "academy.language";

export let language = localStorage.getItem(KEPT) ?? (navigator.language.startsWith("ko") ? "ko" : "en");

export function chooseLanguage(next) {
  language = next;
  localStorage.setItem(KEPT, next);
}

/** Return a word; those with a blank to fill take it as the argument. */
export function t(key, value) {
  const word = WORDS[language][key] ?? EXAM_WORDS[language][key] ?? key;
  return typeof word === "function" ? word(value) : word;
}

/** Return seconds as m:ss or h:mm:ss. */
export function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds || 0));
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (n) => String(n).padStart(2, "0");
  return h ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** Return a size for people. */
export function bytes(count) {
  const units = ["B", "KB", "MB", "GB"];
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, count)) / 3));
  return `${(count / 1000 ** power).toFixed(power ? 1 : 0)} ${units[power]}`;
}

/** Return a day given as 2026-03-02, as people write it. */
export function day(iso) {
  const [year, month, date] = iso.split("-").map(Number);
  return new Intl.DateTimeFormat(language, { dateStyle: "medium" }).format(new Date(year, month - 1, date));
}

/** Return points without needless zeros. */
export function points(value) {
  return new Intl.NumberFormat(language, { maximumFractionDigits: 2 }).format(value);
}

/** Return the time of an answer of the API, as people write it. */
export function moment(iso) {
  return new Intl.DateTimeFormat(language, { dateStyle: "short", timeStyle: "short" }).format(new Date(iso));
}

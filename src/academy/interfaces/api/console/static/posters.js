// Posters of the list. Their addresses are signed, so they are asked for only when a card comes into sight, and kept.

import { ask } from "./api.js";

const LEAST_LEFT = 10 * 60 * 1000;
const waiting = new Map();
const seen = new IntersectionObserver((entries) => {
  for (const entry of entries.filter((each) => each.isIntersecting)) {
    seen.unobserve(entry.target);
    waiting.get(entry.target)?.();
    waiting.delete(entry.target);
  }
});

/** Put the poster of a playable video into `box` once somebody looks at it. */
export function posterOf(video, box) {
  waiting.set(box, () => fill(video, box));
  seen.observe(box);
}

async function fill(video, box) {
  const key = `academy.poster.${video.id}.${video.updated_at}`;
  let kept = JSON.parse(sessionStorage.getItem(key) ?? "null");
  if (!kept || kept.until < Date.now()) {
    try {
      const opened = await ask("POST", `/videos/${video.id}/playback`, {});
      kept = { url: opened.poster_url, until: Date.parse(opened.expires_at) - LEAST_LEFT };
      sessionStorage.setItem(key, JSON.stringify(kept));
    } catch {
      return; // A card without a picture is still a card.
    }
  }
  const image = new Image();
  image.alt = "";
  image.src = kept.url;
  image.decode().then(
    () => box.replaceChildren(image),
    () => sessionStorage.removeItem(key),
  );
}

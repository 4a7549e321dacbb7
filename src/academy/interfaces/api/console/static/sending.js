// Files on their way to the object store, without a detour through the API.

import { ask, Problem } from "./api.js";
import { t } from "./text.js";

const PARALLEL_PARTS = 3;
const TRIES = 4;

/** Send a video: begin, PUT every part, complete. `on.began` gets the video, `on.progress` the share sent, 0 to 1. */
export async function sendVideo(file, fields, on, signal) {
  const wish = { ...fields, file_name: file.name, size: file.size, content_type: file.type || "video/mp4" };
  const started = await ask("POST", "/videos", wish, { once: true });
  on.began(started.video);
  const parts = await putParts(file, started.upload, on.progress, signal);
  return ask("POST", `/videos/${started.video.id}/complete`, { parts }, { once: true });
}

/** Send a document; return it once the server has looked at it. `on` as for a video; `on.began` gets the document. */
export async function sendDocument(file, fields, on, signal) {
  const wish = { ...fields, file_name: file.name, size: file.size, content_type: file.type || "application/octet-stream" };
  const started = await ask("POST", "/documents", wish, { once: true });
  on.began(started.document);
  const parts = await putParts(file, started.upload, on.progress, signal);
  return ask("POST", `/documents/${started.document.id}/complete`, { parts }, { once: true });
}

/** PUT a file as its ticket says; return its parts, none for a file that goes in one piece. */
async function putParts(file, ticket, onProgress, signal) {
  const sent = new Array(ticket.urls.length).fill(0);
  const parts = new Array(ticket.urls.length);
  let next = 0;
  const sendSome = async () => {
    while (next < ticket.urls.length) {
      const index = next++;
      const from = index * ticket.part_size;
      const piece = ticket.upload_id ? file.slice(from, from + ticket.part_size) : file;
      const etag = await putAgain(ticket.urls[index], piece, ticket.headers, signal, (bytes) => {
        sent[index] = bytes;
        onProgress(sent.reduce((sum, each) => sum + each, 0) / (file.size || 1));
      });
      parts[index] = { number: index + 1, etag };
    }
  };
  await Promise.all(Array.from({ length: Math.min(PARALLEL_PARTS, ticket.urls.length) }, sendSome));
  return ticket.upload_id ? parts : [];
}

async function putAgain(url, piece, extra, signal, onBytes) {
  for (let tries = 1; ; tries++) {
    try {
      return await put(url, piece, extra, signal, onBytes);
    } catch (error) {
      // An answer that blames us will be the same next time.
      if (signal.aborted || tries === TRIES || (error.status >= 400 && error.status < 500)) throw error;
      await new Promise((done) => setTimeout(done, 500 * 2 ** tries));
    }
  }
}

// XMLHttpRequest, because fetch does not tell how much of a body has been sent.
function put(url, piece, extra, signal, onBytes) {
  return new Promise((resolve, reject) => {
    if (signal.aborted) throw new Problem(0, "stopped", t("uploadStopped"));
    const request = new XMLHttpRequest();
    const stop = () => request.abort();
    signal.addEventListener("abort", stop);
    request.open("PUT", url);
    for (const [name, value] of Object.entries(extra)) {
      if (name.toLowerCase() !== "content-length") request.setRequestHeader(name, value);
    }
    request.upload.onprogress = (event) => onBytes(event.loaded);
    request.onload = () => {
      if (request.status < 300) {
        onBytes(piece.size);
        resolve(request.getResponseHeader("ETag") ?? "");
      } else reject(new Problem(request.status, "upload_refused", t("uploadBroken")));
    };
    request.onerror = () => reject(new Problem(0, "unreachable", t("uploadBroken")));
    request.onabort = () => reject(new Problem(0, "stopped", t("uploadStopped")));
    request.onloadend = () => signal.removeEventListener("abort", stop);
    request.send(piece);
  });
}

// The HTTP API. Every call goes to our own server; the token travels in a header, never in an address.

import { language, t } from "./text.js";

const TOKEN = "academy.token";

/** A refusal: `code` is stable, the message is for people. */
export class Problem extends Error {
  constructor(status, code, message) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export const session = {
  get token() {
    return sessionStorage.getItem(TOKEN);
  },
  set token(value) {
    if (value) sessionStorage.setItem(TOKEN, value);
    else sessionStorage.removeItem(TOKEN);
  },
  onEnd: () => {},
};

// Keys of requests whose answer was lost: the same request sent again is done once, and gets the answer of the first.
const unanswered = new Map();

function headers(extra = {}) {
  const own = { "Accept-Language": language, ...extra };
  if (session.token) own.Authorization = `Bearer ${session.token}`;
  return own;
}

async function problemOf(answer) {
  let body = {};
  try {
    body = await answer.json();
  } catch {
    // Not ours: a proxy's page.
  }
  if (answer.status === 401 && session.token) {
    session.token = null;
    session.onEnd();
    return new Problem(401, body.code ?? "", t("sessionOver"));
  }
  // Where a request is refused for what it holds, the reasons say how to mend it.
  const reasons = [...new Set((body.errors ?? []).map((each) => each.message))].join(" ");
  return new Problem(answer.status, body.code ?? "", reasons || (body.detail ?? t("unreachable")));
}

/** Call the API and return its JSON. Throws Problem. */
export async function ask(method, path, body, options = {}) {
  const extra = body === undefined ? {} : { "Content-Type": "application/json" };
  const same = `${session.token} ${method} ${path} ${JSON.stringify(body)}`;
  if (options.once) {
    extra["Idempotency-Key"] = unanswered.get(same) ?? crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`;
    unanswered.set(same, extra["Idempotency-Key"]);
  }
  let answer;
  try {
    answer = await fetch(`/api/v1${path}`, {
      method,
      headers: headers(extra),
      body: body === undefined ? undefined : JSON.stringify(body),
      keepalive: options.keepalive ?? false,
    });
  } catch {
    throw new Problem(0, "unreachable", t("unreachable"));
  }
  const problem = answer.ok ? null : await problemOf(answer);
  if (answer.status < 500 && problem?.code !== "idempotency_in_progress") unanswered.delete(same);
  if (problem) throw problem;
  return answer.status === 204 ? null : answer.json();
}

export async function signIn(username, password) {
  session.token = null;
  const answer = await ask("POST", "/auth/login", { username, password });
  session.token = answer.token;
  return answer.user;
}

/** Follow a job by server-sent events until it has ended; `onJob` gets it each time it changed. */
export async function follow(jobId, onJob, signal) {
  let last = "";
  while (!signal.aborted) {
    try {
      const extra = { Accept: "text/event-stream", ...(last ? { "Last-Event-ID": last } : {}) };
      const answer = await fetch(`/api/v1/jobs/${encodeURIComponent(jobId)}/events`, {
        headers: headers(extra),
        signal,
      });
      if (!answer.ok) throw await problemOf(answer);
      for await (const event of events(answer.body)) {
        last = event.id;
        onJob(JSON.parse(event.data));
        if (event.event === "end") return;
      }
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof Problem && error.status < 500) throw error;
    }
    await new Promise((done) => setTimeout(done, 3000));
  }
}

async function* events(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    rest += value;
    const blocks = rest.split("\n\n");
    rest = blocks.pop();
    for (const block of blocks) {
      const event = {};
      for (const line of block.split("\n")) {
        const colon = line.indexOf(":");
        if (colon > 0) event[line.slice(0, colon)] = line.slice(colon + 1).trimStart();
      }
      if (event.data) yield event;
    }
  }
}

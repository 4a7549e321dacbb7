// The playback rule at the edge of the delivery network (a Cloudflare Worker; plain WebCrypto, so Node runs it too).
//
// It repeats `academy.domain.video.playback` in JavaScript and nothing else: a path `/media/{token}/tenants/…` is passed on to
// the bucket without its token when the signature fits and has not expired; everything else is refused. Content keys
// (`…/key`) and whatever is not below `/media/` go to the API, which decides for itself.
//
// Bindings: PLAYBACK_SECRETS "k1:secret,k2:secret" (the API's ACADEMY_PLAYBACK_SECRETS), ORIGIN (bucket host), API (API host).

const PART = "[A-Za-z0-9][A-Za-z0-9._-]{0,99}";
const PATH = new RegExp(`^(tenants/${PART}/video/hls/${PART}/${PART}/)([A-Za-z0-9_-]+/)?[A-Za-z0-9_-]+(\\.[a-z0-9]+)?$`);
const TOKEN = /^([A-Za-z0-9]{1,16})~([1-9][0-9]{0,11})~([A-Za-z0-9_-]{1,100})~([A-Za-z0-9_-]{43})$/;
const MIN_SECRET_BYTES = 32;
const encoder = new TextEncoder();

export function parseSecrets(text) {
  const secrets = new Map();
  for (const pair of (text ?? "").split(",")) {
    const at = pair.indexOf(":");
    if (at > 0) secrets.set(pair.slice(0, at).trim(), encoder.encode(pair.slice(at + 1).trim()));
  }
  const short = [...secrets.values()].some((secret) => secret.length < MIN_SECRET_BYTES);
  if (secrets.size === 0 || short) throw new Error("PLAYBACK_SECRETS must hold id:secret pairs of 32 bytes or more");
  return secrets;
}

function decode(text) {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/") + "=");
  return Uint8Array.from(plain, (character) => character.charCodeAt(0));
}

// Returns "" when `token` opens `path` (no leading slash) at `now` (seconds), else the code of the refusal.
export async function refusal(secrets, token, path, now) {
  const fields = TOKEN.exec(token);
  const place = PATH.exec(path);
  if (!fields || !place || path.includes("..")) return "malformed";
  const [, kid, expires, viewer, signature] = fields;
  if (!secrets.has(kid)) return "unknown_key";
  const signed = encoder.encode(`v1\n${place[1]}\n${Number(expires)}\n${kid}\n${viewer}`);
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", secrets.get(kid), algorithm, false, ["verify"]);
  // WebCrypto compares in constant time. Re-encoding refuses a second spelling of the same bytes.
  const bytes = decode(signature);
  const canonical = btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replace("=", "");
  if (canonical !== signature || !(await crypto.subtle.verify("HMAC", key, bytes, signed))) return "bad_signature";
  return now >= Number(expires) ? "expired" : "";
}

export default {
  async fetch(request, env) {
    const url = new URL(request.url);
    // The path as it was sent: nothing is decoded before it is checked.
    const [, , token, path] = /^\/(media)\/([^/]*)\/(.*)$/.exec(url.pathname) ?? [];
    if (path === undefined || path.endsWith("/key")) {
      return fetch(new Request(`https://${env.API}${url.pathname}${url.search}`, request));
    }
    const code = await refusal(parseSecrets(env.PLAYBACK_SECRETS), token, path, Date.now() / 1000);
    if (code) {
      const body = JSON.stringify({ type: "about:blank", title: "Forbidden", status: 403, code });
      const headers = { "content-type": "application/problem+json", "cache-control": "no-store" };
      return new Response(body, { status: 403, headers });
    }
    // The cache key is the plain path: viewers with different tokens share one copy.
    return fetch(new Request(`https://${env.ORIGIN}/${path}`, request), { cf: { cacheEverything: true } });
  },
};

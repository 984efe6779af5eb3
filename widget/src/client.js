/** Speaks to the chat API. Knows HTTP and no page. */

/** Milliseconds after which a call is given up; above the 20 s that the server gives itself. */
const TIMEOUT = 30000;

export class Failure extends Error {
  /**
   * @param {number} status HTTP status; 0 without a connection or an answer in time
   * @param {string} [code] the server's code for the problem
   * @param {number} [wait] seconds after which another attempt makes sense
   */
  constructor(status, code = "", wait = 0) {
    super(code);
    this.status = status;
    this.code = code;
    this.wait = wait;
  }

  /** Whether the conversation is no longer there. */
  get gone() {
    return this.status === 401 || this.code === "conversation_gone";
  }

  /** Whether the same call will fail again, however often it is made. */
  get final() {
    return [400, 403, 413, 415].includes(this.status);
  }
}

/**
 * One call. Throws a Failure, whatever went wrong.
 * @param {string} server address without a slash at its end
 * @param {string} method
 * @param {string} path
 * @param {{session?: string | null, body?: object, signal?: AbortSignal}} [options]
 */
export async function call(server, method, path, { session, body, signal } = {}) {
  const abort = new AbortController();
  const stop = () => abort.abort();
  const timer = setTimeout(stop, TIMEOUT);
  signal?.addEventListener("abort", stop);
  /** @type {Record<string, string>} */
  const headers = {};
  if (session) headers.Authorization = "Bearer " + session;
  if (body) headers["Content-Type"] = "application/json";
  try {
    const response = await fetch(server + path, {
      method,
      headers,
      body: body && JSON.stringify(body),
      signal: abort.signal,
      credentials: "omit",
      cache: "no-store",
    });
    const answer = response.status === 204 ? {} : await response.json().catch(() => null);
    if (response.ok && answer) return answer;
    throw new Failure(response.ok ? 502 : response.status, answer?.code, Number(response.headers.get("Retry-After")));
  } catch (error) {
    throw error instanceof Failure ? error : new Failure(0, "no_connection");
  } finally {
    clearTimeout(timer);
  }
}

/**
 * A JSON file, from the cache if there is no connection.
 * @param {string} address
 */
export async function load(address) {
  const read = async (/** @type {RequestCache} */ cache) => {
    const response = await fetch(address, { credentials: "omit", cache });
    if (!response.ok) throw new Failure(response.status);
    return response.json();
  };
  return read("default").catch(() => read("force-cache"));
}

/** A new UUID. `crypto.randomUUID` is missing on pages without TLS. */
export function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

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

/** A new UUID of version 4: an 8 becomes 8 to b, a 0 or 1 any digit. `crypto.randomUUID` is missing without TLS. */
export const newId = () =>
  "10000000-1000-4000-8000-100000000000".replace(/[018]/g, (digit) =>
    (+digit ^ (crypto.getRandomValues(new Uint8Array(1))[0] & (15 >> (+digit / 4)))).toString(16),
  );

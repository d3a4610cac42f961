// Talks to the service that this page came from, and to nothing else.

const MAX_TRIES = 6;

/** A failure with a sentence that is shown as it is. */
export class Problem extends Error {}

/** What the service is: model, device, labels with their colours, limits. */
export async function askHealth() {
  const response = await reach("/healthz", {});
  return read(response);
}

/**
 * The answer for one picture; a busy service is asked again after the time it names.
 * @param {Blob} picture
 * @param {string} name
 * @param {AbortSignal} signal gives up
 * @throws {Problem} with the service's sentence
 */
export async function predict(picture, name, signal) {
  for (let tries = 1; ; tries += 1) {
    const body = new FormData();
    body.append("file", picture, name);
    const response = await reach("/predict", { method: "POST", body, signal });
    if (response.status === 503 && tries < MAX_TRIES) {
      await pause((Number(response.headers.get("Retry-After")) || 1) * 1000, signal);
      continue;
    }
    const answer = await read(response);
    return { ...answer.pictures[0], model: answer.model };
  }
}

/** Waits; rejects when the signal aborts. */
export function pause(milliseconds, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason);
    }, { once: true });
  });
}

async function reach(path, options) {
  try {
    return await fetch(path, { cache: "no-store", ...options });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem("The service does not answer. Is “fer-live serve” still running?");
  }
}

async function read(response) {
  let answer;
  try {
    answer = await response.json();
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem(`The service gave an answer that cannot be read (${response.status}).`);
  }
  if (!response.ok) throw new Problem(answer.error);
  return answer;
}

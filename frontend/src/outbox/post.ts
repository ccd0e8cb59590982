// Sends what waits. Runs in pages and in the service worker, one at a time; each letter is harmless when sent twice.
import { keep, type Letter, letters } from "./letters";

const PASS_ADDRESS = "/outbox.json";
const PASS_PATIENCE_MS = 15_000;
const PATIENCE_MS = 180_000; // five photos over a slow line
const FIRST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 15 * 60_000;
const MOST_ANSWER = 200_000; // characters of a refusal that are kept to be read
const LATER = new Set([408, 425, 429]);

/** What a letter needs to be let in: the CSRF token of now, and who is signed in now. */
interface Pass {
  token: string;
  person: string;
}

/** Sends all that may leave now, `eager` also what rests after a failure; returns how many still wait. */
export async function flush(eager = false): Promise<number> {
  if (!navigator.locks) return run(eager);
  return navigator.locks.request("qlue-outbox", () => run(eager)) as Promise<number>;
}

async function run(eager: boolean): Promise<number> {
  const unsent = (await letters()).filter((one) => one.state !== "sent");
  const open = unsent.filter((one) => one.state !== "refused");
  const pass = open.length ? await askPass() : null;
  if (!pass) return open.length;
  const held = new Set<string>();
  let left = 0;
  for (const one of unsent) {
    const after = mayLeave(one, held, eager) ? await deliver(one, pass) : one;
    if (after !== one) await keep(after);
    if (after.state !== "sent" && after.thread) held.add(after.thread);
    if (after.state === "waiting") left += 1;
  }
  return left;
}

function mayLeave(one: Letter, held: Set<string>, eager: boolean): boolean {
  return one.state !== "refused" && !held.has(one.thread) && (eager || one.due <= Date.now());
}

async function askPass(): Promise<Pass | null> {
  try {
    const answer = await fetch(PASS_ADDRESS, { cache: "no-store", signal: AbortSignal.timeout(PASS_PATIENCE_MS) });
    return answer.ok ? ((await answer.json()) as Pass) : null;
  } catch {
    return null;
  }
}

async function deliver(one: Letter, pass: Pass): Promise<Letter> {
  if (one.person && one.person !== pass.person) return { ...one, state: "signin" };
  try {
    return await judged(one, await post(one, pass));
  } catch {
    return rested(one, 0, 0); // no network, or it broke half way: nobody knows, so again
  }
}

function post(one: Letter, pass: Pass): Promise<Response> {
  const body = new FormData();
  for (const [name, value, file] of one.parts) {
    if (typeof value === "string") body.append(name, value);
    else body.append(name, value, file ?? "foto.jpg");
  }
  const age = Math.max(0, Math.round((Date.now() - one.pressed) / 1000));
  const headers = { "X-CSRFToken": pass.token, "X-Qlue-Outbox": String(age) };
  return fetch(one.url, { method: "POST", body, headers, cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS) });
}

async function judged(one: Letter, answer: Response): Promise<Letter> {
  const { status } = answer;
  if (answer.ok) return { ...one, state: "sent", parts: [], status, led: answer.url, due: Date.now() };
  if (status === 401) return { ...one, state: "signin", status };
  if (LATER.has(status) || status >= 500 || answer.headers.has("X-Qlue-Again")) {
    return rested(one, status, Number(answer.headers.get("Retry-After")) * 1000);
  }
  return { ...one, state: "refused", status, answer: (await answer.text()).slice(0, MOST_ANSWER) };
}

function rested(one: Letter, status: number, wanted: number): Letter {
  const pause = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** one.tries) * (0.75 + Math.random() / 2);
  return { ...one, state: "waiting", status, tries: one.tries + 1, due: Date.now() + Math.max(pause, wanted || 0) };
}

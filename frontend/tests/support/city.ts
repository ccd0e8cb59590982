// The network and the city's server behind it: everything that a browser's `fetch` would reach.

export interface Arrival {
  fields: Record<string, string>;
  files: { field: string; name: string; bytes: number }[];
  headers: Headers;
  url: string;
}

type Answer = () => Response;

export class City {
  static readonly ORIGIN = "https://qlue.example";

  person = "";
  token = "token-1";
  isReachable = true;
  /** The next POST arrives, but its answer is lost on the way back. */
  losesNextAnswer = false;
  /** Every POST that arrived, repeats too. */
  readonly arrivals: Arrival[] = [];
  /** What the city has stored: a repeated uuid is the same submission. */
  readonly submissions = new Map<string, Arrival>();
  private readonly answers: Answer[] = [];

  /** The next POST is answered like this instead of being stored. */
  answerNext(status: number, body = "", headers: Record<string, string> = {}): void {
    this.answers.push(() => new Response(body, { status, headers }));
  }

  readonly fetch = async (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
    if (!this.isReachable) throw new TypeError("fetch failed");
    const request = new Request(new URL(String(input), City.ORIGIN), init);
    if (request.method === "GET") return this.get(new URL(request.url).pathname);
    return this.post(request);
  };

  private get(path: string): Response {
    if (path !== "/outbox.json") return new Response("", { status: 404 });
    return Response.json({ token: this.token, person: this.person });
  }

  private async post(request: Request): Promise<Response> {
    const arrival = await readArrival(request);
    this.arrivals.push(arrival);
    const answer = this.answers.shift();
    if (answer) return answer();
    if (request.headers.get("X-CSRFToken") !== this.token) return new Response("", { status: 403, headers: { "X-Qlue-Again": "csrf" } });
    const uuid = arrival.fields["uuid"] ?? "";
    if (!this.submissions.has(uuid)) this.submissions.set(uuid, arrival);
    if (this.losesNextAnswer) {
      this.losesNextAnswer = false;
      throw new TypeError("connection reset");
    }
    return redirected(`${City.ORIGIN}/makassar/laporan/${uuid}/`);
  }
}

/** As after a redirect: `fetch` follows it, and the response has the last address. */
function redirected(url: string): Response {
  return Object.defineProperty(new Response("<p>Terima kasih</p>"), "url", { value: url });
}

async function readArrival(request: Request): Promise<Arrival> {
  const fields: Record<string, string> = {};
  const files: Arrival["files"] = [];
  for (const [name, value] of await request.formData()) {
    if (typeof value === "string") fields[name] = value;
    else files.push({ field: name, name: value.name, bytes: value.size });
  }
  return { fields, files, headers: request.headers, url: request.url };
}

// A real HTTP server on this machine, for what XMLHttpRequest sends.
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";

interface Answer {
  status: number;
  body: string;
}

export class HttpServer {
  readonly bodies: string[] = [];
  private readonly answers: Answer[] = [];
  private readonly server: Server;

  private constructor() {
    this.server = createServer((request, response) => {
      void readBody(request).then((body) => {
        this.bodies.push(body);
        const answer = this.answers.shift();
        if (!answer) return response.destroy(); // the connection breaks
        response.writeHead(answer.status, { "Content-Type": "text/html; charset=utf-8" }).end(answer.body);
      });
    });
  }

  static async start(): Promise<HttpServer> {
    const server = new HttpServer();
    await new Promise<void>((resolve) => server.server.listen(0, "127.0.0.1", resolve));
    return server;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Without an answer in line the connection breaks once the request has arrived. */
  answerNext(status: number, body: string): void {
    this.answers.push({ status, body });
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

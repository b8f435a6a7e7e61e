import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { createServer as createTcpServer } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { GalleyError } from "../../lib/errors.ts";
import { parseAdmin } from "./address.ts";
import { AdminApi } from "./admin-api.ts";
import { httpGet } from "./http-get.ts";

const open: (() => void)[] = [];
afterEach(() => {
  for (const close of open.splice(0)) close();
});

async function listening(server: ReturnType<typeof createTcpServer>): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  open.push(() => server.close());
  return (server.address() as AddressInfo).port;
}

/** An API that answers as told, and what it was asked. */
async function apiOf(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<{ readonly api: AdminApi; readonly asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? "");
    answer(request, response);
  });
  const port = await listening(server);
  open.push(() => server.closeAllConnections());
  const api = new AdminApi({ host: "127.0.0.1", port });
  open.push(() => api[Symbol.dispose]());
  return { api, asked };
}

const failure = (promise: Promise<unknown>): Promise<GalleyError> =>
  promise.then(
    () => Promise.reject(new Error("it was answered")),
    (error: unknown) => (GalleyError.is(error) ? error : Promise.reject(error as Error)),
  );

/** Numbers from 0, in pages as they are asked for. */
function numbers(count: number): (request: IncomingMessage, response: ServerResponse) => void {
  return ({ url = "" }, response) => {
    const query = new URL(url, "http://x").searchParams;
    const from = Number(query.get("continue") ?? "0");
    const to = Math.min(count, from + Number(query.get("limit")));
    const items = Array.from({ length: to - from }, (_, i) => ({ n: from + i }));
    response.end(JSON.stringify({ count, items, ...(to < count ? { continue: String(to) } : {}) }));
  };
}

describe("a list", () => {
  test("is read over all of its pages, in order", async () => {
    const { api, asked } = await apiOf(numbers(12_000));
    const { items, count } = await api.list("things", Number.POSITIVE_INFINITY);
    expect(items.map((item) => item.number("n"))).toEqual(Array.from({ length: 12_000 }, (_, i) => i));
    expect(count).toBe(12_000);
    const rest = ["", "&continue=5000", "&continue=10000"];
    expect(asked).toEqual(rest.map((query) => `/api/v1/things?limit=5000${query}`));
  });

  test("is read no further than it is wanted", async () => {
    const { api, asked } = await apiOf(numbers(100_000));
    const { items, count } = await api.list("things", 50, { state: "refused", other: undefined });
    expect([items.length, count]).toEqual([50, 100_000]);
    expect(asked).toEqual(["/api/v1/things?state=refused&limit=50"]);
  });

  test("that never ends is not asked for ever", async () => {
    const same = await apiOf((_, response) => response.end('{"items": [{}], "continue": "x"}'));
    expect((await same.api.list("things", Number.POSITIVE_INFINITY)).items).toHaveLength(2);
    const empty = await apiOf((_, response) => response.end(`{"items": [], "continue": "${Math.random()}"}`));
    expect((await empty.api.list("things", Number.POSITIVE_INFINITY)).items).toEqual([]);
  });

  test("is as old as the server says, or as of now", async () => {
    const { api } = await apiOf((_, response) => {
      response.setHeader("date", "Sun, 22 Nov 2026 15:50:34 GMT").end("{}");
    });
    expect((await api.get("x")).at).toBe(Date.parse("2026-11-22T15:50:34Z"));
  });
});

describe("a server that can't be asked", () => {
  test("is named with the reason and what to do, if nothing listens", async () => {
    const server = createTcpServer();
    const port = await listening(server);
    await new Promise((resolve) => server.close(resolve));
    const error = await failure(new AdminApi({ host: "127.0.0.1", port }).get("status"));
    expect(error.code).toBe("GLY_CONNECT");
    expect(error.message).toBe(`no Galley answers at 127.0.0.1:${port}: nothing listens there`);
    expect(error.hint).toContain("--admin=HOST:PORT");
  });

  test.each([
    ["text", "hello"],
    ["another server's JSON", '"ok"'],
    ["nothing", ""],
    ["JSON that is cut off", '{"items": ['],
  ])("is told apart from Galley if it answers %s", async (_, body) => {
    const { api } = await apiOf((_request, response) => response.end(body));
    expect((await failure(api.get("status"))).message).toContain("is no introspection port of Galley");
  });

  test("is told apart from Galley if it doesn't speak HTTP", async () => {
    const server = createTcpServer((socket) => socket.on("error", () => undefined).end("SSH-2.0-x\r\n"));
    const port = await listening(server);
    const error = await failure(new AdminApi({ host: "127.0.0.1", port }).get("status"));
    expect(error.message).toContain("doesn't speak HTTP");
  });

  test("passes its refusal on, with its remedy", async () => {
    const { api } = await apiOf((_, response) => {
      response.writeHead(403).end('{"error": {"code": "foreign-host", "message": "not here", "remedy": "go there"}}');
    });
    const error = await failure(api.get("status"));
    expect(error.message).toBe(`${api.address} refuses status: not here`);
    expect(error.hint).toBe("go there");
    expect(await api.ask("status")).toMatchObject({ ok: false, status: 403 });
  });

  test("of another release is known by the topic that it lacks", async () => {
    const { api } = await apiOf((_, response) => {
      response.writeHead(404).end('{"error": {"message": "there is no topic \\"status\\"", "remedy": "ask another"}}');
    });
    expect((await failure(api.get("status"))).hint).toContain("another release");
  });
});

describe("httpGet", () => {
  test("gives up on an answer that doesn't come, or doesn't end", async () => {
    for (const begin of [false, true]) {
      const { api } = await apiOf((_, response) => void (begin && response.write("x")));
      const { host, port } = parseAdmin(api.address);
      const got = httpGet({ host, port, path: "/", timeoutMs: 50, maxBytes: 100 });
      await expect(got).rejects.toThrow("there was no whole answer within 0.05 s");
    }
  });

  test("takes no more than it was told to", async () => {
    const { api } = await apiOf((_, response) => response.end("x".repeat(101)));
    const { host, port } = parseAdmin(api.address);
    await expect(httpGet({ host, port, path: "/", timeoutMs: 10_000, maxBytes: 100 })).rejects.toThrow(
      "longer than 100 bytes",
    );
    expect((await httpGet({ host, port, path: "/", timeoutMs: 10_000, maxBytes: 101 })).body).toHaveLength(101);
  });

  test("notices an answer that is cut off", async () => {
    const { api } = await apiOf((_, response) => {
      response.writeHead(200, { "content-length": "100" }).write("x");
      setImmediate(() => response.destroy());
    });
    const { host, port } = parseAdmin(api.address);
    await expect(httpGet({ host, port, path: "/", timeoutMs: 10_000, maxBytes: 1000 })).rejects.toThrow(/\S/u);
  });
});

describe("the address of a server", () => {
  test.each([
    ["127.0.0.1:9876", "127.0.0.1:9876"],
    ["http://localhost:1/", "localhost:1"],
    ["[::1]:80", "[::1]:80"],
    [":9876", "127.0.0.1:9876"],
  ])("is read from %s", (text, address) => {
    expect(new AdminApi(parseAdmin(text)).address).toBe(address);
  });

  test.each(["", "x", "x:0", "x:99999", "https://x:1", "unix:///x", "http://x:1/path", "x y:1"])(
    "is not read from %j",
    (text) => {
      expect(() => parseAdmin(text)).toThrow("expected HOST:PORT");
    },
  );
});

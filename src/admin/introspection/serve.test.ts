import { once } from "node:events";
import { request } from "node:http";
import type { IncomingMessage } from "node:http";

import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { silentLogger } from "../../lib/logger.ts";
import type { Listener } from "../http/listen.ts";
import type { Json } from "./json.ts";
import { listingOf } from "./listing.ts";
import { serveIntrospection } from "./serve.ts";
import { accepted, list, value } from "./topic.ts";
import type { Topic } from "./topic.ts";

const letters: Topic = {
  name: "letters",
  summary: "The alphabet.",
  parameters: { from: "where to begin" },
  read: ({ parameter }) => {
    const all = ["c", "a", "b"].filter((letter) => letter >= (parameter("from") ?? ""));
    return list(listingOf(all.map((letter) => ({ key: letter, show: () => ({ letter }) }))), { script: "latin" });
  },
};
const echo: Topic = {
  name: "echo",
  rest: "<path>",
  summary: "What follows.",
  read: ({ rest }) => value({ rest, nothing: undefined }),
  write: ({ rest }, body) => accepted({ rest, body }),
};
const broken: Topic = {
  name: "broken",
  summary: "Throws.",
  read: () => {
    throw new Error("secret");
  },
};

const topics = [letters, echo, broken];
let server: Listener;
const log = { ...silentLogger, info: vi.fn(), warn: vi.fn() };

async function serve(address: string): Promise<void> {
  server = await serveIntrospection({ address, port: 0, topics, log });
}

beforeEach(async () => {
  vi.clearAllMocks();
  await serve("127.0.0.1");
});

afterEach(async () => {
  await server[Symbol.asyncDispose]();
});

interface Answered {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly text: string;
  readonly json: { readonly [field: string]: Json } & { error?: { code: string; message: string; remedy: string } };
}

/** A request with headers of its own choice, which `fetch` doesn't allow. */
async function ask(path: string, method = "GET", headers: Record<string, string> = {}, body = ""): Promise<Answered> {
  const sent = request(`http://127.0.0.1:${server.port}${path}`, { method, headers });
  sent.end(body);
  const [response] = (await once(sent, "response")) as [IncomingMessage];
  let text = "";
  for await (const chunk of response.setEncoding("utf8")) text += chunk;
  return { status: response.statusCode!, headers: response.headers, text, json: text === "" ? {} : JSON.parse(text) };
}

test.each(["/", "/api/v1", "/api/v1/"])("%s lists the topics with what they take", async (path) => {
  const { status, json } = await ask(path);
  expect(status).toBe(200);
  expect(json["topics"]).toEqual([
    { path: "/api/v1/letters", summary: "The alphabet.", methods: ["GET"], parameters: { from: "where to begin" } },
    { path: "/api/v1/echo/<path>", summary: "What follows.", methods: ["GET", "PUT", "POST"], parameters: {} },
    { path: "/api/v1/broken", summary: "Throws.", methods: ["GET"], parameters: {} },
  ]);
});

test("a list is answered page by page, in order, with the head before it", async () => {
  const first = await ask("/api/v1/letters?limit=2");
  expect(first.headers["content-type"]).toBe("application/json; charset=utf-8");
  const token = first.json["continue"] as string;
  expect(first.text).toBe(
    `{"script":"latin","count":3,"items":[{"letter":"a"},{"letter":"b"}],"continue":"${token}"}\n`,
  );
  const second = await ask(`/api/v1/letters?limit=2&continue=${token}`);
  expect(second.text).toBe('{"script":"latin","count":3,"items":[{"letter":"c"}]}\n');
});

test("a topic gets its own parameters", async () => {
  expect((await ask("/api/v1/letters?from=b")).json["count"]).toBe(2);
});

test("JSON is indented when asked to be", async () => {
  expect((await ask("/api/v1/echo/x?pretty=true")).text).toBe('{\n  "rest": "x"\n}\n');
});

test("what follows the name of a topic is decoded, slashes and all", async () => {
  expect((await ask("/api/v1/echo/istio/net%2Fv1/caf%C3%A9/")).json["rest"]).toBe("istio/net/v1/café");
});

test.each([
  ["/api/v1/letters?frm=b", "unknown parameter"],
  ["/api/v1/letters?from=a&from=b", "given twice"],
  ["/api/v1/letters?limit=0", "limit is"],
  ["/api/v1/letters?limit=-1", "limit is"],
  ["/api/v1/letters?limit=1e3", "limit is"],
  ["/api/v1/letters?limit=5001", "limit is"],
  ["/api/v1/letters?continue=%21", "damaged"],
  ["/api/v1/letters?pretty=yes", "pretty is"],
  ["/api/v1/echo?limit=5", "limit means nothing here"],
  ["/api/v1/echo?continue=YQ", "continue means nothing here"],
  ["/api/v1/%zz", "begins no encoded character"],
])("%s is refused, saying why and what to do", async (path, message) => {
  const { status, json } = await ask(path);
  expect(status).toBe(400);
  expect(json.error?.message).toContain(message);
  expect(json.error?.remedy).not.toBe("");
});

test.each(["/api/v1/nothing", "/api/v2/letters", "/letters", "/api/v1//letters", "/api/v1/__proto__", "/favicon.ico"])(
  "%s is not found, and the answer lists what is",
  async (path) => {
    const { status, json } = await ask(path);
    expect(status).toBe(404);
    expect(json.error).toMatchObject({ code: "not-found", topics: topics.map(({ name }) => `/api/v1/${name}`) });
  },
);

test("a change that asks for a page is refused before it is made", async () => {
  const { status, json } = await ask("/api/v1/echo?limit=5", "PUT", {}, "{}");
  expect([status, json.error?.message]).toEqual([400, "limit means nothing here: the answer is no list"]);
});

test("a topic that is only read takes no change, and what changes takes no DELETE", async () => {
  const read = await ask("/api/v1/letters", "PUT");
  expect([read.status, read.headers["allow"]]).toEqual([405, "GET, HEAD"]);
  const written = await ask("/api/v1/echo", "DELETE");
  expect([written.status, written.headers["allow"]]).toEqual([405, "GET, HEAD, PUT, POST"]);
});

test("a topic that throws is a 500 without details", async () => {
  const response = await fetch(`${server.url}/api/v1/broken`);
  expect(response.status).toBe(500);
  expect(await response.text()).not.toContain("secret");
});

test("a change is accepted, answered with what was taken, and logged", async () => {
  const { status, json } = await ask("/api/v1/echo/x", "POST", {}, '{"level":"debug"}');
  expect([status, json]).toEqual([202, { rest: "x", body: { level: "debug" } }]);
  expect(log.info).toHaveBeenCalledTimes(1);
});

test.each([
  ["{", "no JSON"],
  ["x".repeat(1_000_000), "larger than"],
])("a body that is not to be had is refused", async (body, message) => {
  const { status, json } = await ask("/api/v1/echo/x", "PUT", {}, body);
  expect(status).toBe(400);
  expect(json.error?.message).toContain(message);
});

test.each(["evil.example", "evil.example:9876", "127.0.0.1.evil.example"])(
  "on loopback a request for %s is turned away: a name may have been made to point here",
  async (host) => {
    const { status, json } = await ask("/api/v1/letters", "GET", { host });
    expect([status, json.error?.code]).toEqual([403, "foreign-host"]);
    expect(log.warn).toHaveBeenCalledTimes(1);
  },
);

test("on loopback every name of this machine is answered", async () => {
  for (const host of ["localhost", "localhost:1", "127.0.0.1", "[::1]:9876"]) {
    expect((await ask("/api/v1/letters", "GET", { host })).status).toBe(200);
  }
});

test("on every interface any name is answered, as nobody knows under which one it is reached", async () => {
  await server[Symbol.asyncDispose]();
  await serve("*");
  expect((await ask("/api/v1/letters", "GET", { host: "galley.example" })).status).toBe(200);
});

test.each([
  { origin: "https://evil.example" },
  { origin: "null" },
  { origin: "http://127.0.0.1:1" },
  { "sec-fetch-site": "cross-site" },
  { "sec-fetch-site": "same-site" },
])("a change from a page of another origin is turned away: %j", async (headers) => {
  const { status, json } = await ask("/api/v1/echo/x", "POST", headers);
  expect([status, json.error?.code]).toEqual([403, "foreign-origin"]);
});

test("a change from a page of the same origin is accepted", async () => {
  const headers = { origin: `http://127.0.0.1:${server.port}`, "sec-fetch-site": "same-origin" };
  expect((await ask("/api/v1/echo/x", "PUT", headers)).status).toBe(202);
});

test("no page of another origin may read an answer", async () => {
  const { headers } = await ask("/api/v1/letters", "GET", { origin: "https://evil.example" });
  expect(headers["access-control-allow-origin"]).toBeUndefined();
});

test("two topics of one name are a bug in the wiring", async () => {
  const twice = serveIntrospection({ address: "127.0.0.1", port: 0, topics: [letters, letters], log });
  await expect(twice).rejects.toThrow("share a name");
});

import { afterEach, beforeEach, expect, test } from "vitest";

import { silentLogger } from "../lib/logger.ts";
import type { Listener } from "./http/listen.ts";
import { createMetrics } from "./metrics/create.ts";
import { serveMonitoring } from "./monitoring.ts";

let server: Listener;
let missing: string[] = [];

beforeEach(async () => {
  missing = [];
  server = await serveMonitoring({
    address: "127.0.0.1",
    port: 0,
    metrics: createMetrics({ version: "1.2.3", collections: [] }),
    health: { missing: () => missing },
    version: "galley 1.2.3",
    log: silentLogger,
  });
});

afterEach(async () => {
  await server[Symbol.asyncDispose]();
});

function ask(path: string, method = "GET"): Promise<Response> {
  return fetch(`${server.url}${path}`, { method });
}

test("metrics come in the text format of Prometheus", async () => {
  const response = await ask("/metrics");
  expect(response.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
  expect(await response.text()).toContain('\nistio_build{component="galley",tag="1.2.3"} 1\n');
});

test("the version is one line without a line end, as in Galley 1.3.6", async () => {
  expect(await (await ask("/version")).text()).toBe("galley 1.2.3");
});

test("a process that answers is alive, ready or not", async () => {
  missing = ["the first snapshot"];
  expect((await ask("/healthz")).status).toBe(200);
});

test("a process is ready when nothing is missing, and else says what is", async () => {
  expect((await ask("/readyz")).status).toBe(200);
  missing = ["source files: 300 of 1000 read", "the first snapshot"];
  const response = await ask("/readyz");
  expect(response.status).toBe(503);
  expect(await response.text()).toBe("not ready\n- source files: 300 of 1000 read\n- the first snapshot\n");
});

test("the index lists every path, and so does the answer to a wrong one", async () => {
  const index = await (await ask("/")).text();
  for (const path of ["/metrics", "/version", "/healthz", "/readyz"]) expect(index).toContain(path);
  for (const path of ["/nothing", "/constructor", "/metrics/", "//metrics"]) {
    const response = await ask(path);
    expect(response.status).toBe(404);
    expect(await response.text()).toContain("/readyz");
  }
});

test("a query changes nothing", async () => {
  expect((await ask("/healthz?probe=1")).status).toBe(200);
});

test.each(["POST", "PUT", "DELETE", "OPTIONS"])("%s is not allowed anywhere", async (method) => {
  const response = await ask("/metrics", method);
  expect(response.status).toBe(405);
  expect(response.headers.get("allow")).toBe("GET, HEAD");
});

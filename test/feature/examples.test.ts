import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { issue } from "../../src/grpc/testing/certificates.ts";
import { watchCollections } from "../../src/mcp/sink/watch.ts";
import type { ReceivedResource } from "../../src/model/received/resource.ts";
import { istioCollections } from "../../src/model/registry.ts";
import { serveConfiguration } from "../../src/sdk/serve-configuration.ts";
import type { ResourceDocument } from "../../src/sources/memory/document.ts";
import { MemorySource } from "../../src/sources/memory/source.ts";
import { VirtualServiceSchema } from "../../src/wire/gen/current/networking/v1alpha3/virtual_service_pb.ts";
import { watchTypes } from "../../src/xds/client/watch.ts";
import { ExampleProcess } from "./example-process.ts";
import { ExampleSource } from "./example-source.ts";

// Every program in examples/ runs against a real source, says what its user expects, and leaves by itself when it is told to.

function gateway(name: string, port = 80): unknown {
  return {
    apiVersion: "networking.istio.io/v1alpha3",
    kind: "Gateway",
    metadata: { name, namespace: "edge" },
    spec: {
      selector: { istio: "ingressgateway" },
      servers: [{ port: { number: port, name: "http", protocol: "HTTP" }, hosts: ["*"] }],
    },
  };
}

const reviews = {
  apiVersion: "networking.istio.io/v1alpha3",
  kind: "VirtualService",
  metadata: { name: "reviews", namespace: "shop" },
  spec: {
    hosts: ["reviews"],
    http: [
      {
        route: [
          { destination: { host: "reviews", subset: "v1" }, weight: 90 },
          { destination: { host: "reviews", subset: "v2" }, weight: 10 },
        ],
      },
    ],
  },
};

// Each program is compiled as it starts.
vi.setConfig({ testTimeout: 60_000 });

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "galley-examples-"));
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

test("print-gateways prints the gateways, prints them again when they change, and ends at Ctrl-C", async () => {
  const source = new ExampleSource();
  source.publish(gateway("a"));
  await using server = await source.serve();
  await using example = new ExampleProcess("print-gateways", [server.address]);
  expect(await example.lines(2)).toEqual(["1 gateways", expect.stringMatching(/^edge\/a \{"servers":.*"number":80/)]);
  source.publish(gateway("a", 8080), gateway("b"));
  const [count, ...gateways] = await example.lines(3);
  expect(count).toBe("2 gateways");
  expect(gateways).toEqual([expect.stringMatching(/^edge\/a .*8080/), expect.stringMatching(/^edge\/b /)]);
  example.interrupt();
  expect(await example.exit).toBe(0);
  expect(example.errors).toBe("");
});

test("keep-a-copy tells what happens to its copy, and after a reconnect only what happened meanwhile", async () => {
  const source = new ExampleSource();
  source.publish(gateway("a"), gateway("b"), reviews);
  const first = await source.serve();
  await using example = new ExampleProcess("keep-a-copy", [first.address]);
  expect(await example.line()).toBe("connected");
  expect(new Set(await example.lines(3))).toEqual(new Set(["added edge/a", "added edge/b", "added shop/reviews"]));
  source.publish(gateway("a", 8080), gateway("b"), reviews);
  expect(await example.line()).toBe("updated edge/a");
  await first[Symbol.asyncDispose]();
  expect(await example.line()).toBe("disconnected");
  source.publish(gateway("a", 8080), gateway("c"), reviews);
  await using _second = await source.serve({ port: first.port });
  expect(await example.line()).toBe("connected");
  expect(await example.lines(2)).toEqual(["added edge/c", "deleted edge/b"]);
  example.interrupt();
  expect(await example.line()).toBe("2 collections kept");
  expect(await example.exit).toBe(0);
});

test("routes prints where requests go, and ends", async () => {
  const source = new ExampleSource();
  source.publish(reviews);
  await using server = await source.serve();
  await using example = new ExampleProcess("routes", [server.address]);
  expect(await example.lines(3)).toEqual(["reviews -> reviews:v1 90%", "reviews -> reviews:v2 10%", undefined]);
  expect(await example.exit).toBe(0);
  expect(example.errors).toBe("");
});

test("listen is fed by a Galley that calls it, refuses what it can't take, and takes the next version", async () => {
  const source = new ExampleSource();
  source.publish(gateway("a"));
  await using example = new ExampleProcess("listen", ["127.0.0.1:0"]);
  const address = /^listening on (.*)$/.exec((await example.line()) ?? "")?.[1];
  await using _galley = source.call(address!);
  expect(await example.line()).toMatch(/^fed by 127\.0\.0\.1:\d+$/);
  expect(await example.line()).toBe("serving edge/a");
  source.publish(gateway("a"), gateway("b"), gateway("c"));
  expect(await example.line()).toBe("refused: 3 gateways are more than I can take");
  source.publish(gateway("b"), gateway("c"));
  expect(await example.line()).toBe("serving edge/b, edge/c");
  example.interrupt();
  expect(await example.exit).toBe(0);
  expect(example.errors).toBe("");
});

test("follow-types tells what happens to its copy, and after a reconnect only what happened meanwhile", async () => {
  const source = new MemorySource({ registry: istioCollections() });
  const set = (...documents: readonly unknown[]): unknown =>
    expect(source.apply({ set: documents as ResourceDocument[] }).verdict).toBe("applied");
  set(gateway("a"), gateway("b"), reviews);
  const first = await serveConfiguration({ sources: [source], address: "127.0.0.1:0" });
  await using example = new ExampleProcess("follow-types", [first.address]);
  expect(await example.lines(3)).toEqual(["added edge/a", "added edge/b", "added shop/reviews"]);
  set(gateway("a", 8080));
  expect(await example.line()).toBe("updated edge/a");
  await first[Symbol.asyncDispose]();
  await example.complaint(/trying again in [\d.]+ ms/);
  set(gateway("c"));
  source.delete("istio/networking/v1alpha3/gateways", "edge/b");
  await using _second = await serveConfiguration({ sources: [source], address: first.address });
  expect(await example.lines(2)).toEqual(["added edge/c", "deleted edge/b"]);
  example.interrupt();
  expect(await example.exit).toBe(0);
});

test("serve moves the traffic of its route in steps, for sinks of MCP and clients of xDS", async () => {
  await using example = new ExampleProcess("serve", ["127.0.0.1:0", "10"]);
  expect(await example.line()).toBe("0% go to v2");
  const address = /^serving on (.*)$/.exec((await example.line()) ?? "")![1]!;
  const weights = (resources: readonly ReceivedResource[]): unknown =>
    resources.map((resource) => resource.decode(VirtualServiceSchema).http[0]?.route.map(({ weight }) => weight));
  const routes = { mcp: "istio/networking/v1alpha3/virtualservices", xds: "networking.istio.io/v1/VirtualService" };
  for await (const { resources } of watchTypes({ address, typeUrls: [routes.xds] })) {
    if (JSON.stringify(weights(resources)) === "[[0,100]]") break;
  }
  for await (const { resources } of watchCollections({ address, collections: [routes.mcp] })) {
    expect(resources[0]!.body()).toMatchObject({ http: [{ route: [{}, { weight: 100 }] }] });
    break;
  }
  expect(await example.lines(3)).toEqual(["10% go to v2", "50% go to v2", "100% go to v2"]);
  example.interrupt();
  expect(await example.exit).toBe(0);
  expect(example.errors).toBe("");
});

test("mutual-tls proves itself with the certificates that it finds, also when they come late", async () => {
  const ca = issue({ name: "ca", authority: true });
  const galley = issue({ name: "galley", issuer: ca, dns: ["localhost"] });
  const sink = issue({ name: "sink", issuer: ca, uris: ["spiffe://cluster.local/ns/default/sa/sink"] });
  const source = new ExampleSource();
  source.publish(gateway("a"), gateway("b"));
  await using server = await source.serve({
    tls: { cert: galley.cert, key: galley.key, ca: ca.cert, requestCert: true },
  });
  await writeFile(join(folder, "root-cert.pem"), ca.cert);
  await writeFile(join(folder, "cert-chain.pem"), sink.cert);
  await using example = new ExampleProcess("mutual-tls", [`localhost:${server.port}`, folder]);
  await example.complaint(/no TLS credentials/);
  await writeFile(join(folder, "key.pem"), sink.key);
  expect(await example.lines(3)).toEqual(["edge/a", "edge/b", undefined]);
  expect(await example.exit).toBe(0);
});

test("the examples fit the types of the library", async () => {
  await expect(promisify(execFile)("npx", ["tsc", "-p", "examples"])).resolves.toBeDefined();
});

test("docs/sdk.md shows every example as it is", async () => {
  const page = await readFile("docs/sdk.md", "utf8");
  const names = (await readdir("examples")).filter((name) => name.endsWith(".ts"));
  expect(names.length).toBeGreaterThan(0);
  for (const name of names) {
    const code = await readFile(join("examples", name), "utf8");
    expect(page).toContain(`[\`examples/${name}\`](../examples/${name})\n\n\`\`\`ts\n${code}\`\`\`\n`);
  }
  const blocks = page.match(/^```ts$/gm) ?? [];
  expect(blocks).toHaveLength(names.length); // no code that isn't run
});

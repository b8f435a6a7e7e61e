import { readFile } from "node:fs/promises";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { serverOptions } from "../../src/cli/options/table.ts";
import { TestFolder } from "../../src/grpc/credentials/testing/folder.ts";
import { istioCollections } from "../../src/model/registry.ts";
import { kindsFrom30 } from "../../src/xds/releases-kinds.ts";
import { readTypeUrl } from "../../src/xds/type-url.ts";
import { GalleyProcess } from "../support/galley-process.ts";
import { deltaIn, DeltaClient } from "../support/xds-client.ts";
import { everyFlag, Page, parseCall } from "./docs-page.ts";
import { ExampleProcess } from "./example-process.ts";

// docs/ads-clients.md and examples/ads/: a client that does as the page says gets what the page says.

const page = await Page.read("docs/ads-clients.md");
const PEERS = "security.istio.io/v1/PeerAuthentication";

// The example is compiled as it starts.
vi.setConfig({ testTimeout: 60_000 });

/** The table of types, as the code has it. */
function typesTable(): string {
  const registry = istioCollections();
  const rows = kindsFrom30.map((url) => {
    const meaning = readTypeUrl(url, registry);
    if (meaning.kind !== "resources") throw new Error(`${url} is not served`);
    return `| \`${url}\` | \`type.googleapis.com/${meaning.spec.message}\` |`;
  });
  return ["| asked for, in the newest version | `body` |", "| --- | --- |", ...rows].join("\n");
}

describe("docs/ads-clients.md", () => {
  // Write it anew with: npx vitest run test/feature/docs-ads-clients.test.ts -u
  test("has the types that are served, and their messages", async () => {
    const marks = /(<!-- begin types -->\n).*?(<!-- end types -->)/su;
    expect(page.text).toMatch(marks);
    const fresh = page.text.replace(marks, (_, begin: string, end: string) => `${begin}\n${typesTable()}\n\n${end}`);
    await expect(fresh).toMatchFileSnapshot("../../docs/ads-clients.md");
  });

  test("names flags that there are, with their defaults, and leads to files and headings that exist", async () => {
    for (const { words } of page.calls()) expect(() => parseCall(words)).not.toThrow();
    expect(page.flags().filter((flag) => !everyFlag.has(flag))).toEqual([]);
    expect(await page.deadLinks()).toEqual([]);
    expect(serverOptions.xdsMaxReceivedMessageSize.default).toBe(String(16 * 1024 * 1024));
    expect(serverOptions.serverMaxReceivedMessageSize.default).toBe(String(1024 * 1024));
    expect(serverOptions.serverMaxConcurrentStreams.default).toBe("1024");
  });

  test("shows the example as it is, and no code that isn't run", async () => {
    expect(page.blocks("ts")).toEqual([await readFile("examples/ads/follow-gateways.ts", "utf8")]);
  });

  test("shows what is answered to a subscription by name, and to a client that comes back", async () => {
    await using server = await GalleyProcess.start("samples");
    await server.ready();
    const [asked, resumed] = shownAnswers();
    {
      using client = new DeltaClient(server.address);
      client.subscribe(PEERS, "checkout/payments", "checkout/nothing");
      const answer = await client.next();
      expect(deltaIn(answer)).toEqual({
        resources: asked!.resources!.map(({ name }) => name),
        removed: asked!.removedResources,
      });
      expect(answer.resources[0]!.version).toBe(asked!.resources![0]!.version);
      expect(answer.systemVersionInfo).toBe(asked!.systemVersionInfo);
    }
    using client = new DeltaClient(server.address);
    const held = /"initial_resource_versions": (\{.*?\})/su.exec(page.text)![1]!;
    client.send({
      node: { id: "page" },
      typeUrl: PEERS,
      initialResourceVersions: JSON.parse(held) as Record<string, string>,
    });
    const answer = await client.next();
    expect(deltaIn(answer)).toEqual({ resources: [], removed: resumed!.removedResources });
    expect(answer.systemVersionInfo).toBe(resumed!.systemVersionInfo);
  });
});

/** An answer as grpcurl prints it. */
interface Shown {
  readonly systemVersionInfo: string;
  readonly resources?: readonly { readonly name: string; readonly version: string }[];
  readonly removedResources: readonly string[];
}

function shownAnswers(): readonly Shown[] {
  return page.blocks().flatMap((block) => {
    const json = /^\{\n.*^\}$/msu.exec(block);
    return json === null ? [] : [JSON.parse(json[0]) as Shown];
  });
}

describe("examples/ads/follow-gateways", () => {
  let folder: TestFolder;
  beforeAll(async () => {
    folder = await TestFolder.make();
    return () => folder[Symbol.asyncDispose]();
  });

  const gateway = (name: string, port: number): Promise<void> =>
    folder.write(
      `${name}.yaml`,
      `apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: ${name}, namespace: edge}
spec:
  selector: {istio: ingressgateway}
  servers: [{port: {number: ${port}, name: http, protocol: HTTP}, hosts: ["*"]}]
`,
    );

  test("prints what comes and what goes, and after a reconnect only what happened meanwhile", async () => {
    await gateway("a", 80);
    await gateway("b", 80);
    const first = await GalleyProcess.start(folder.path, "--xds-address=127.0.0.1:0");
    const address = first.xdsAddress;
    await using example = new ExampleProcess("ads/follow-gateways", [address]);
    expect(await example.lines(2)).toEqual(["edge/a listens on 80", "edge/b listens on 80"]);
    await gateway("a", 8080);
    expect(await example.line()).toBe("edge/a listens on 8080");
    await first[Symbol.asyncDispose]();
    await example.complaint(/UNAVAILABLE|CANCELLED|ECONNRESET/);

    await gateway("c", 80);
    await folder.remove("b.yaml");
    await using second = await GalleyProcess.start(folder.path, `--xds-address=${address}`);
    expect(await example.lines(2)).toEqual(["edge/c listens on 80", "edge/b is gone"]);
    example.interrupt();
    expect(await example.exit).toBe(0);
    expect(second.records.filter(({ level }) => level === "warn" || level === "error")).toEqual([]);
  });

  test("prints of the samples what the page shows", async () => {
    const shown = page.blocks().find((block) => block.includes("examples/ads/follow-gateways.ts"))!;
    await using server = await GalleyProcess.start("samples");
    await using example = new ExampleProcess("ads/follow-gateways", [server.address]);
    expect(await example.line()).toBe(shown.trimEnd().split("\n")[1]);
  });
});

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import type { Command } from "../command/command.ts";
import { busyWorld } from "../status/testing/busy-world.ts";
import { type Ran, run, type ServedWorld, serveWorld } from "../status/testing/serve-world.ts";
import type { World } from "../status/testing/world.ts";
import { getCommand } from "./command.ts";

const networking = "istio/networking/v1alpha3";
const names = Array.from({ length: 40 }, (_, i) => `shop/route-${String(i).padStart(2, "0")}`);

const collections = {
  ...busyWorld.collections,
  [`${networking}/virtualservices`]: [...names, "gone/gone"],
  [`${networking}/sidecars`]: ["shop/default", "ops/default"],
  [`${networking}/envoyfilters`]: ["mesh-wide"],
};

/** Every resource can be shown, but for one that goes away between the list and the question for it. */
const world: World = {
  ...busyWorld,
  collections,
  show(collection, name) {
    const isThere = Object.entries(collections).some(([id, held]) => id === collection && held.includes(name));
    if (!isThere || name === "gone/gone") return undefined;
    return busyWorld.show(collection, name) ?? madeUp(collection, name);
  },
};

function madeUp(collection: string, name: string): ReturnType<World["show"]> {
  return {
    collection,
    name,
    origin: `files/${name}.yaml:1`,
    version: "1",
    labels: {},
    annotations: { note: "x\u009b2J" },
    typeUrl: "type.googleapis.com/some.pkg.Thing",
    body: { of: name },
  };
}

let served: ServedWorld;
beforeAll(async () => {
  served = await serveWorld(world);
});
afterAll(() => served[Symbol.asyncDispose]());

function get(words: readonly string[], columns?: number): Promise<Ran> {
  const command = getCommand as unknown as Command<never>;
  return run(command, ["get", ...words, `--admin=${served.admin}`], columns);
}

describe("galley get COLLECTION", () => {
  test.each(["gateways", "Gateway", `${networking}/gateways`])("lists the resources of %s", async (word) => {
    expect(await get([word])).toEqual({
      status: 0,
      err: "",
      out: [
        "NAME           VERSION",
        "shop/internal  version-of-shop-internal",
        "shop/web       version-of-shop-web",
        "",
      ].join("\n"),
    });
  });

  test("lists all of a long collection", async () => {
    const { out } = await get(["serviceentries"]);
    const lines = out.trimEnd().split("\n");
    expect(lines).toHaveLength(1 + 12_345);
    expect(new Set(lines).size).toBe(lines.length);
  });

  test("lists several collections that begin alike, without those that aren't served", async () => {
    const { status, out } = await get([`${networking}/`]);
    const collections = new Set(out.split("\n").map((line) => line.split(" ")[0]));
    expect(status).toBe(0);
    const served = ["envoyfilters", "gateways", "serviceentries", "sidecars", "virtualservices"];
    expect([...collections]).toEqual(["COLLECTION", ...served, ""]);
  });

  test("prints a document a resource, without what is gone meanwhile", async () => {
    const { out } = await get(["virtualservices", "-o", "yaml"]);
    const documents = parseAllDocuments(out).map((document) => document.toJS() as { spec: { of: string } });
    expect(documents.map(({ spec }) => spec.of)).toEqual(names);
  });

  test("prints a line of JSON a resource", async () => {
    const { out } = await get(["virtualservices", "-o", "json"]);
    const lines = out.trimEnd().split("\n");
    expect(lines.map((line) => (JSON.parse(line) as { name: string }).name)).toEqual(names);
  });

  test("prints names alone, one a line", async () => {
    expect((await get(["gw", "-o", "name"])).out).toBe("shop/internal\nshop/web\n");
    expect((await get(["gw", "web", "-o", "name"])).out).toBe("shop/web\n");
  });

  test("leaves out what is in other namespaces than the one that is named", async () => {
    expect((await get(["sidecars", "-n", "ops", "-o", "name"])).out).toBe("ops/default\n");
    expect((await get(["sidecars", "--namespace=op", "-o", "name"])).out).toBe("");
    expect((await get(["sidecars", "-nops"])).out).toMatch(/^NAME +VERSION\nops\/default +\S+\n$/u);
    expect((await get(["sidecars", "-n", "ops", "-o", "json"])).out.split("\n")).toHaveLength(2);
    expect(await get(["sidecars", "-n", "x"])).toEqual({
      status: 0,
      out: "",
      err: "there are no resources in the namespace x\n",
    });
    expect((await get(["sidecars", "default", "-n", "ops", "-o", "name"])).out).toBe("ops/default\n");
  });

  test("says on stderr that there is nothing", async () => {
    const emptied = await serveWorld({ ...world, collections: { [`${networking}/gateways`]: [] } });
    const command = getCommand as unknown as Command<never>;
    const ran = await run(command, ["get", "gateways", `--admin=${emptied.admin}`]);
    await emptied[Symbol.asyncDispose]();
    expect(ran).toEqual({ status: 0, out: "", err: "there are no resources\n" });
  });
});

describe("galley get COLLECTION NAME", () => {
  test.each(["shop/web", "web"])("prints %s as people write it, with its place", async (name) => {
    const { status, out } = await get(["gateways", name]);
    expect(status).toBe(0);
    expect(out).toMatch(/^---\n# shop\/gateway\.yaml:12, version 51d0\napiVersion: /u);
    expect(parse(out)).toEqual({
      apiVersion: "networking.istio.io/v1",
      kind: "Gateway",
      metadata: {
        name: "web",
        namespace: "shop",
        creationTimestamp: "2026-11-02T08:15:00Z",
        labels: { app: "web" },
      },
      spec: { servers: [{ port: { number: 80, name: "http", protocol: "HTTP" }, hosts: ["*"] }] },
    });
  });

  test("prints all that the server tells as JSON", async () => {
    const { out } = await get(["gateways", "shop/web", "-o", "json"]);
    expect(JSON.parse(out)).toEqual(world.show(`${networking}/gateways`, "shop/web"));
  });

  test("prints a row with the place", async () => {
    const { out } = await get(["gateways", "shop/web", "-o", "table"]);
    expect(out.split("\n")).toEqual(["NAME      VERSION  ORIGIN", "shop/web  51d0     shop/gateway.yaml:12", ""]);
  });

  test("prints what it doesn't know as well as it can", async () => {
    const { out } = await get(["vendor/made/up/v1/gateways", "x"]);
    expect(parse(out)).toEqual({
      apiVersion: "v1",
      kind: "Thing",
      metadata: { name: "x", annotations: { note: "x\u009b2J" } },
      spec: { of: "x" },
    });
    expect((await get(["vendor/made/up/v1/gateways", "x"], 80)).out).toContain("x\\u009b2J");
  });

  test.each([
    [["gateways", "shop/wbe"], 'there is no "shop/wbe" in gateways', "did you mean shop/web?"],
    [["gateways", "x/web"], 'there is no "x/web" in gateways', "did you mean shop/web?"],
    [["gateways", "nothing-like-it"], 'there is no "nothing-like-it"', "galley get gateways lists those there are"],
    [["sidecars", "default"], 'several in sidecars are called "default"', "name one: ops/default, shop/default"],
    [["gateways", "\u001b[2J"], 'there is no "\\u001b[2J" in gateways', "galley get gateways"],
  ])("ends with status 1 for %j, and says what is near", async (words, error, hint) => {
    const { status, out, err } = await get(words);
    expect([status, out]).toEqual([1, ""]);
    expect(err.split("\n")).toEqual([expect.stringContaining(error), expect.stringContaining(hint), ""]);
  });
});

test.each([
  [["gatewys"], 255, '"gatewys" is no collection', "did you mean gateways?"],
  [["virtualservce"], 255, '"virtualservce" is no collection', "did you mean VirtualService?"],
  [["zzz"], 255, '"zzz" is no collection', "galley status collections --all"],
  [["nothing/"], 255, '"nothing/" is no collection', ""],
  [["sidecars", "ops/default", "-n", "ops"], 255, "names its namespace already", "leave out --namespace"],
  [["istio/networking/", "x"], 255, "is several collections, and a name is of one", ""],
  [[], 255, "galley get needs the argument COLLECTION", ""],
  [["quotaspecs"], 1, "does not serve", "nothing is, as long as galley status says not ready"],
])("galley get %j ends with status %d", async (words, status, error, hint) => {
  const ran = await get(words);
  expect([ran.status, ran.out]).toEqual([status, ""]);
  expect(ran.err).toContain(error);
  expect(ran.err).toContain(hint);
});

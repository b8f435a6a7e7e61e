import { create, toBinary } from "@bufbuild/protobuf";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ManualClock } from "../../src/lib/manual-clock.ts";
import type { Resource } from "../../src/model/resource.ts";
import { ResourceSchema } from "../../src/wire/gen/current/mcp/v1alpha1/resource_pb.ts";
import { Istiod } from "../istiod/istiod.ts";
import { releaseOf } from "../istiod/releases.ts";
import { entry, spoiled } from "../support/xds-content.ts";
import { settle } from "../support/xds-settle.ts";
import { XdsServer } from "../support/xds-server.ts";

// istiod says nothing of what it can't use: it drops it, and the good copy that it held with it. So such a thing must never
// reach it, however it came into the configuration.

let server: XdsServer;
let istiod: Istiod;

beforeEach(async () => {
  server = await XdsServer.start();
  istiod = new Istiod({ release: releaseOf("1.30"), clock: new ManualClock(), address: server.address });
});

afterEach(async () => {
  istiod[Symbol.dispose]();
  await server[Symbol.asyncDispose]();
});

/** Publishes this and waits until all is said; whatever came, nothing of it was dropped. */
async function publish(...resources: readonly Resource[]): Promise<void> {
  await settle(server, [istiod], ...resources);
  expect(istiod.store.drops).toEqual([]);
}

const held = (): Record<string, string> =>
  Object.fromEntries([...istiod.store.of("ServiceEntry")].map(([name, { version }]) => [name, version]));

const events = (): readonly string[] =>
  istiod.store.events.filter(({ kind }) => kind === "ServiceEntry").map(({ type, name }) => `${type} ${name}`);

const any = (message: string, value: Uint8Array) => ({ typeUrl: `type.googleapis.com/${message}`, value });
const metadata = { name: "mesh/a", version: "bad" };
const serviceEntry = "istio.networking.v1alpha3.ServiceEntry";

/** Bytes that a resource must not have, by what is wrong with them. */
const offences: Record<string, Uint8Array> = {
  "no bytes of a resource": Buffer.from("ffff", "hex"),
  "no bytes at all": new Uint8Array(0),
  "no metadata": toBinary(ResourceSchema, create(ResourceSchema, { body: any(serviceEntry, new Uint8Array(0)) })),
  "no body": toBinary(ResourceSchema, create(ResourceSchema, { metadata })),
  "a body of an unknown type": toBinary(
    ResourceSchema,
    create(ResourceSchema, { metadata, body: any("example.Unknown", new Uint8Array(0)) }),
  ),
  "a body of another kind": toBinary(
    ResourceSchema,
    create(ResourceSchema, { metadata, body: any("istio.networking.v1alpha3.Gateway", new Uint8Array(0)) }),
  ),
  "a body that is none": toBinary(
    ResourceSchema,
    create(ResourceSchema, { metadata, body: any(serviceEntry, Buffer.from("0affff", "hex")) }),
  ),
  "a text that is no UTF-8": toBinary(
    ResourceSchema,
    create(ResourceSchema, { metadata, body: any(serviceEntry, Buffer.from("0a02c328", "hex")) }),
  ),
};

describe.each(Object.entries(offences))("a resource with %s", (_, bytes) => {
  test("is held back, and what is good is served", async () => {
    await publish(spoiled(entry("mesh/a", "x"), bytes, "bad"), entry("mesh/b", "b"));
    expect(held()).toEqual({ "mesh/b": entry("mesh/b", "b").version });
  });

  test("leaves the last good copy in place, until it is mended or gone", async () => {
    const good = entry("mesh/a", "good");
    await publish(good, entry("mesh/b", "b"));
    await publish(spoiled(good, bytes, "bad"), entry("mesh/b", "changed"));
    await publish(spoiled(good, bytes, "worse"), entry("mesh/b", "changed"));
    expect(held()).toEqual({ "mesh/a": good.version, "mesh/b": entry("mesh/b", "changed").version });
    expect(events()).toEqual(["add mesh/a", "add mesh/b", "update mesh/b"]);
    await publish(entry("mesh/a", "mended"), entry("mesh/b", "changed"));
    expect(held()["mesh/a"]).toBe(entry("mesh/a", "mended").version);
    await publish(spoiled(good, bytes, "bad"), entry("mesh/b", "changed"));
    await publish(entry("mesh/b", "changed"));
    expect(Object.keys(held())).toEqual(["mesh/b"]);
    expect(events().slice(3)).toEqual(["update mesh/a", "delete mesh/a"]);
  });
});

test("a resource that today's API can't express leaves its last good copy in place", async () => {
  const good = entry("mesh/a", "good");
  await publish(good);
  await publish({ ...entry("mesh/a", "only for 1.3"), current: undefined });
  expect(held()).toEqual({ "mesh/a": good.version });
  expect(events()).toEqual(["add mesh/a"]);
});

test("the last good copy is what those are sent, too, who come later", async () => {
  const good = entry("mesh/a", "good");
  await publish(good);
  await publish(spoiled(good, new Uint8Array(0), "bad"));
  using late = new Istiod({ release: releaseOf("1.30"), clock: new ManualClock(), address: server.address });
  await late.synced();
  expect(late.store.of("ServiceEntry").get("mesh/a")?.version).toBe(good.version);
});

test.each([
  ["nothing but a name", "a"],
  ["two slashes", "a/b/c"],
  ["no name", ""],
])("a resource of %s does no harm to the others", async (_, name) => {
  const odd = entry(name, "odd");
  await publish(odd, entry("mesh/b", "b"));
  expect(held()["mesh/b"]).toBe(entry("mesh/b", "b").version);
  for (const key of Object.keys(held())) expect(key).toMatch(/^[^/]*\/[^/]+$/);
});

test("an annotation that istiod keeps for itself never reaches it, and the last good copy stays", async () => {
  const good = entry("mesh/a", "a");
  await publish(good);
  await publish(entry("mesh/a", "b", { annotations: { ResourceVersion: "12" } }));
  expect(istiod.store.of("ServiceEntry").get("mesh/a")?.annotations).toEqual({});
  expect(held()["mesh/a"]).toBe(good.version);
  expect(server.reports()).toEqual([expect.stringContaining("mesh/a.yaml:1")]);
});

test("every problem is reported with its place", async () => {
  const good = entry("mesh/a", "good");
  await publish(good);
  await publish(spoiled(good, new Uint8Array(0), "bad"));
  expect(server.reports()).toEqual([expect.stringContaining("mesh/a.yaml:1")]);
  await publish(entry("mesh/a", "mended"));
  expect(server.reports()).toEqual([]);
});

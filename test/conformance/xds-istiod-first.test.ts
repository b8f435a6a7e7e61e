import { afterEach, beforeEach, expect, test } from "vitest";
import { ManualClock } from "../../src/lib/manual-clock.ts";
import { releaseOf as rowOf } from "../../src/xds/releases.ts";
import { Istiod } from "../istiod/istiod.ts";
import { firstRelease } from "../istiod/releases.ts";
import { SotwClient } from "../support/xds-client.ts";
import { entry, oneOfEach } from "../support/xds-content.ts";
import { XdsServer } from "../support/xds-server.ts";

// istiod 1.7 and 1.8: what a server can do for them is to answer everything once, and nothing more often than it must.

let server: XdsServer;
beforeEach(async () => {
  server = await XdsServer.start();
});
afterEach(() => server[Symbol.asyncDispose]());

test("istiod 1.8 holds what is published when it connects, and has not hung", async () => {
  server.publish(...oneOfEach());
  using istiod = new Istiod({ release: firstRelease, clock: new ManualClock(), address: server.address });
  await istiod.synced();
  expect(istiod.hung).toBe(false);
  expect(istiod.channel.pinned).toBe(firstRelease.kinds.length);
  expect(istiod.store.drops).toEqual([]);
  for (const { kind } of firstRelease.kinds) expect([...istiod.store.of(kind)].length).toBe(1);
});

test("istiod 1.8 hangs at the first change after that, as with any server", async () => {
  server.publish(entry("mesh/a", "one"));
  using istiod = new Istiod({ release: firstRelease, clock: new ManualClock(), address: server.address });
  await istiod.synced();
  server.publish(entry("mesh/a", "two"));
  await istiod.until(() => istiod.hung);
  expect(istiod.arrivals.length).toBe(rowOf(8).mostResponses! + 1);
});

test.each([7, 8])("every kind that istiod 1.%i asks for is answered under the URL that it asks by", async (minor) => {
  server.publish(entry("mesh/a", "one"));
  using client = new SotwClient(server.address);
  const { typeUrls } = rowOf(minor);
  expect(typeUrls.length).toBeGreaterThan(10);
  for (const url of typeUrls) {
    client.subscribe(url);
    const { typeUrl, resources } = await client.take();
    expect([typeUrl, resources.length]).toEqual([url, url.endsWith("/ServiceEntry") ? 1 : 0]);
  }
});

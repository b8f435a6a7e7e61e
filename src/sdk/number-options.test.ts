import { expect, test } from "vitest";
import { reconnectBackoff } from "../grpc/dial/reconnect.ts";
import { runSink } from "../mcp/sink/client.ts";
import { serveSink } from "../mcp/sink/server.ts";
import { watchCollections } from "../mcp/sink/watch.ts";
import { istioCollections } from "../model/registry.ts";
import { MemorySource } from "../sources/memory/source.ts";
import { runXdsClient } from "../xds/client/client.ts";
import { watchTypes } from "../xds/client/watch.ts";
import { serveConfiguration } from "./serve-configuration.ts";

const collections = ["istio/networking/v1alpha3/gateways"];
const typeUrls = ["networking.istio.io/v1/Gateway"];
const apply = (): void => undefined;
/** What takes its options as they are comes to its end at once. */
const signal = AbortSignal.abort();
const dialled = { address: "127.0.0.1:1", signal };

const clients: readonly [string, (options: object) => Promise<unknown>][] = [
  ["runSink", (options) => runSink({ ...dialled, collections, apply, ...options })],
  ["runXdsClient", (options) => runXdsClient({ ...dialled, typeUrls, apply, ...options })],
];

const refused: readonly [object, string][] = [
  [{ limits: { connectMs: -1 } }, "`limits.connectMs` can't be -1: give 1 to 2147483647 milliseconds"],
  [{ limits: { connectMs: undefined } }, "`limits.connectMs` can't be undefined"],
  [{ limits: { keepaliveMs: NaN } }, "`limits.keepaliveMs` can't be NaN: give 1 to 2147483647 milliseconds"],
  [{ limits: { keepaliveTimeoutMs: Infinity } }, "`limits.keepaliveTimeoutMs` can't be Infinity"],
  [
    { limits: { maxReceivedMessageBytes: 0 } },
    "`limits.maxReceivedMessageBytes` can't be 0: give 1 to 4294967295 bytes",
  ],
  [{ backoff: { ...reconnectBackoff, minMs: 0 } }, "`backoff.minMs` can't be 0: give 1 to 2147483647 milliseconds"],
  [{ backoff: { ...reconnectBackoff, maxMs: 1000 } }, "`backoff.maxMs` can't be 1000: give 2000 to 2147483647 millis"],
  [{ backoff: { ...reconnectBackoff, factor: 0.5 } }, "`backoff.factor` can't be 0.5: give 1 to "],
  [{ backoff: { ...reconnectBackoff, jitter: 2 } }, "`backoff.jitter` can't be 2: give 0 to 1"],
  [{ backoff: { minMs: 1, maxMs: 1, factor: 1 } }, "`backoff.jitter` can't be undefined"],
];

test.each(clients.flatMap(([client, run]) => refused.map((row) => [client, ...row, run] as const)))(
  "%s refuses %o at once",
  async (_client, options, message, run) => {
    await expect(run(options)).rejects.toThrow(message);
  },
);

test.each(clients)("%s takes numbers at their bounds", async (_, run) => {
  const limits = {
    connectMs: 1,
    keepaliveMs: 2 ** 31 - 1,
    keepaliveTimeoutMs: 0.5 + 1,
    maxReceivedMessageBytes: 2 ** 32 - 1,
  };
  const backoff = { minMs: 1, maxMs: 1, factor: 1, jitter: 1 };
  await expect(run({ limits, backoff })).resolves.toBeUndefined();
});

test("loops refuse them with their first change", async () => {
  const options = { address: "127.0.0.1:1", limits: { connectMs: -1 } };
  await expect(watchCollections({ ...options, collections }).next()).rejects.toThrow("`limits.connectMs` can't be -1");
  await expect(watchTypes({ ...options, typeUrls }).next()).rejects.toThrow("`limits.connectMs` can't be -1");
});

test.each([0, -1, NaN, 2 ** 32])("serveSink takes no messages of %d bytes at most", async (maxReceivedMessageBytes) => {
  const options = { address: "127.0.0.1:0", collections, apply, maxReceivedMessageBytes };
  await expect(serveSink(options)).rejects.toThrow(
    `\`maxReceivedMessageBytes\` can't be ${maxReceivedMessageBytes}: give 1 to 4294967295 bytes`,
  );
});

test.each([-1, NaN, Infinity])("serveConfiguration takes no deadline of %d ms", async (pushDeadlineMs) => {
  const sources = [new MemorySource({ registry: istioCollections() })];
  await expect(serveConfiguration({ sources, address: "127.0.0.1:0", pushDeadlineMs })).rejects.toThrow(
    `\`pushDeadlineMs\` can't be ${pushDeadlineMs}: give 0 to 2147483647 milliseconds`,
  );
});

import { expect, test } from "vitest";

import type { RefusalObserver } from "../../grpc/access/guard.ts";
import type { ReloadObserver } from "../../grpc/credentials/keeper.ts";
import type { TransportObserver } from "../../grpc/observer.ts";
import { createMetrics } from "./create.ts";
import {
  readConnections,
  readExpiry,
  readWaiting,
  refusalMetrics,
  reloadMetrics,
  transportMetrics,
} from "./security.ts";

const metrics = createMetrics({ version: "1.0", collections: [] });

async function samples(name: string): Promise<string[]> {
  return (await metrics.render()).split("\n").filter((line) => line.startsWith(name));
}

test("reloads are counted by what was read and whether it could be used, and stand at 0 before the first", async () => {
  const credentials: ReloadObserver = reloadMetrics(metrics, "credentials");
  const list: ReloadObserver = reloadMetrics(metrics, "access-list");
  credentials.reloaded();
  credentials.reloaded();
  list.refused();
  expect(await samples("galley_reloads_total")).toEqual([
    'galley_reloads_total{what="credentials",result="ok"} 2',
    'galley_reloads_total{what="credentials",result="failed"} 0',
    'galley_reloads_total{what="access-list",result="ok"} 0',
    'galley_reloads_total{what="access-list",result="failed"} 1',
  ]);
});

test("streams and connections that are not taken on are counted by the reason", async () => {
  const refused: RefusalObserver = refusalMetrics(metrics);
  refused("blocked");
  refused("crowded");
  refused("blocked");
  const transport: TransportObserver = transportMetrics(metrics);
  transport.refused("handshakes");
  transport.brokeOff("resets");
  transport.shookHands("resumed");
  expect(await samples("galley_refused_streams_total")).toEqual([
    'galley_refused_streams_total{reason="blocked"} 2',
    'galley_refused_streams_total{reason="crowded"} 1',
  ]);
  expect(await samples("galley_refused_connections_total")).toEqual([
    'galley_refused_connections_total{reason="handshakes"} 1',
  ]);
  expect(await samples("galley_broken_connections_total")).toEqual([
    'galley_broken_connections_total{reason="resets"} 1',
  ]);
  expect(await samples("galley_tls_handshakes_total")).toEqual(['galley_tls_handshakes_total{how="resumed"} 1']);
});

test("what waits, what is connected and what expires are those of the moment of reading", async () => {
  expect(await samples("galley_certificate_expiry")).toEqual([]);
  const [guard, server, keeper] = [{ waiting: 1 }, { connections: 2 }, { expiryMs: 3500 }];
  readWaiting(metrics, guard);
  readConnections(metrics, server);
  readExpiry(metrics, keeper);
  guard.waiting = 7;
  expect(await samples("galley_waiting_streams")).toEqual(["galley_waiting_streams 7"]);
  expect(await samples("galley_connections")).toEqual(["galley_connections 2"]);
  expect(await samples("galley_certificate_expiry")).toEqual([
    'galley_certificate_expiry_timestamp_seconds{certificate="server"} 3.5',
  ]);
});

// Keeps what a server has of two types over xDS, and tells what happens to it. After a reconnect only what differs is sent.
import { InMemoryStore, watchTypes } from "galley/xds";

const stop = new AbortController();
process.once("SIGINT", () => stop.abort());

const store = new InMemoryStore();

const changes = watchTypes({
  address: process.argv[2] ?? "127.0.0.1:15051",
  typeUrls: ["networking.istio.io/v1/Gateway", "networking.istio.io/v1/VirtualService"],
  incremental: true,
  node: { id: "follow-types" },
  signal: stop.signal,
  onEvent(event) {
    if (event.kind === "disconnected") console.error(`${event.message}; trying again in ${event.retryMs} ms`);
  },
});

for await (const change of changes) {
  for (const { kind, name } of store.apply(change)) console.log(kind, name);
}

// Keeps a copy of two collections and tells what happens to it. After a reconnect only what differs is sent.
import { InMemoryStore, runSink } from "galley/sink";

const stop = new AbortController();
process.once("SIGINT", () => stop.abort());

const store = new InMemoryStore();

await runSink({
  address: process.argv[2] ?? "127.0.0.1:9901",
  collections: ["istio/networking/v1alpha3/gateways", "istio/networking/v1alpha3/virtualservices"],
  incremental: true,
  signal: stop.signal,
  apply(change) {
    for (const { kind, name } of store.apply(change)) console.log(kind, name);
  },
  onEvent(event) {
    if (event.kind === "connected") console.log("connected");
    if (event.kind === "disconnected") console.log("disconnected");
  },
});

console.log(`${store.topics.length} collections kept`);

// Prints the gateways of a mesh, and prints them again whenever they change.
import { watchCollections } from "galley/sink";

const stop = new AbortController();
process.once("SIGINT", () => stop.abort());

const changes = watchCollections({
  address: process.argv[2] ?? "127.0.0.1:9901",
  collections: ["istio/networking/v1alpha3/gateways"],
  signal: stop.signal,
  onEvent(event) {
    if (event.kind === "disconnected") console.error(`${event.message}; trying again in ${event.retryMs} ms`);
  },
});

for await (const change of changes) {
  console.log(`${change.resources.length} gateways`);
  for (const gateway of change.resources) console.log(gateway.name, JSON.stringify(gateway.body()));
}

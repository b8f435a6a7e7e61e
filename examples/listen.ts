// A sink that is called: it listens, and a Galley that runs with --sink-address=HOST:PORT feeds it.
import { serveSink } from "galley/sink";

const server = await serveSink({
  address: process.argv[2] ?? "127.0.0.1:9902",
  collections: ["istio/networking/v1alpha3/gateways"],
  apply({ resources }) {
    const tooMany = resources.length > 2;
    if (tooMany) throw new Error(`${resources.length} gateways are more than I can take`);
    console.log(`serving ${resources.map(({ name }) => name).join(", ")}`);
  },
  onEvent(event) {
    if (event.kind === "connected") console.log(`fed by ${event.peer.address}`);
    if (event.kind === "nacked") console.log(`refused: ${event.message}`);
  },
});
console.log(`listening on ${server.address}`);

process.once("SIGINT", () => void server[Symbol.asyncDispose]());

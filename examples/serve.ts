// Serves a route that the program itself decides, over MCP and over xDS, and moves its traffic to a new version in steps.
import { setTimeout } from "node:timers/promises";
import { istioCollections, MemorySource, serveConfiguration } from "galley/server";

const [address = "127.0.0.1:9901", stepMs = "60000"] = process.argv.slice(2);

const source = new MemorySource({ registry: istioCollections() });

function send(percent: number): void {
  const verdict = source.set({
    apiVersion: "networking.istio.io/v1",
    kind: "VirtualService",
    metadata: { namespace: "shop", name: "reviews" },
    spec: {
      hosts: ["reviews"],
      http: [
        {
          route: [
            { destination: { host: "reviews", subset: "v1" }, weight: 100 - percent },
            { destination: { host: "reviews", subset: "v2" }, weight: percent },
          ],
        },
      ],
    },
  });
  if (verdict.verdict === "refused") throw new Error(verdict.documents[0]?.issues[0]?.message);
  console.log(`${percent}% go to v2`);
}

send(0);
const server = await serveConfiguration({ sources: [source], address });
process.once("SIGINT", () => void server[Symbol.asyncDispose]().then(() => process.exit()));
console.log(`serving on ${server.address}`);

for (const percent of [10, 50, 100]) {
  await setTimeout(Number(stepMs));
  send(percent);
}

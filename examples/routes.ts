// Prints where requests go: the routes of all virtual services, as typed messages instead of JSON.
import { VirtualServiceSchema } from "galley/api/1.3/networking/v1alpha3/virtual_service";
import { watchCollections } from "galley/sink";

const changes = watchCollections({
  address: process.argv[2] ?? "127.0.0.1:9901",
  collections: ["istio/networking/v1alpha3/virtualservices"],
});

for await (const { resources } of changes) {
  for (const resource of resources) {
    const service = resource.decode(VirtualServiceSchema);
    for (const { route } of service.http) {
      for (const { destination, weight } of route) {
        const share = weight === 0 ? "" : ` ${weight}%`;
        console.log(`${service.hosts.join(", ")} -> ${destination?.host}:${destination?.subset || "*"}${share}`);
      }
    }
  }
  break; // one look is enough
}

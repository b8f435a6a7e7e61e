// Lists the gateways once, over mutual TLS, with certificates from files that may be renewed at any time.
import { readFile } from "node:fs/promises";
import { watchCollections } from "galley/sink";

const [address = "localhost:9901", folder = "/etc/certs"] = process.argv.slice(2);

const changes = watchCollections({
  address,
  collections: ["istio/networking/v1alpha3/gateways"],
  // Asked for anew at every connection; a file that isn't there yet is a reason to try again later.
  tls: async () => ({
    ca: await readFile(`${folder}/root-cert.pem`),
    cert: await readFile(`${folder}/cert-chain.pem`),
    key: await readFile(`${folder}/key.pem`),
  }),
  onEvent(event) {
    if (event.kind === "disconnected") console.error(event.message);
  },
});

for await (const { resources } of changes) {
  console.log(resources.map(({ name }) => name).join("\n"));
  break;
}

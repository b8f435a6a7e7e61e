import { load } from "js-yaml";
import { bench, boxplot, run, summary } from "mitata";
import { parseCommon } from "../src/lib/yaml/fast.ts";
import { parseAnyYaml } from "../src/lib/yaml/parse.ts";
import { splitYaml } from "../src/lib/yaml/split.ts";

// How fast is the YAML of a usual document read, by the fast path, by the general parser, and by js-yaml as it comes?
// Run: npx tsx bench/yaml.bench.ts

const serviceEntry = `apiVersion: networking.istio.io/v1alpha3
kind: ServiceEntry
metadata:
  name: external-1234
  namespace: team-12
  labels:
    app: external-1234
    team: payments
spec:
  hosts:
  - svc-1234.example.com
  - svc-1234.internal.example.com
  addresses:
  - 10.12.34.56/32
  ports:
  - number: 443
    name: https
    protocol: HTTPS
  - number: 80
    name: http
    protocol: HTTP
  location: MESH_EXTERNAL
  resolution: STATIC
  endpoints:
  - address: 192.168.12.34
    ports:
      https: 8443
`;
const stream: string = Array.from({ length: 1000 }, () => serviceEntry).join("---\n");

boxplot(() => {
  summary(() => {
    bench("a ServiceEntry, fast path", () => parseCommon(serviceEntry));
    bench("a ServiceEntry, general parser", () => parseAnyYaml(serviceEntry));
    bench("a ServiceEntry, js-yaml alone", () => load(serviceEntry)).baseline(true);
  });
});
bench("splitting a stream of 1,000 documents", () => {
  let length = 0;
  for (const { text } of splitYaml(stream)) length += text.length;
  return length;
});

await run();

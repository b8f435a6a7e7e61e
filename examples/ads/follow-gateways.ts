// Follows the gateways of a mesh over ADS: prints what comes and what goes. After a reconnect only what differs is sent.
import { fileURLToPath } from "node:url";
import { fromBinary } from "@bufbuild/protobuf";
import { type ClientDuplexStream, credentials, makeClientConstructor } from "@grpc/grpc-js";
import { loadSync, type ServiceDefinition } from "@grpc/proto-loader";
import { ResourceSchema } from "galley/api/current/mcp/v1alpha1/resource";
import { GatewaySchema } from "galley/api/current/networking/v1alpha3/gateway";

interface Request {
  readonly type_url: string;
  readonly node?: { readonly id: string };
  readonly initial_resource_versions?: Readonly<Record<string, string>>;
  readonly response_nonce?: string;
  readonly error_detail?: { readonly code: number; readonly message: string };
}

interface Response {
  readonly resources: readonly {
    readonly name: string;
    readonly version: string;
    readonly resource: { readonly value: Uint8Array };
  }[];
  readonly removed_resources: readonly string[];
  readonly nonce: string;
}

const SERVICE = "envoy.service.discovery.v3.AggregatedDiscoveryService";
const GATEWAYS = "networking.istio.io/v1/Gateway";

const files = loadSync(fileURLToPath(new URL("ads.proto", import.meta.url)), { keepCase: true, defaults: true });
const AdsClient = makeClientConstructor(files[SERVICE] as ServiceDefinition, SERVICE);
const client = new AdsClient(process.argv[2] ?? "127.0.0.1:15051", credentials.createInsecure(), {
  "grpc.max_receive_message_length": -1, // 4 MiB otherwise, and one response may hold a whole mesh
});

/** What this client holds: versions by name. */
const held = new Map<string, string>();

function follow(): void {
  const method = client["DeltaAggregatedResources"] as () => ClientDuplexStream<Request, Response>;
  const stream = method.call(client);
  stream.write({
    type_url: GATEWAYS,
    node: { id: "follow-gateways" },
    initial_resource_versions: Object.fromEntries(held),
  });
  stream.on("data", (response: Response) => {
    const answer = { type_url: GATEWAYS, response_nonce: response.nonce };
    try {
      take(response);
      stream.write(answer);
    } catch (error) {
      stream.write({ ...answer, error_detail: { code: 3, message: String(error) } });
    }
  });
  stream.on("error", ({ message }) => {
    console.error(message);
    setTimeout(follow, 500 + 500 * Math.random());
  });
}

/** Reads all of a response before anything of it counts. */
function take({ resources, removed_resources }: Response): void {
  const read = resources.map(({ name, version, resource }) => {
    const { body } = fromBinary(ResourceSchema, resource.value);
    return { name, version, gateway: fromBinary(GatewaySchema, body!.value) };
  });
  for (const { name, version, gateway } of read) {
    held.set(name, version);
    console.log(`${name} listens on ${gateway.servers.map(({ port }) => port?.number).join(", ")}`);
  }
  for (const name of removed_resources) {
    if (held.delete(name)) console.log(`${name} is gone`);
  }
}

process.once("SIGINT", () => process.exit());
follow();

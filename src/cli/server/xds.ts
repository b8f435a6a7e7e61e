import type { Metrics } from "../../admin/metrics/create.ts";
import { readExpiry, refusalMetrics, reloadMetrics, transportMetrics } from "../../admin/metrics/security.ts";
import { Guard } from "../../grpc/access/guard.ts";
import { type CredentialKeeper, openCredentials } from "../../grpc/credentials/keeper.ts";
import { type Networks, parseNetworks, thisMachine } from "../../grpc/access/networks.ts";
import { type Address, formatAddress, parseAddress } from "../../grpc/address.ts";
import { GalleyError } from "../../lib/errors.ts";
import type { Logger } from "../../lib/logger.ts";
import { openListener } from "../../server/listener.ts";
import type { ServingPath } from "../../server/serving-path.ts";
import { isLoopback } from "../options/address.ts";
import type { ServerValues } from "../options/table.ts";
import { listRefusals } from "./list-refusals.ts";
import { listenError } from "./listen-error.ts";

export interface XdsListenerDeps {
  readonly path: ServingPath;
  readonly values: ServerValues;
  readonly maxConnections: number;
  readonly metrics: Metrics;
  readonly log: Logger;
}

/** The listener for clients that can't say who they are. Disposing it is a shutdown without grace. */
export interface XdsListener extends AsyncDisposable {
  readonly address: string;
  readonly isSecure: boolean;
  /** Looks at the certificate files now instead of in a while. */
  look(): Promise<void>;
  /** As `GrpcServer.shutdown`. */
  shutdown(deadlineMs: number): Promise<void>;
}

/** Opens the listener that `--xds-address` asks for; `undefined` when it asks for none. @throws GalleyError when it can't be opened. */
export async function openXdsListener(deps: XdsListenerDeps): Promise<XdsListener | undefined> {
  const { path, values, maxConnections, metrics, log } = deps;
  const { clock } = path;
  if (values.xdsAddress === "") return undefined;
  const address = addressOf(values);
  const networks = networksOf(values, address);
  const credentials = await credentialsOf(deps);
  const guard = new Guard({ judge: (peer) => networks.judge(peer), clock, log, observer: refusalMetrics(metrics) });
  const grpc = await openListener(path, {
    protocols: "xds",
    address,
    ...(credentials !== undefined && { tls: credentials.tls }),
    guard,
    limits: {
      maxConnections,
      maxReceivedMessageBytes: values.xdsMaxReceivedMessageSize,
      maxConcurrentStreams: values.serverMaxConcurrentStreams,
    },
    log,
    observer: transportMetrics(metrics),
  }).catch(async (error: unknown) => {
    await credentials?.[Symbol.asyncDispose]();
    throw listenError(error, formatAddress(address), "--xds-address");
  });
  credentials?.follow((replaced) => grpc.setCredentials(replaced));
  if (credentials !== undefined) listRefusals(credentials, path.pipeline.problems, "xds");
  const shutdown = async (deadlineMs: number): Promise<void> => {
    await credentials?.[Symbol.asyncDispose]();
    await grpc.shutdown(deadlineMs);
  };
  return {
    address: formatAddress(grpc.address),
    isSecure: credentials !== undefined,
    look: async () => credentials?.look(),
    shutdown,
    [Symbol.asyncDispose]: () => shutdown(0),
  };
}

/** The certificate that clients are shown, if the settings name one. They are asked for none: istiod has none to show. */
async function credentialsOf({ path, values, metrics, log }: XdsListenerDeps): Promise<CredentialKeeper | undefined> {
  const { xdsTlsCertFile: cert, xdsTlsKeyFile: key } = values;
  if (cert === "" && key === "") return undefined;
  if (cert === "" || key === "") {
    const [given, other] =
      cert === "" ? ["--xds-tls-key-file", "--xds-tls-cert-file"] : ["--xds-tls-cert-file", "--xds-tls-key-file"];
    throw new GalleyError("GLY_NO_TLS", `${given} is given without ${other}`, {
      hint: `give both, or neither for plaintext`,
    });
  }
  const observer = reloadMetrics(metrics, "xds-credentials");
  const opened = await openCredentials({ files: { cert, key }, clock: path.clock, log, observer });
  if (opened.ok) {
    readExpiry(metrics, opened.keeper, "xds");
    return opened.keeper;
  }
  const { faults } = opened;
  throw new GalleyError(
    "GLY_NO_TLS",
    `TLS can't be set up for --xds-address: ${faults.map((fault) => fault.message).join("; ")}`,
    {
      hint: `${faults[0]!.remedy}; without --xds-tls-cert-file and --xds-tls-key-file it is plaintext`,
    },
  );
}

function addressOf({ xdsAddress }: ServerValues): Address {
  const parsed = parseAddress(xdsAddress);
  if (parsed.ok) return parsed.address;
  throw new GalleyError("GLY_VALUE", `--xds-address: ${parsed.reason}`);
}

/** Whoever opens the listener beyond this machine has to say to whom: these clients prove nothing. */
function networksOf({ xdsAllow }: ServerValues, address: Address): Networks {
  if (xdsAllow.length === 0 && !isLoopback(address)) {
    throw new GalleyError("GLY_VALUE", "--xds-address is open to other machines, and --xds-allow does not say which", {
      hint: "name the networks of your istiods, as in --xds-allow=10.0.0.0/8 (0.0.0.0/0,::/0 lets everybody in)",
    });
  }
  const parsed = parseNetworks(xdsAllow.length === 0 ? thisMachine : xdsAllow);
  if (parsed.ok) return parsed.networks;
  throw new GalleyError("GLY_VALUE", `--xds-allow: ${parsed.reason}`);
}

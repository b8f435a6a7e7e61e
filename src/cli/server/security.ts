import type { X509Certificate } from "node:crypto";
import type { Metrics } from "../../admin/metrics/create.ts";
import {
  readConnections,
  readExpiry,
  readWaiting,
  refusalMetrics,
  reloadMetrics,
} from "../../admin/metrics/security.ts";
import { allowed, judgePeer } from "../../grpc/access/list.ts";
import { Guard } from "../../grpc/access/guard.ts";
import type { AccessListKeeper } from "../../grpc/access/keeper.ts";
import { openCredentials, type CredentialKeeper } from "../../grpc/credentials/keeper.ts";
import type { GrpcServer } from "../../grpc/server.ts";
import type { TlsSettings } from "../../grpc/tls.ts";
import type { Clock } from "../../lib/clock.ts";
import { GalleyError } from "../../lib/errors.ts";
import type { Logger } from "../../lib/logger.ts";
import type { CommandSettings } from "../command/command.ts";
import type { Environment } from "../options/environment.ts";
import type { ServerOptions } from "../options/table.ts";
import type { ProblemList } from "../../runtime/problems.ts";
import { listAccessRefusals, listRefusals } from "./list-refusals.ts";
import { readRefusalLogLimit } from "./refusal-log-limit.ts";

export interface SecurityDeps {
  readonly settings: CommandSettings<ServerOptions>;
  readonly env: Environment;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
}

/** What secures the port that sinks connect to. Disposing it stops the watch over its files. */
export interface Security extends AsyncDisposable {
  /** For `listen`; plaintext without. */
  readonly tls: TlsSettings | undefined;
  /** What sinks are shown at first. */
  readonly certificate: X509Certificate | undefined;
  /** Stands before the methods that give configuration. */
  readonly guard: Guard;
  /** Has the server take over what the files come to hold; what can't be used is listed among the problems. */
  follow(server: GrpcServer, problems: ProblemList): void;
  /** Looks at the files now instead of in a while. */
  look(): Promise<void>;
}

/** Reads certificates and access list as the settings name them. @throws GalleyError when they can't be used. */
export async function openSecurity(deps: SecurityDeps): Promise<Security> {
  if (deps.settings.values.insecure) return plaintext(deps);
  const credentials = await readCredentials(deps);
  readExpiry(deps.metrics, credentials);
  const access = await readAccessList(deps).catch(async (error: unknown) => {
    await credentials[Symbol.asyncDispose]();
    throw error;
  });
  const guard = guardWith(deps, (peer) => judgePeer(access.list, peer));
  return {
    tls: credentials.tls,
    certificate: credentials.certificate,
    guard,
    follow(server, problems) {
      readConnections(deps.metrics, server);
      credentials.follow((replaced) => server.setCredentials(replaced));
      access.onChange(() => {
        guard.recheck();
        server.recheck();
      });
      listRefusals(credentials, problems, "server");
      listAccessRefusals(access, problems);
    },
    async look() {
      await Promise.all([credentials.look(), access.look()]);
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([credentials[Symbol.asyncDispose](), access[Symbol.asyncDispose]()]);
    },
  };
}

/** Everybody is served, at the same pace. */
function plaintext(deps: SecurityDeps): Security {
  return {
    tls: undefined,
    certificate: undefined,
    guard: guardWith(deps, () => allowed),
    follow: (server) => readConnections(deps.metrics, server),
    look: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

function guardWith(
  { env, clock, log, metrics }: SecurityDeps,
  judge: ConstructorParameters<typeof Guard>[0]["judge"],
): Guard {
  const { limit, notices } = readRefusalLogLimit(env);
  for (const notice of notices) log.warn(notice);
  const guard = new Guard({ judge, clock, log, refusalLog: limit, observer: refusalMetrics(metrics) });
  readWaiting(metrics, guard);
  return guard;
}

async function readCredentials({ settings, clock, log, metrics }: SecurityDeps): Promise<CredentialKeeper> {
  const { tlsCertFile: cert, tlsKeyFile: key, caCertFile: ca } = settings.values;
  const observer = reloadMetrics(metrics, "credentials");
  const opened = await openCredentials({ files: { cert, key, ca }, clock, log, observer });
  if (opened.ok) return opened.keeper;
  const { faults } = opened;
  const isBare = faults.length === 3 && faults.every(({ code }) => code.endsWith("-missing"));
  const message = isBare
    ? `there are no certificates to serve with: ${ca}, ${key} and ${cert} don't exist`
    : `TLS can't be set up: ${faults.map((fault) => fault.message).join("; ")}`;
  const remedy = isBare ? "put them there" : faults[0]!.remedy;
  throw new GalleyError("GLY_NO_TLS", message, {
    hint:
      `${remedy}; --ca-cert-file, --tls-key-file and --tls-cert-file name other files, ` +
      "and --insecure serves plaintext instead",
  });
}

async function readAccessList({ settings, clock, log, metrics }: SecurityDeps): Promise<AccessListKeeper> {
  const file = settings.values.accessListFile;
  const observer = reloadMetrics(metrics, "access-list");
  // It stands on all of YAML, which nobody needs who serves plaintext.
  const { openAccessList } = await import("../../grpc/access/keeper.ts");
  const opened = await openAccessList({ file, expected: settings.isGiven("accessListFile"), clock, log, observer });
  if (opened.ok) return opened.keeper;
  throw new GalleyError("GLY_ACCESS_LIST", `access list ${file} can't be used: ${opened.reason}`);
}

import { GalleyError } from "../../lib/errors.ts";
import { isPlainObject } from "../../wire/transcode/describe.ts";
import { httpGet } from "../status/http-get.ts";
import type { MeshDocument } from "./mesh-document.ts";

/** Where a running istiod is asked. */
export interface IstiodAddress {
  readonly host: string;
  readonly port: number;
}

/** A mesh config of a hundred pages is some 100 KB. */
const MAX_BYTES = 8 * 1024 * 1024;
const DEFAULT_PORT = 15_014;

/** Reads `http://HOST:PORT`, also without the scheme or the port; throws `GalleyError` if it is neither. */
export function parseIstiod(text: string): IstiodAddress {
  const url = URL.canParse(withScheme(text)) ? new URL(withScheme(text)) : undefined;
  const isPlain = url?.protocol === "http:" && url.username === "" && url.pathname === "/" && url.search === "";
  if (!isPlain) {
    throw new GalleyError("GLY_VALUE", `--istiod=${text}: expected http://HOST:PORT`, {
      hint: "forward the port of an istiod in Kubernetes, then give --istiod=http://127.0.0.1:15014",
    });
  }
  return {
    host: url.hostname.replace(/^\[(.*)\]$/u, "$1"),
    port: /:80\/?$/u.test(withScheme(text)) ? 80 : Number(url.port || DEFAULT_PORT),
  };
}

function withScheme(text: string): string {
  return text.includes("://") ? text : `http://${text}`;
}

/**
 * Asks a running istiod for the mesh config that it works with, and for its version. Throws `GalleyError` if it doesn't tell
 * its mesh config within the time.
 */
export async function readIstiod({ host, port }: IstiodAddress, timeoutMs: number): Promise<MeshDocument> {
  const name = `${host.includes(":") ? `[${host}]` : host}:${port}`;
  const get = (path: string): ReturnType<typeof httpGet> =>
    httpGet({ host, port, path, timeoutMs, maxBytes: MAX_BYTES }).catch((error: unknown) => {
      throw unreachable(name, error);
    });
  const [answer, version] = await Promise.all([get("/debug/mesh"), get("/version").catch(() => undefined)]);
  const mesh = parse(answer.body);
  if (answer.status !== 200 || !isPlainObject(mesh)) throw refused(name, answer.status);
  return {
    what: `istiod at ${name}`,
    mesh,
    file: undefined,
    places: (paths) => paths.map(() => undefined),
    isWritten: false,
    ...(version?.status === 200 ? { version: { text: version.body, toldBy: "its /version" } } : {}),
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const FORWARD = "kubectl -n istio-system port-forward deploy/istiod 15014";

function refused(name: string, status: number): GalleyError {
  // istiod answers debug requests of its own machine alone, unless they are authenticated (pilot/pkg/xds/debug.go).
  const isDenied = status === 401 || status === 403;
  const why = isDenied
    ? `doesn't show its mesh config to others (HTTP status ${status})`
    : `shows no mesh config (HTTP status ${status})`;
  const hint = isDenied
    ? `ask it through its own loopback interface: ${FORWARD}`
    : "give its monitoring port, 15014; where ENABLE_DEBUG_ON_HTTP is false, give the ConfigMap istio instead";
  return new GalleyError("GLY_NOT_EXAMINED", `what answers at ${name} ${why}`, { hint });
}

function unreachable(name: string, cause: unknown): GalleyError {
  const reason = cause instanceof Error ? cause.message || String(cause) : String(cause);
  return new GalleyError("GLY_CONNECT", `no istiod answers at ${name}: ${reason}`, {
    cause,
    hint: `for one in Kubernetes, forward its port first: ${FORWARD}`,
  });
}

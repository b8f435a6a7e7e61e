import { isIPv6 } from "node:net";
import { shorten } from "../terminal/escape.ts";
import { type GoUrl, parseGoUrl } from "./go-url.ts";

/** What istiod makes of the address of a config source. `ignored` names what stands in the address for nothing. */
export type SourceAddress =
  | { readonly kind: "xds"; readonly host: string; readonly port: number; readonly ignored: readonly string[] }
  | { readonly kind: "kubernetes"; readonly ignored: readonly string[] }
  | { readonly kind: "files"; readonly path: string; readonly ignored: readonly string[] }
  | UnusableAddress;

/** An address from which istiod gets nothing. */
interface UnusableAddress {
  readonly kind: "unusable";
  readonly id:
    | "address-missing"
    | "address-invalid"
    | "address-scheme-unknown"
    | "address-without-port"
    | "files-without-path"
    | "kubernetes-path-unsupported";
  /** Whether istiod ends because of it; otherwise it goes on without the source. */
  readonly isFatal: boolean;
  readonly why: string;
  readonly remedy: string;
}

const XDS_REMEDY = "write xds://HOST:PORT, the address at which Galley serves xDS";

/** Reads an address as istiod does (pilot/pkg/bootstrap/configcontroller.go, initConfigSources). */
export function readAddress(text: string): SourceAddress {
  if (text === "") return unusable("address-missing", false, "the address is empty", XDS_REMEDY);
  const parsed = parseGoUrl(text);
  if (!parsed.ok) return unusable("address-invalid", true, `the address is no URL: ${parsed.why}`, XDS_REMEDY);
  switch (parsed.url.scheme) {
    case "xds":
      return readXds(parsed.url);
    case "k8s":
      return readKubernetes(parsed.url);
    case "fs":
      return readFiles(parsed.url);
    default:
      return unusable("address-scheme-unknown", false, whyUnknown(parsed.url), XDS_REMEDY);
  }
}

function readXds(url: GoUrl): SourceAddress {
  const { host, port, why } = splitHostPort(url.host);
  if (url.opaque !== "") {
    return unusable("address-without-port", true, "without // behind xds: the host and port aren't seen", XDS_REMEDY);
  }
  if (why !== undefined) return unusable("address-without-port", true, why, XDS_REMEDY);
  const path = url.path === "" ? [] : [`the path ${cut(url.path)}`];
  return { kind: "xds", host, port, ignored: [...path, ...othersOf(url)] };
}

/** As `net.SplitHostPort` of Go, which the dialler calls. */
function splitHostPort(text: string): { readonly host: string; readonly port: number; readonly why?: string } {
  const match = /^(?:\[([^\]]*)\]|([^:]*)):(\d*)$/u.exec(text);
  const [host, port] = [match?.[1] ?? match?.[2] ?? "", Number(match?.[3] ?? "")];
  const fail = (why: string): { host: string; port: number; why: string } => ({ host, port, why });
  if (match === null) {
    if (text === "") return fail("there is no host and no port");
    if (isIPv6(text.replace(/:\d+$/u, "")) && !text.startsWith("[")) {
      return fail("an IPv6 address needs brackets, as in xds://[::1]:15010");
    }
    return fail("there is no port, and no port is taken for granted");
  }
  if (port === 0) return fail(match[3] === "" ? "there is no port behind the colon" : "port 0 is none to connect to");
  return port > 65_535 ? fail(`the port ${port} is beyond 65535`) : { host, port };
}

function readKubernetes(url: GoUrl): SourceAddress {
  if (url.path !== "" && url.path !== "/") {
    const why = `a k8s:// address with the path ${cut(url.path)} is not implemented in istiod`;
    return unusable("kubernetes-path-unsupported", false, why, "write k8s:// for the cluster that istiod runs in");
  }
  const host = url.host === "" ? [] : [`the host ${cut(url.host)}`];
  return { kind: "kubernetes", ignored: [...host, ...othersOf(url)] };
}

function readFiles(url: GoUrl): SourceAddress {
  if (url.path === "") {
    return unusable(
      "files-without-path",
      true,
      "an fs:// address needs a path",
      "write fs:///PATH, with three slashes",
    );
  }
  const host = url.host === "" ? [] : [`the host ${cut(url.host)}`];
  return { kind: "files", path: url.path, ignored: [...host, ...othersOf(url)] };
}

function whyUnknown({ scheme, opaque }: GoUrl): string {
  const known = "where xds://, k8s:// or fs:// is expected";
  if (scheme === "") return `the address has no scheme, ${known}`;
  if (/^\d{1,5}$/u.test(opaque)) return `the host ${cut(scheme)} stands in the place of the scheme, ${known}`;
  return `the address begins with ${cut(scheme)}:, ${known}`;
}

function othersOf({ others }: GoUrl): readonly string[] {
  return others.map((part) => (part === "user" ? "what stands before @" : `the ${part}`));
}

function unusable(id: UnusableAddress["id"], isFatal: boolean, why: string, remedy: string): UnusableAddress {
  return { kind: "unusable", id, isFatal, why, remedy };
}

function cut(text: string): string {
  return shorten(text, 80);
}

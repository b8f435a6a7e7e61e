import { clip } from "../../wire/issue.ts";

/** The parts of a URL that istiod looks at, as the parser of Go's net/url finds them. */
export interface GoUrl {
  /** In lower case; empty where there is none. */
  readonly scheme: string;
  /** Host and port as written, user information cut off. */
  readonly host: string;
  readonly path: string;
  /** What follows a scheme that no slash follows, as in `xds:host:1`: Go then sees neither host nor path. */
  readonly opaque: string;
  /** What else is there, by the name that people know it by. */
  readonly others: readonly ("user" | "query" | "fragment")[];
}

/** A URL taken apart, or why Go refuses it. */
export type ParsedGoUrl = { readonly ok: true; readonly url: GoUrl } | { readonly ok: false; readonly why: string };

/** Takes a URL apart as `url.Parse` of Go does: istiod reads the addresses of config sources with it. */
export function parseGoUrl(text: string): ParsedGoUrl {
  if (text.split("").some((character) => character < " " || character === "\u007f")) {
    return refuse("it holds a control character");
  }
  const [beforeFragment, fragment] = cut(text, "#");
  if (beforeFragment.startsWith(":")) return refuse("the scheme before the colon is missing");
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):/u.exec(beforeFragment)?.[1] ?? "";
  const [rest, query] = cut(scheme === "" ? beforeFragment : beforeFragment.slice(scheme.length + 1), "?");
  const others = [
    ...(query === undefined ? [] : ["query" as const]),
    ...(fragment === undefined ? [] : ["fragment" as const]),
  ];
  const url = { scheme: scheme.toLowerCase(), host: "", path: "", opaque: "", others };
  if (!rest.startsWith("/")) {
    if (scheme !== "") return accept({ ...url, opaque: rest });
    if (cut(rest, "/")[0].includes(":")) return refuse("there is no scheme, and a colon in the first part");
    return accept({ ...url, path: rest });
  }
  const isAuthority = rest.startsWith("//") && (scheme !== "" || !rest.startsWith("///"));
  const slash = isAuthority ? rest.indexOf("/", 2) : 0;
  const path = slash < 0 ? "" : rest.slice(slash);
  if (/%(?![0-9A-Fa-f]{2})/u.test(path)) return refuse("a % in its path isn't followed by two hexadecimal digits");
  if (!isAuthority) return accept({ ...url, path });
  const authority = rest.slice(2, slash < 0 ? undefined : slash);
  const at = authority.lastIndexOf("@");
  const host = authority.slice(at + 1);
  const why = faultOfHost(host);
  if (why !== undefined) return refuse(why);
  return accept({ ...url, host, path, others: at < 0 ? others : ["user", ...others] });
}

function faultOfHost(host: string): string | undefined {
  const bracket = host.startsWith("[") ? host.lastIndexOf("]") : undefined;
  if (bracket === -1) return "the bracket of its IPv6 host isn't closed";
  const port = bracket === undefined ? (/:[^:]*$/u.exec(host)?.[0] ?? "") : host.slice(bracket + 1);
  if (!/^(?::\d*)?$/u.test(port)) return `the port ${clip(port.replace(/^:/u, ""))} is no number`;
  if (/[\u0020"<>\\^`{|}%/?#]/u.test(bracket === undefined ? host : host.replaceAll("%25", ""))) {
    return "its host holds a character that no host has";
  }
  return undefined;
}

function cut(text: string, mark: string): readonly [before: string, after: string | undefined] {
  const at = text.indexOf(mark);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

function accept(url: GoUrl): ParsedGoUrl {
  return { ok: true, url };
}

function refuse(why: string): ParsedGoUrl {
  return { ok: false, why };
}

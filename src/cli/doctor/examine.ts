import { checkAddresses } from "./checks/addresses.ts";
import { checkRelease } from "./checks/release.ts";
import { checkResources } from "./checks/resources.ts";
import { checkSizes } from "./checks/sizes.ts";
import { checkSources } from "./checks/sources.ts";
import { checkTls } from "./checks/tls.ts";
import { checkValues } from "./checks/values.ts";
import type { Examined } from "./examined.ts";
import type { Finding } from "./finding.ts";

/** Everything that is to be said without connecting to anything. */
export function examine(examined: Examined): readonly Finding[] {
  const isOfMcp = examined.istiod.release?.protocol === "mcp";
  return [
    ...checkValues(examined),
    ...checkSources(examined),
    ...checkAddresses(examined),
    // An istiod that doesn't know xds:// has no TLS for it either.
    ...(isOfMcp ? [] : checkTls(examined)),
    ...checkRelease(examined),
    ...checkSizes(examined),
    ...checkResources(examined),
  ];
}

/** Deepest nesting of messages, lists and objects in one resource; deeper configuration is a mistake or an attack. */
export const MAX_DEPTH = 100;

/** Largest encoded body of one resource, in bytes. gRPC peers of Istio 1.3 take messages of 4 MiB by default. */
export const MAX_RESOURCE_BYTES: number = 4 * 1024 * 1024;

/**
 * Most values visited in one resource. A YAML alias shares an object at no cost, so a document of a few lines can unfold
 * into billions of values; the walk gives up long before that.
 */
export const MAX_NODES = 500_000;

/** Most errors, and most issues of other kinds, kept of one resource; what comes after is only counted. */
export const MAX_ISSUES = 100;

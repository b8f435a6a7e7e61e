/** A Kubernetes object as code writes it down; it is validated whatever its type says. */
export interface ResourceDocument {
  /** Such as `networking.istio.io/v1`. */
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    /** RFC 3339. */
    readonly creationTimestamp?: string;
  };
  readonly spec?: unknown;
}

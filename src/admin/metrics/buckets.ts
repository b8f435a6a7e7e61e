/** Upper bounds of histogram buckets, by what they measure. */
export const buckets = {
  /** Powers of four up to a gibibyte. */
  bytes: [
    1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864, 268435456, 1073741824,
  ],
  /** Powers of two up to 2.3 hours. 8193 is how Galley 1.3.6 spells 8192; stored series keep their bounds this way. */
  milliseconds: [
    1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8193, 16384, 32768, 65536, 131072, 262144, 524288, 1048576,
    2097152, 4194304, 8388608,
  ],
  events: [1, 2, 4, 8, 16, 32, 64, 128, 256],
} as const;

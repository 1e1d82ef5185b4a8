import { Counter, Gauge, openMetricsContentType, prometheusContentType, Registry } from "prom-client";
import { printable } from "../strings/printable.js";
import { FAMILIES, type FamilyName } from "./families.js";
import type { Labels } from "./series.js";

export interface Sample {
  readonly labels: Labels;
  readonly value: number;
}

export type Samples = ReadonlyMap<FamilyName, Iterable<Sample>>;

/** The content type of the plain text form. */
export const TEXT_FORM = prometheusContentType;
export const OPEN_METRICS_FORM = openMetricsContentType;
export type MetricsForm = typeof TEXT_FORM | typeof OPEN_METRICS_FORM;

/** All metrics as text. Control characters in a server's names cannot reach the reader's terminal. */
export async function metricsText(samples: Samples, form: MetricsForm): Promise<string> {
  const registry = new Registry<MetricsForm>();
  registry.setContentType(form);
  for (const [name, { type, help, labels: labelNames }] of Object.entries(FAMILIES)) {
    const ofFamily = samples.get(name as FamilyName) ?? [];
    const options = { name, help, labelNames, registers: [registry] };
    // The library would write an uncounted 0 for a metric without labels; all of these have labels.
    const metric = type === "counter" ? new Counter(options) : new Gauge(options);
    for (const { labels, value } of ofFamily) {
      const shown = Object.fromEntries(labelNames.map((label) => [label, printable(labels[label] ?? "")]));
      metric.inc(shown, value);
    }
  }
  return await registry.metrics();
}

import { Counter, Gauge, openMetricsContentType, prometheusContentType, Registry } from "prom-client";
import { printable } from "../strings/printable.js";
import { FAMILIES, type FamilyName } from "./families.js";
import type { Labels } from "./series.js";

export interface Sample {
  readonly labels: Labels;
  readonly value: number;
}

export type Samples = ReadonlyMap<FamilyName, Iterable<Sample>>;

/** A text form of metrics, by the type that HTTP calls it. */
export const TEXT_FORM = prometheusContentType;
export const OPEN_METRICS_FORM = openMetricsContentType;
export type MetricsForm = typeof TEXT_FORM | typeof OPEN_METRICS_FORM;

/** All metrics as a text. What a server called its tables cannot drive the terminal of who reads it. */
export async function metricsText(samples: Samples, form: MetricsForm): Promise<string> {
  const registry = new Registry<MetricsForm>();
  registry.setContentType(form);
  for (const [name, { type, help, labels: labelNames }] of Object.entries(FAMILIES)) {
    const ofFamily = samples.get(name as FamilyName) ?? [];
    const options = { name, help, labelNames, registers: [registry] };
    // One without labels would begin with a 0 that nobody has counted; all have some.
    const metric = type === "counter" ? new Counter(options) : new Gauge(options);
    for (const { labels, value } of ofFamily) {
      const shown = Object.fromEntries(labelNames.map((label) => [label, printable(labels[label] ?? "")]));
      metric.inc(shown, value);
    }
  }
  return await registry.metrics();
}

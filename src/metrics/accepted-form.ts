import { type MetricsForm, OPEN_METRICS_FORM, TEXT_FORM } from "./exposition.js";

/** The form that the `Accept` header of a request prefers; if it prefers none, plain text. */
export function acceptedForm(accept: string | undefined): MetricsForm {
  let [openMetrics, text] = [0, 0];
  for (const range of (accept ?? "").split(",").slice(0, MOST_RANGES)) {
    const [type = "", ...parameters] = range.split(";").map((part) => part.trim().toLowerCase());
    const quality = parameters.find((part) => part.startsWith("q="));
    const weight = quality === undefined ? 1 : Number(quality.slice(2)) || 0;
    if (type === "application/openmetrics-text") openMetrics = Math.max(openMetrics, weight);
    else if (type === "text/plain") text = Math.max(text, weight);
  }
  return openMetrics > text ? OPEN_METRICS_FORM : TEXT_FORM;
}

/** Maximum of content types that are read from the header. */
const MOST_RANGES = 100;

import { spawnSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { parser } from "@prometheus-io/lezer-promql";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { metricsText, TEXT_FORM } from "../../src/metrics/exposition.js";
import { FAMILIES, type FamilyName } from "../../src/metrics/families.js";

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string };
}

/** What a query names; `faults` are the places where it is no PromQL. */
function readQuery(query: string) {
  const [metrics, labels, faults]: [Set<string>, Set<string>, string[]] = [new Set(), new Set(), []];
  parser.parse(query).iterate({
    enter({ name, from, to, type }) {
      const text = query.slice(from, to);
      if (type.isError) faults.push(`${text} at ${from}`);
      if (name === "Identifier" && query.slice(0, from).match(/(^|[^"\w])$/)) {
        if (text.startsWith("scylla_")) metrics.add(text);
      }
      if (name === "LabelName") labels.add(text);
    },
  });
  return { metrics: [...metrics], labels: [...labels], faults };
}

/** Every metric is written, whether there is any of it or not. */
const written = new Set(
  [...(await metricsText(new Map(), TEXT_FORM)).matchAll(/^# TYPE (\S+) /gm)].map(([, name]) => name),
);

const rules: Rule[] = parse(await readFile("contrib/prometheus/scylla-tasks-alerts.yaml", "utf8")).groups.flatMap(
  (group: { rules: Rule[] }) => group.rules,
);

const dashboard = JSON.parse(await readFile("contrib/grafana/scylla-tasks.json", "utf8"));

test("the parser rejects what is not PromQL", () => {
  expect(readQuery("sum by (a (b)").faults).not.toEqual([]);
  expect(readQuery('scylla_tasks_up{cluster="a"}')).toEqual({
    metrics: ["scylla_tasks_up"],
    labels: ["cluster"],
    faults: [],
  });
});

function check(query: string): void {
  const { metrics, labels, faults } = readQuery(query);
  expect(faults, query).toEqual([]);
  expect(metrics.length, query).toBeGreaterThan(0);
  const known = new Set(metrics.flatMap((name) => FAMILIES[name as FamilyName]?.labels ?? []));
  for (const name of metrics) expect(written, query).toContain(name);
  for (const label of labels) expect(known, query).toContain(label);
}

describe("alert rules", () => {
  test.each(rules.map((rule) => [rule.alert, rule] as const))("%s", (_, rule) => {
    check(rule.expr);
    expect(rule.for ?? "5m").toMatch(/^\d+[smhd]$/);
    expect(["critical", "warning", "info"]).toContain(rule.labels.severity);
    expect(rule.annotations.summary).not.toBe("");
    const named = [...JSON.stringify(rule.annotations).matchAll(/\$labels\.(\w+)/g)].map(
      ([, label]) => label as string,
    );
    const [, by] = /\bby \(([^)]*)\)/.exec(rule.expr) ?? [];
    const there =
      by?.split(", ") ?? readQuery(rule.expr).metrics.flatMap((name) => FAMILIES[name as FamilyName].labels);
    for (const label of named) expect(there).toContain(label);
  });

  test.runIf(spawnSync("promtool", ["--version"]).status === 0)(
    "promtool finds that each alerts when it should",
    () => {
      const run = (...args: string[]) => spawnSync("promtool", args, { cwd: "contrib/prometheus", encoding: "utf8" });
      expect(run("check", "rules", "scylla-tasks-alerts.yaml")).toMatchObject({ status: 0, stderr: "" });
      expect(run("test", "rules", "scylla-tasks-alerts.test.yaml")).toMatchObject({ status: 0, stderr: "" });
    },
  );

  test("are each tested for alerting and for not alerting", async () => {
    const { tests } = parse(await readFile("contrib/prometheus/scylla-tasks-alerts.test.yaml", "utf8"), {
      merge: true,
    });
    const cases: { alertname: string; exp_alerts?: unknown[] }[] = tests.flatMap(
      (one: { alert_rule_test: unknown[] }) => one.alert_rule_test,
    );
    for (const { alert } of rules) {
      const own = cases.filter(({ alertname }) => alertname === alert);
      expect(new Set(own.map(({ exp_alerts = [] }) => exp_alerts.length > 0)), alert).toEqual(new Set([true, false]));
    }
  });

  test("have unique names", () => expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length));
});

describe("the dashboard", () => {
  const targets = dashboard.panels.flatMap((panel: { title: string; targets: { expr: string }[] }) =>
    panel.targets.map(({ expr }) => [panel.title, expr] as const),
  );
  test.each(targets as [string, string][])("%s", (_, expr) => check(expr.replaceAll("$__rate_interval", "5m")));

  test("has variables for existing labels, and panels with unique names", () => {
    for (const { definition, type } of dashboard.templating.list) {
      if (type !== "query") continue;
      const [, query = "", label = ""] = /^label_values\((.*), (\w+)\)$/.exec(definition) ?? [];
      check(query);
      expect(readQuery(query).metrics.flatMap((name) => FAMILIES[name as FamilyName].labels)).toContain(label);
    }
    const titles = dashboard.panels.map(({ title }: { title: string }) => title);
    expect(new Set(titles).size).toBe(titles.length);
  });
});

/** What a check found. */
export interface Finding {
  readonly check: string;
  /** `note`: worth knowing, and nothing wrong. */
  readonly result: "ok" | "note" | "wrong";
  readonly detail: string;
  /** What to do next; empty where nothing is to be done. */
  readonly advice: string;
}

export const ok = (check: string, detail: string): Finding => ({ check, result: "ok", detail, advice: "" });

export const note = (check: string, detail: string, advice = ""): Finding => ({
  check,
  result: "note",
  detail,
  advice,
});

export const wrong = (check: string, detail: string, advice: string): Finding => ({
  check,
  result: "wrong",
  detail,
  advice,
});

export const anyWrong = (findings: readonly Finding[]) => findings.some(({ result }) => result === "wrong");

/** A request that is refused before it reaches the task manager. */
export class Refusal extends Error {
  override readonly name = "Refusal";

  constructor(
    readonly statusCode: number,
    message: string,
  ) {
    super(message);
  }
}

/** An answer with an error status that is not an error of the task manager, such as one about a parameter. */
export class HttpError extends Error {
  override readonly name = "HttpError";

  constructor(
    readonly statusCode: number,
    message: string,
  ) {
    super(message);
  }
}

/** What an API call ends with when it does not succeed: the HTTP status is the error code (ApiErrorCode). */
export class ApiError extends Error {
  readonly code: number
  /** The code of the exception's class (CSExceptionErrorCode); 9999: none of its own. */
  readonly cserrorcode: number

  constructor(code: number, message: string, cserrorcode = 9999) {
    super(message)
    this.name = 'ApiError'
    this.code = code
    this.cserrorcode = cserrorcode
  }
}

export const UNAUTHORIZED = 401
export const PARAMETER = 431
export const UNSUPPORTED = 432
export const INTERNAL = 530
export const NO_CAPACITY = 533
export const IN_USE = 536

/** InvalidParameterValueException: by far the most frequent one. */
export function invalid(message: string): ApiError {
  return new ApiError(PARAMETER, message, 4350)
}

/** CloudRuntimeException. */
export function failed(message: string): ApiError {
  return new ApiError(INTERNAL, message, 4250)
}

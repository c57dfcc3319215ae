/** Messages of DMTF's Base registry (DSP8011) that the service says, with `%1` for their arguments. */
const BASE = {
  Success: ['OK', 'The request completed successfully.', 'None.'],
  NoOperation: [
    'Warning',
    'The request body submitted contained no data to act upon and no changes to the resource took place.',
    'Add properties in the JSON object and resubmit the request.',
  ],
  GeneralError: [
    'Critical',
    'A general error has occurred. See Resolution for information on how to resolve the error.',
    'None.',
  ],
  InternalError: [
    'Critical',
    'The request failed due to an internal service error. The service is still operational.',
    'Resubmit the request. If the problem persists, consider resetting the service.',
  ],
  ServiceTemporarilyUnavailable: [
    'Critical',
    'The service is temporarily unavailable. Retry in %1 seconds.',
    'Wait for the indicated retry duration and retry the operation.',
  ],
  MalformedJSON: [
    'Critical',
    'The request body submitted was malformed JSON and could not be parsed by the receiving service.',
    'Ensure that the request body is valid JSON and resubmit the request.',
  ],
  UnrecognizedRequestBody: [
    'Warning',
    'The service detected a malformed request body that it was unable to interpret.',
    'Correct the request body and resubmit the request if it failed.',
  ],
  PropertyUnknown: [
    'Warning',
    'The property %1 is not in the list of valid properties for the resource.',
    'Remove the unknown property from the request body and resubmit the request if the operation failed.',
  ],
  PropertyNotWritable: [
    'Warning',
    'The property %1 is a read-only property and cannot be assigned a value.',
    'Remove the property from the request body and resubmit the request if the operation failed.',
  ],
  PropertyValueTypeError: [
    'Warning',
    "The value '%1' for the property %2 is not a type that the property can accept.",
    'Correct the value for the property in the request body and resubmit the request if the operation failed.',
  ],
  PropertyValueNotInList: [
    'Warning',
    "The value '%1' for the property %2 is not in the list of acceptable values.",
    'Choose a value from the enumeration list that the implementation can support and resubmit the request if the operation failed.',
  ],
  PropertyValueOutOfRange: [
    'Warning',
    "The value '%1' for the property %2 is not in the supported range of acceptable values.",
    'Correct the value for the property in the request body and resubmit the request if the operation failed.',
  ],
  PropertyMissing: [
    'Warning',
    'The property %1 is a required property and must be included in the request.',
    'Ensure that the property is in the request body and has a valid value and resubmit the request if the operation failed.',
  ],
  ActionParameterMissing: [
    'Critical',
    'The action %1 requires the parameter %2 to be present in the request body.',
    'Supply the action with the required parameter in the request body when the request is resubmitted.',
  ],
  ActionParameterValueNotInList: [
    'Warning',
    "The value '%1' for the parameter %2 in the action %3 is not in the list of acceptable values.",
    'Choose a value from the enumeration list that the implementation can support and resubmit the request if the operation failed.',
  ],
  ActionParameterValueConflict: [
    'Warning',
    "The parameter %1 with the requested value of '%2' does not meet the constraints of the implementation.",
    'Submit the action again with valid parameters.',
  ],
  ResourceMissingAtURI: [
    'Critical',
    "The resource at the URI '%1' was not found.",
    'Place a valid resource at the URI or correct the URI and resubmit the request.',
  ],
  ResourceAlreadyExists: [
    'Critical',
    "The requested resource of type %1 with the property %2 with the value '%3' already exists.",
    'Do not repeat the create operation as the resource was already created.',
  ],
  ResourceCannotBeDeleted: [
    'Critical',
    'The delete request failed because the resource requested cannot be deleted.',
    'Do not attempt to delete a non-deletable resource.',
  ],
  CreateLimitReachedForResource: [
    'Critical',
    'The create operation failed because the resource has reached the limit of possible resources.',
    'Either delete resources and resubmit the request if the operation failed or do not resubmit the request.',
  ],
  OperationNotAllowed: ['Warning', 'The HTTP method is not allowed on this resource.', 'None.'],
  NoValidSession: [
    'Critical',
    'There is no valid session established with the implementation.',
    'Establish a session before attempting any operations.',
  ],
  InsufficientPrivilege: [
    'Critical',
    'There are insufficient privileges for the account or credentials associated with the current session to perform the requested operation.',
    'Either abandon the operation or change the associated access rights and resubmit the request if the operation failed.',
  ],
  SessionLimitExceeded: [
    'Critical',
    'The session establishment failed due to the number of simultaneous sessions exceeding the limit of the implementation.',
    'Reduce the number of other sessions before trying to establish the session or increase the limit of simultaneous sessions, if supported.',
  ],
  PasswordChangeRequired: [
    'Critical',
    "The password provided for this account must be changed before access is granted. PATCH the Password property for this account located at the target URI '%1' to complete this process.",
    'Change the password for this account using a PATCH to the Password property at the URI provided.',
  ],
  PreconditionFailed: [
    'Critical',
    'The ETag supplied did not match the ETag required to change this resource.',
    'Try the operation again using the appropriate ETag.',
  ],
  PreconditionRequired: [
    'Critical',
    'A precondition header or annotation is required to change this resource.',
    'Try the operation again using an If-Match or If-None-Match header and appropriate ETag.',
  ],
  HeaderInvalid: ['Critical', "Header '%1' is invalid.", 'Resubmit the request with a valid request header.'],
  QueryNotSupported: [
    'Warning',
    'Querying is not supported by the implementation.',
    'Remove the query parameters and resubmit the request if the operation failed.',
  ],
} as const satisfies Record<string, readonly [severity: string, text: string, resolution: string]>

export type MessageKey = keyof typeof BASE
export const REGISTRY = 'Base.1.18'

/** One entry of an `@Message.ExtendedInfo`. */
export interface Message {
  '@odata.type': '#Message.v1_2_0.Message'
  MessageId: string
  Message: string
  MessageArgs: string[]
  MessageSeverity: string
  Resolution: string
  RelatedProperties?: string[]
}

export function message(key: MessageKey, ...args: string[]): Message {
  const [severity, text, resolution] = BASE[key]
  return {
    '@odata.type': '#Message.v1_2_0.Message',
    MessageId: `${REGISTRY}.${key}`,
    Message: text.replaceAll(/%(\d)/g, (_, number: string) => args[Number(number) - 1] ?? ''),
    MessageArgs: args,
    MessageSeverity: severity,
    Resolution: resolution,
  }
}

/** The same, about a property by its path in the request: `Boot/BootSourceOverrideTarget`. */
export function aboutProperty(path: string, key: MessageKey, ...args: string[]): Message {
  return { ...message(key, ...args), RelatedProperties: [`#/${path}`] }
}

/** Ends a request with this status and an error body (DSP0266, "Error responses"). */
export class RedfishError extends Error {
  readonly status: number
  readonly messages: readonly Message[]
  readonly headers: Record<string, string>

  constructor(status: number, messages: readonly Message[], headers: Record<string, string> = {}) {
    super(messages.map((one) => one.Message).join(' '))
    this.name = 'RedfishError'
    this.status = status
    this.messages = messages
    this.headers = headers
  }
}

export function errorBody(messages: readonly Message[]): Record<string, unknown> {
  const [only] = messages
  const general = message('GeneralError')
  const first = messages.length === 1 && only !== undefined ? only : general
  return { error: { code: first.MessageId, message: first.Message, '@Message.ExtendedInfo': messages } }
}

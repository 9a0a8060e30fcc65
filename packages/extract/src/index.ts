export {
  EXTRACT_ERRORS,
  ExtractError,
  type ExtractErrorCode,
  OMISSIONS,
  type OmissionCode,
  REFUSALS,
  type RefusalCode
} from './errors.ts'
export type {
  ExtractContext,
  Extraction,
  Found,
  LeftOut,
  MailAttachment,
  Place,
  Refused
} from './extraction.ts'
export { looksLikeMail } from './looks-like-mail.ts'
export { extractMail, MAX_MAIL } from './mail.ts'
export { createMinimisation, type Minimisation, type Omission } from './minimise.ts'
export { extractText, MAX_TEXT } from './text.ts'

export { type Api, type ApiOptions, createApi, type Listen } from './api.ts'
export { API_ERRORS, ApiError, type ApiErrorCode } from './errors.ts'

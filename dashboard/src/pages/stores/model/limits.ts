/** Limits of the contract. A test compares them with the OpenAPI document. */
export const MAX_NAME_LENGTH = 63;
export const MAX_KEPT_DAYS = 3_650;
export const MAX_UNDELETE_WINDOW_SECONDS = 2_592_000;
export const MAX_PAGE = 100;
export const MAX_EVENT_PAGE = 1_000;

/** Returns the content of a request or a response whose body is JSON. */
export const json = <T>(schema: T) => ({ 'application/json': { schema } });

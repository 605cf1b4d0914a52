import { register } from 'node:module';

// openapi-typescript uses the compiler API of TypeScript 5, which TypeScript 7 does not have.
const hook = `export const resolve = (specifier, context, next) => next(specifier === 'typescript' ? 'typescript-5' : specifier, context);`;
register(`data:text/javascript,${encodeURIComponent(hook)}`);

import type { ReactNode } from 'react';
import { useLanguage, type Language } from './language.tsx';

/** A text, a function that returns one, or a group of texts. */
type Message = string | ((...values: never[]) => ReactNode) | { readonly [key: string]: Message };

/** The same keys and functions with texts of another language. */
type Translated<T> = {
  readonly [Key in keyof T]: T[Key] extends (...values: infer Values) => infer Result
    ? (...values: Values) => Result extends string ? string : Result
    : T[Key] extends string
      ? string
      : Translated<T[Key]>;
};

/** The texts of a feature in each language. */
export type Texts<T> = Readonly<Record<Language, Translated<T>>>;

/** Defines the texts of a feature. A language that lacks a text, or has one too many, is a type error. */
export function defineTexts<T extends { readonly [key: string]: Message }>(texts: {
  readonly en: T;
  readonly de: NoInfer<Translated<T>>;
}): Texts<T> {
  // English has the keys and functions of itself.
  return texts as unknown as Texts<T>;
}

/** Returns the texts of a feature in the language of the person. */
export function useTexts<T>(texts: Texts<T>): Translated<T> {
  return texts[useLanguage().language];
}
